from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from lading.build import archive, content
from lading.build.archive_files import ArchiveFiles
from lading.build.directory_files import DirectoryFiles
from lading.dockerfile import dockerignore
from lading.errors import MalformedError, UnavailableError


def _fill(root: Path) -> None:
    (root / "src/deep").mkdir(parents=True)
    (root / "src/deep").chmod(0o711)
    for name in ("Dockerfile", "src/a.c", "src/deep/b.c", "notes.md"):
        (root / name).write_text(f"in {name}")
    (root / "src/again").hardlink_to(root / "src/a.c")
    (root / "link").symlink_to("src")


def _packed(root: Path, order: Callable[[list[str]], list[str]] = sorted) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name in order([str(path.relative_to(root)) for path in root.rglob("*")]):
            made.add(root / name, name, recursive=False)
    out.seek(0)
    return out


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    _fill(root)
    return root


def _files(root: Path, tmp_path: Path) -> ArchiveFiles:
    return ArchiveFiles(archive.read(_packed(root), "a.tar", tmp_path), "a.tar")


@pytest.mark.parametrize("text", ["", "**/*.c", "src\n!src/deep/b.c", "*\n!src/again", "src/*\n!src/deep"])
def test_the_same_as_a_directory(root: Path, tmp_path: Path, text: str) -> None:
    patterns = dockerignore.parse(text.encode(), "")
    packed = _files(root, tmp_path).without(patterns)
    plain = DirectoryFiles(root, patterns)
    names = [path for path, _ in content.walk(plain, "")]
    assert [path for path, _ in content.walk(packed, "")] == names
    assert packed.digest("") == plain.digest("")


def test_content(root: Path, tmp_path: Path) -> None:
    files = _files(root, tmp_path)
    for name in ("src/a.c", "src/again"):
        with files.open(name) as file:
            assert file.read() == b"in src/a.c"
    assert files.twin("src/a.c") == files.twin("src/again") is not None
    assert files.twin("Dockerfile") is None
    node = files.get("src/a.c")
    assert node is not None
    assert (node.uid, node.gid) == (0, 0)


def test_what_is_kept_out(root: Path, tmp_path: Path) -> None:
    files = _files(root, tmp_path).without(dockerignore.patterns(("src",)))
    assert files.get("src/a.c") is None
    with pytest.raises(UnavailableError, match=r"there is no file src/a.c in the build context"):
        files.open("src/a.c")
    assert files.why_not("src/a.c") == "it is there, but the ignore file keeps it out"
    assert files.why_not("none") == files.why_not("Dockerfile") == ""


def test_an_archive_that_becomes_shorter(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "a.tar"
    place.write_bytes(_packed(root).getvalue())
    files = ArchiveFiles(archive.read(cast("BinaryIO", place.open("rb", buffering=0)), "", tmp_path), "a.tar")
    place.write_bytes(b"")
    with pytest.raises(
        UnavailableError, match=r"Dockerfile in the build context cannot be read: .*become shorter"
    ):
        files.digest("")


def _tar(*members: tuple[str, bytes, str | bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, kind, more in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if isinstance(more, bytes):
                member.size = len(more)
                made.addfile(member, io.BytesIO(more))
            else:
                member.linkname = more
                made.addfile(member)
    out.seek(0)
    return out


def test_later_entries_count(tmp_path: Path) -> None:
    data = _tar(
        ("a", tarfile.REGTYPE, b"one"),
        ("b", tarfile.LNKTYPE, "a"),
        ("a", tarfile.REGTYPE, b"two"),
        ("d/x", tarfile.REGTYPE, b"in d"),
        ("e", tarfile.SYMTYPE, "d"),
        ("e/y", tarfile.REGTYPE, b"through e"),
    )
    files = ArchiveFiles(archive.read(data, "", tmp_path), "a.tar")
    found = {}
    for path in ("a", "b", "d/x", "d/y"):
        with files.open(path) as file:
            found[path] = file.read()
    assert found == {"a": b"two", "b": b"one", "d/x": b"in d", "d/y": b"through e"}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("a", tarfile.LNKTYPE, "none")], "hard link to a file that is not there"),
        ([("d", tarfile.DIRTYPE, ""), ("a", tarfile.LNKTYPE, "d")], "hard link to a directory"),
        ([("a", tarfile.REGTYPE, b""), ("a/b", tarfile.REGTYPE, b"")], "is no directory"),
        ([("a", tarfile.SYMTYPE, "a"), ("a/b", tarfile.REGTYPE, b"")], "too many symlinks"),
    ],
)
def test_impossible(tmp_path: Path, members: list[tuple[str, bytes, str | bytes]], words: str) -> None:
    with pytest.raises(MalformedError, match=f"^a.tar: .*{words}"):
        ArchiveFiles(archive.read(_tar(*members), "", tmp_path), "a.tar")
