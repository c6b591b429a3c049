"""126 and 127, as a shell has them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.build.program import places, refused, why_not


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/runs").touch(0o755)
    (tmp_path / "bin/plain").touch(0o644)
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr/link").symlink_to("/bin/runs")
    descriptor = os.open(tmp_path, os.O_PATH | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize(
    ("name", "path", "status", "message"),
    [
        ("nothing", "/bin", 127, "nothing: No such file or directory"),
        ("/bin/nothing", "/bin", 127, "/bin/nothing: No such file or directory"),
        ("plain", "/usr:/bin", 126, "plain: Permission denied"),
        ("/bin", "/bin", 126, "/bin: Permission denied"),
        # It is there, and could be run: then what reads it is not.
        ("runs", "/bin", 126, "runs: Exec format error"),
        ("link", "/bin:/usr", 126, "link: Exec format error"),
    ],
)
def test_why_not(root: int, name: str, path: str, status: int, message: str) -> None:
    found = why_not(root, name, {"PATH": path}, "/")
    assert (found.status, found.message) == (status, message)


@pytest.mark.parametrize(
    ("number", "status"),
    [(errno.ENOENT, 127), (errno.ENOTDIR, 127), (errno.EACCES, 126), (errno.ENOEXEC, 126)],
)
def test_refused(number: int, status: int) -> None:
    assert refused("x", number).status == status


@pytest.mark.parametrize(
    ("name", "environ", "expected"),
    [
        ("ls", {"PATH": "/bin:usr"}, ["/bin/ls", "/here/usr/ls"]),
        ("./ls", {"PATH": "/bin"}, ["/here/./ls"]),
        ("ls", {}, [f"{folder}/ls" for folder in ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")]),
    ],
)  # fmt: skip
def test_places(name: str, environ: dict[str, str], expected: list[str]) -> None:
    assert list(places(name, environ, "/here")) == expected
