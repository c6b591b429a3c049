from __future__ import annotations

import os
from pathlib import Path

import pytest

import disk
from lading.build import content, stat_cache
from lading.build.directory_files import DirectoryFiles
from lading.build.stat_cache import StatCache
from lading.dockerfile import dockerignore

SECOND = 10**9


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def _late(path: Path) -> Clock:
    """Return a clock that stands an hour after the last change in `path`."""
    newest = max(one.lstat().st_ctime_ns for one in [path, *path.rglob("*")])
    return Clock(newest + 3600 * SECOND)


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    (root / "d/file").write_text("content")
    (root / "other").write_text("other")
    return root


def _digest(root: Path, place: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, int]:
    """Return the digest, and how many files were read for it."""
    cache = StatCache(place, str(root), clock)
    files = DirectoryFiles(root, cache=cache)
    read: list[str] = []
    monkeypatch.setattr(files._beneath, "digest", disk.noted(files._beneath.digest, read))
    digest = files.digest("")
    cache.save()
    return digest, len(read)


def test_what_is_unchanged_is_not_read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _late(root)
    first, read = _digest(root, tmp_path / "place", clock, monkeypatch)
    assert read == 2
    cache = StatCache(tmp_path / "other", str(root), clock)
    files = DirectoryFiles(root, cache=cache)
    assert files.digest("") == files.digest("") == first
    again = DirectoryFiles(root, dockerignore.patterns(("d",)), cache=cache)
    paths: list[str] = []
    monkeypatch.setattr(again._beneath, "digest", disk.noted(again._beneath.digest, paths))
    again.digest("")
    assert paths == []
    assert _digest(root, tmp_path / "place", clock, monkeypatch) == (first, 0)
    for path in (tmp_path / "place").glob("*/trees.*"):
        path.unlink()
    assert _digest(root, tmp_path / "place", clock, monkeypatch) == (first, 0)


def test_only_what_changed_is_read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = _digest(root, tmp_path / "place", _late(root), monkeypatch)
    (root / "other").write_text("Other")
    second, read = _digest(root, tmp_path / "place", _late(root), monkeypatch)
    assert (read, second != first) == (1, True)
    assert second == DirectoryFiles(root).digest("")


def test_a_change_that_keeps_size_and_time(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (root / "other").stat()
    first, _ = _digest(root, tmp_path / "place", _late(root), monkeypatch)
    (root / "other").write_text("oTher")
    os.utime(root / "other", ns=(known.st_atime_ns, known.st_mtime_ns))
    assert (root / "other").stat().st_mtime_ns == known.st_mtime_ns
    if (root / "other").stat().st_ctime_ns == known.st_ctime_ns:
        pytest.skip("the file system's clock did not tick")
    second, _ = _digest(root, tmp_path / "place", _late(root), monkeypatch)
    assert second != first


def test_what_was_changed_just_now_is_read_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second change within the same tick of the clock would leave the same stamp."""
    clock = Clock((root / "other").stat().st_ctime_ns + SECOND)
    _, read = _digest(root, tmp_path / "place", clock, monkeypatch)
    assert read == 2
    _, read = _digest(root, tmp_path / "place", clock, monkeypatch)
    assert read == 2


def test_a_new_empty_directory_is_seen(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = _digest(root, tmp_path / "place", _late(root), monkeypatch)
    (root / "d/e").mkdir()
    assert _digest(root, tmp_path / "place", _late(root), monkeypatch)[0] != first
    (root / "d/e").rmdir()
    assert _digest(root, tmp_path / "place", _late(root), monkeypatch)[0] == first


def test_what_is_kept_out_may_change(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with it the times of the directories that it is in."""
    patterns = dockerignore.patterns(("**/*.log",))
    walked: list[str] = []
    of_tree = content.of_tree

    def noted(files: DirectoryFiles, path: str) -> bytes:
        walked.append(path)
        return of_tree(files, path)

    monkeypatch.setattr(content, "of_tree", noted)
    digests = []
    for name in ("d/a.log", "d/b.log", "c.log"):
        cache = StatCache(tmp_path / "place", str(root), _late(root))
        digests.append(DirectoryFiles(root, patterns, cache=cache).digest(""))
        cache.save()
        (root / name).write_text("")
    assert (len(set(digests)), walked) == (1, [""])
    (root / "d").chmod(0o700)
    cache = StatCache(tmp_path / "place", str(root), _late(root))
    assert DirectoryFiles(root, patterns, cache=cache).digest("") not in digests


@pytest.mark.parametrize("broken", [b"", b"\xff", b"\x80", b"\x81\xc4\x01a\x01"])
def test_broken_files_count_as_none(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    clock = _late(root)
    first, _ = _digest(root, tmp_path / "place", clock, monkeypatch)
    for path in (tmp_path / "place").glob("*/*"):
        path.write_bytes(broken)
    assert _digest(root, tmp_path / "place", clock, monkeypatch) == (first, 2)


def test_where_nothing_can_be_written(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "place").write_text("a file is in the way")
    assert _digest(root, tmp_path / "place", _late(root), monkeypatch)[1] == 2
    assert (tmp_path / "place").read_text() == "a file is in the way"


def test_old_roots_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stat_cache, "_MAX_ROOTS", 2)
    place = tmp_path / "place"
    for number in range(4):
        root = tmp_path / str(number)
        root.mkdir()
        (root / "a").write_text("")
        _digest(root, place, _late(root), monkeypatch)
        os.utime(next(path for path in place.iterdir() if path.stat().st_mtime > 1000), (number, number))
    assert len(list(place.iterdir())) <= 3
    assert not list(place.glob("*/.new-*"))


def test_a_save_that_is_cut_off_leaves_what_was(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _late(root)
    first, _ = _digest(root, tmp_path / "place", clock, monkeypatch)
    (root / "third").write_text("3")

    def cut(self: Path, _: object) -> Path:
        raise OSError(28, "No space left on device", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", cut)
        _digest(root, tmp_path / "place", _late(root), monkeypatch)
    (root / "third").unlink()
    assert not list((tmp_path / "place").glob("*/.new-*"))
    assert _digest(root, tmp_path / "place", _late(root), monkeypatch) == (first, 0)
