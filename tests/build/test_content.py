from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lading.build import content
from lading.build.directory_files import DirectoryFiles
from lading.errors import UnavailableError


def _make(root: Path) -> None:
    (root / "d").mkdir()
    (root / "d/file").write_text("content")
    (root / "d/file").chmod(0o644)
    (root / "other").write_text("content")
    (root / "link").symlink_to("d/file")
    os.link(root / "other", root / "second")


def _digest(root: Path) -> bytes:
    return content.of_tree(DirectoryFiles(root), "")


def test_times_and_place_do_not_count(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _make(tmp_path / name)
    os.utime(tmp_path / "two/d/file", (1, 1))
    (tmp_path / "two").chmod(0o700)
    assert _digest(tmp_path / "one") == _digest(tmp_path / "two")


def _without(path: Path) -> Path:
    path.unlink()
    return path


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / "d/file").write_text("Content"),
    "mode": lambda root: (root / "d/file").chmod(0o600),
    "mode of a directory": lambda root: (root / "d").chmod(0o700),
    "name": lambda root: (root / "d/file").rename(root / "d/File"),
    "place": lambda root: (root / "d/file").rename(root / "file"),
    "link": lambda root: _without(root / "link").symlink_to("d/fil"),
    "kind": lambda root: _without(root / "link").write_text("d/file"),
    "hard link": lambda root: _without(root / "second").write_text("content"),
    "new": lambda root: (root / "e").mkdir(),
    "gone": lambda root: (root / "link").unlink(),
    "fifo": lambda root: os.mkfifo(_without(root / "link")),
    "attribute": lambda root: os.setxattr(root / "other", "user.x", b"1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_everything_else_counts(tmp_path: Path, change: str) -> None:
    _make(tmp_path)
    before = _digest(tmp_path)
    try:
        CHANGES[change](tmp_path)
    except OSError as error:
        pytest.skip(f"this file system does not take it: {error}")
    assert _digest(tmp_path) != before


def test_names_and_content_do_not_run_into_each_other(tmp_path: Path) -> None:
    digests = set()
    for number, (name, text) in enumerate([("ab", "c"), ("a", "bc"), ("abc", "")]):
        root = tmp_path / str(number)
        root.mkdir()
        (root / name).write_text(text)
        digests.add(_digest(root))
    assert len(digests) == 3


def test_of_file_is_sha256() -> None:
    assert content.of_file(io.BytesIO(b"abc")).hex().startswith("ba7816bf8f01cfea")


def test_walk_is_in_order(tmp_path: Path) -> None:
    for name in ("a", "a/b", "a.b", "a-b"):
        (tmp_path / name).mkdir(parents=True)
    walked = [path for path, _ in content.walk(DirectoryFiles(tmp_path), "")]
    assert walked == ["", "a", "a/b", "a-b", "a.b"]
    assert list(content.walk(DirectoryFiles(tmp_path), "none")) == []


def test_more_than_is_held_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path)
    before = _digest(tmp_path)
    monkeypatch.setattr(content, "_AT_ONCE", 2)
    assert _digest(tmp_path) == before
    monkeypatch.setattr(content, "_LARGE_BYTES", 1)
    assert _digest(tmp_path) == before


def test_a_file_that_is_gone_meanwhile(tmp_path: Path) -> None:
    _make(tmp_path)
    files = DirectoryFiles(tmp_path)
    assert len(files.children("d")) == 1
    (tmp_path / "d/file").unlink()
    with pytest.raises(UnavailableError, match="d/file: is not there, or no longer"):
        content.of_tree(files, "")
