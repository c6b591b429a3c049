from __future__ import annotations

import hashlib
import itertools
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lading.build import beneath as beneath_module
from lading.build.beneath import Beneath


def _opened() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_reads(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").write_text("content")
    (tmp_path / "a/link").symlink_to("b/file")
    beneath = Beneath(tmp_path)
    with beneath.open("a/b/file") as file:
        assert file.read() == b"content"
    assert beneath.target("a/link") == "b/file"
    assert stat.S_ISLNK(beneath.stat("a/link").st_mode)
    assert stat.S_ISDIR(beneath.stat("").st_mode)
    assert sorted(beneath.entries("a")) == ["b", "link"]


@pytest.mark.parametrize("path", ["link", "folder/secret", "in/../link", "real/back/secret"])
def test_no_symlink_is_followed(tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "link").symlink_to("../outside/secret")
    (root / "folder").symlink_to("../outside")
    (root / "real/back").symlink_to("../../outside")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels|No such file"):
        Beneath(root).open(path)


def test_a_directory_that_is_swapped_for_a_symlink(tmp_path: Path) -> None:
    """What was opened stays what it was; what is opened later is not followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("secret")
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    (root / "d/file").write_text("mine")
    beneath = Beneath(root)
    beneath.folder("d")
    (root / "d").rename(root / "old")
    (root / "d").symlink_to(outside)
    with beneath.open("d/file") as file:
        assert file.read() == b"mine"
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        Beneath(root).open("d/file")


def test_a_fifo_does_not_stop_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    before = _opened()
    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            Beneath(tmp_path).open("fifo")
    assert _opened() == before


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_digests(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    digest, before, after = Beneath(tmp_path).digest("file")
    assert digest == hashlib.sha256(b"x" * size).digest()
    assert before == after
    assert before.st_size == size


def test_digests_of_files_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    before = _opened()
    for name in ("fifo", "link", "."):
        with pytest.raises(OSError, match=r"No such file|Too many levels"):
            Beneath(tmp_path).digest(name)
    assert _opened() == before


def test_many_directories_leave_few_open(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / str(number)).mkdir()
    before = _opened()
    beneath = Beneath(tmp_path)
    for number in range(300):
        beneath.folder(str(number))
    assert _opened() - before < 150
    del beneath
    assert _opened() == before


def test_many_readers_have_little_open_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "file").touch()
    before = _opened()
    monkeypatch.setattr(beneath_module, "_MOST_OPEN", len(beneath_module._open) + 200)
    readers = [Beneath(tmp_path) for _ in range(40)]
    for _, reader, number in itertools.product(range(2), range(40), range(100)):
        assert readers[reader].digest(f"{number}/file")[0] == hashlib.sha256().digest()
    assert _opened() - before < 200 + 40 * 10
    readers.clear()
    assert _opened() == before


def test_threads_that_push_each_others_folders_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handle that is let go of while another thread is about to use it would lead to another directory."""
    for number in range(40):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / f"of-{number}").write_text(str(number))
    monkeypatch.setattr("lading.build.beneath._MAX_KEPT", 1)
    files = Beneath(tmp_path)

    def read(start: int) -> None:
        for turn in range(400):
            number = (start + turn) % 40
            with files.open(f"{number}/of-{number}") as file:
                assert file.read() == str(number).encode()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(read, start) for start in range(0, 40, 10)]:
            done.result()


def test_threads_that_list_one_directory(tmp_path: Path) -> None:
    """A listing has a place in its directory where it goes on, which is its own."""
    for number in range(2000):
        (tmp_path / str(number)).touch()
    beneath = Beneath(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(beneath.entries, "") for _ in range(16)]
        assert {len(one.result()) for one in found} == {2000}


def test_a_directory_that_may_be_entered_and_not_listed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/file").write_text("x")
    (tmp_path / "d").chmod(0o311)
    with Beneath(tmp_path).open("d/file") as file:
        assert file.read() == b"x"


def test_attributes(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    try:
        os.setxattr(tmp_path / "d", "user.b", b"2")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    os.setxattr(tmp_path / "d", "user.a", b"1")
    os.setxattr(tmp_path / "d", "user.overlay.opaque", b"y")
    beneath = Beneath(tmp_path)
    assert beneath.xattrs("d") == (("user.a", b"1"), ("user.b", b"2"))
    assert beneath.attribute("d", ("user.none", "user.overlay.opaque")) == b"y"
    assert beneath.attribute("", ("user.none",)) == b""
