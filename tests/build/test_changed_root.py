"""Starting a command by a changed root; what it runs is tested with the other ways (test_run.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

import needs
from lading.build.changed_root import ChangedRoot
from lading.build.run_spec import Isolation, RunSpec
from lading.errors import UnavailableError

pytestmark = needs.root()


@pytest.mark.parametrize(
    ("cwd", "message"),
    [("/no where", "the directory /no where: No such file"), ("/file", "/file: Not a directory")],
)
def test_why_it_is_not_started(tmp_path: Path, cwd: str, message: str) -> None:
    (tmp_path / "file").write_text("")
    spec = RunSpec(argv=("/bin/true",), work=str(tmp_path), cwd=cwd)
    with pytest.raises(UnavailableError, match=message):
        ChangedRoot(Isolation(runtime="chroot"), None).run(spec, tmp_path, [])
