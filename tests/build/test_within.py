"""Paths within a root: whatever links say, nothing outside is reached; and mount points come and go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.build.within import Stubs, reach
from lading.errors import MalformedError


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    files = tmp_path / "root"
    (files / "etc/deep/deeper").mkdir(parents=True)
    (files / "etc/file").write_text("inside")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/file").write_text("outside")
    for name, target in {
        "absolute": "/etc/file", "above": "../../../../etc/file", "loop": "loop", "round": "/trip", "trip": "round",
        "chain": "absolute", "etc/deep/up": "../..", "dangling": "/not/there", "folder": "etc/deep",
        "out": str(tmp_path / "etc/file"),
    }.items():  # fmt: skip
        (files / name).symlink_to(target)
    descriptor = os.open(files, os.O_PATH | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        ("", "/"), ("/", "/"), ("..", "/"), ("/../..", "/"), ("etc/./file", "/etc/file"), ("etc//file", "/etc/file"),
        ("absolute", "/etc/file"), ("above", "/etc/file"), ("chain", "/etc/file"),
        ("etc/deep/up/etc/file", "/etc/file"), ("folder/deeper/../..", "/etc"), ("folder", "/etc/deep"),
    ],
)  # fmt: skip
def test_reach(root: int, path: str, resolved: str) -> None:
    with reach(root, path) as found:
        assert found.path == resolved
        if resolved == "/etc/file":
            assert Path(found.handle).read_text() == "inside"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nothing", "No such file"), ("dangling", "No such file"), ("out", "No such file"),
        ("etc/file/x", "Not a directory"), ("loop", "symbolic links"), ("round", "symbolic links"),
    ],
)  # fmt: skip
def test_not_reached(root: int, path: str, error: str) -> None:
    before = _open_files()
    with pytest.raises(OSError, match=error), reach(root, path):
        pass
    assert _open_files() == before


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class TestStubs:
    @pytest.mark.parametrize(
        ("target", "resolved", "made"),
        [
            ("/etc/deep", "/etc/deep", []),
            ("/a/b/c", "/a/b/c", ["/a", "/a/b", "/a/b/c"]),
            ("/folder/new", "/etc/deep/new", ["/etc/deep/new"]),
            ("/dangling/x", "/not/there/x", ["/not", "/not/there", "/not/there/x"]),
            ("/a/../b", "/b", ["/a", "/b"]),
            ("/", "/", []),
        ],
    )
    def test_directories(self, root: int, target: str, resolved: str, made: list[str]) -> None:
        files = Path(f"/proc/self/fd/{root}").resolve()
        before = _tree(files)
        with Stubs(root) as stubs:
            assert stubs.make(target, directory=True) == resolved
            assert stubs.paths == made
            assert (files / resolved[1:]).is_dir()
            stubs.remove()
        assert _tree(files) == before

    def test_file(self, root: int) -> None:
        files = Path(f"/proc/self/fd/{root}").resolve()
        before = _tree(files)
        with Stubs(root) as stubs:
            assert stubs.make("/run/x/file", directory=False) == "/run/x/file"
            assert (files / "run/x/file").read_bytes() == b""
            stubs.remove()
        assert _tree(files) == before

    def test_what_is_used_stays(self, root: int) -> None:
        files = Path(f"/proc/self/fd/{root}").resolve()
        with Stubs(root) as stubs:
            stubs.make("/a/b", directory=True)
            stubs.make("/file", directory=False)
            stubs.make("/replaced", directory=False)
            (files / "a/kept").touch()
            (files / "file").write_text("now it is somebody's")
            (files / "replaced").rename(files / "moved")
            (files / "replaced").mkdir()
            os.utime(files / "a", (1, 1))
            stubs.remove()
        assert sorted(path.name for path in (files / "a").iterdir()) == ["kept"]
        assert (files / "a").stat().st_mtime == 1
        assert (files / "file").read_text() == "now it is somebody's"
        assert (files / "replaced").is_dir()

    @pytest.mark.parametrize(
        ("target", "directory", "message"),
        [
            ("/etc/file", True, "is a file in the image"),
            ("/etc", False, "is a directory in the image"),
            ("/etc/file/below", True, "leads through a file"),
            ("/loop/x", True, "end nowhere"),
        ],
    )
    def test_refused(self, root: int, target: str, message: str, *, directory: bool) -> None:
        with Stubs(root) as stubs, pytest.raises(MalformedError, match=message):
            stubs.make(target, directory=directory)


def _tree(folder: Path) -> list[tuple[str, int, int]]:
    found = [folder, *folder.rglob("*")]
    return sorted((str(path), path.lstat().st_mode, path.lstat().st_mtime_ns) for path in found)
