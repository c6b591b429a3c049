"""What is found out of this machine, held against what it says of itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import needs
from lading.build import isolation
from lading.errors import UnavailableError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@as_root
@needs.tool("crun")
def test_root(tmp_path: Path) -> None:
    found = isolation.probe(tmp_path / "new")
    assert found.runtime == "crun"
    assert Path(found.program).is_absolute()
    assert found.overlay == "native"
    assert found.namespaces
    assert found.new_proc
    assert found.new_network
    assert not found.user_namespace
    assert not found.one_id
    assert list((tmp_path / "new").iterdir()) == []


@as_root
def test_where_the_kernel_cannot_lay_layers(tmp_path: Path) -> None:
    """/dev/shm takes changes on current kernels; /proc takes nothing at all."""
    with pytest.raises(OSError, match="probe-"):
        isolation.probe(Path("/proc"))
    assert list(tmp_path.iterdir()) == []


def test_the_best_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(UnavailableError, match="runc is not installed"):
        isolation.probe(tmp_path / "d", "runc")
    expected = ["chroot", "bwrap", "runc", "crun"]
    for name in expected:
        if name != "chroot":
            (programs / name).touch(0o755)
        found = isolation.probe(tmp_path / "d")
        assert found.runtime == (name if found.new_proc else "chroot")
    assert isolation.probe(tmp_path / "d", "chroot").runtime == "chroot"
