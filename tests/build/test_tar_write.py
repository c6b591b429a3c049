from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.build.layer_index import from_tar, of_changes
from lading.build.node import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FIFO,
    FILE,
    HARDLINK,
    SYMLINK,
    Changes,
    Item,
    Node,
    sorted_items,
)
from lading.build.tar_write import CHUNK_BYTES, header, tar_chunks
from lading.errors import MalformedError, UnavailableError

CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")
LONG = "d" * 90 + "/" + "e" * 90 + "/" + "f" * 120


def content(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(data)


def file(path: str, data: bytes, **fields: object) -> Item:
    return Item(Node(**{"path": path, "size": len(data), **fields}), content(data))  # type: ignore[arg-type]  # a test's shorthand


def other(path: str, kind: str, **fields: object) -> Item:
    return Item(Node(path=path, kind=kind, **fields))  # type: ignore[arg-type]  # a test's shorthand


def written(changes: Changes, mtime_s: int | None = None) -> bytes:
    return b"".join(tar_chunks(changes, mtime_s=mtime_s))


EVERYTHING = Changes(
    items=sorted_items(
        [
            other("", DIRECTORY, mode=0o755),
            other("bin", DIRECTORY, mode=0o1777, uid=8**7 - 1, gid=8**7, mtime_ns=10**18),
            file(
                "bin/su",
                b"#!" * 400,
                mode=0o4755,
                xattrs=(("security.capability", CAPABILITY), ("user.x", b"=\n")),
            ),
            other("bin/sv", HARDLINK, link="bin/su", mode=0o4755),
            other("bin/sh", SYMLINK, link="x" * 101, mode=0o777),
            file("b" * 100, b"", mtime_ns=-1),
            file("c" * 101, b"c" * 512),
            file("p" * 155 + "/" + "n" * 100, b"p" * 513),
            file("q" * 156 + "/" + "n" * 100, b"q"),
            file(LONG, b"long", uid=2**32 - 2),
            file("sn\u00f6w \u2603", b"not ASCII"),
            file("new\nline", b""),
            other("dev/null", CHARACTER, device=(1, 3), mode=0o666),
            other("dev/sda", BLOCK, device=(8, 2**20 - 1)),
            other("run/pipe", FIFO),
            file("big", bytes(range(256)) * 12_000, mtime_ns=8**11 * 10**9 // 10),
        ]
    ),
    whiteouts=("etc/passwd", "bin/zz", "\u00e9", "old"),
    opaque=("opaque", "bin"),
)


def test_as_the_standard_library_reads() -> None:
    with tarfile.open(fileobj=io.BytesIO(written(EVERYTHING))) as archive:
        found = {entry.name: entry for entry in archive}
        marks = [name for name in found if name.rpartition("/")[2].startswith(".wh.")]
        for item in EVERYTHING.items:
            node, entry = item.node, found.pop(item.node.path or ".")
            assert (entry.mode, entry.uid, entry.gid) == (node.mode, node.uid, node.gid)
            assert entry.mtime == node.mtime_ns // 10**9
            assert (entry.linkname, entry.uname, entry.gname) == (node.link, "", "")
            if node.kind in {CHARACTER, BLOCK}:
                assert (entry.devmajor, entry.devminor) == node.device
            kinds = (
                entry.isreg(),
                entry.isdir(),
                entry.issym(),
                entry.islnk(),
                entry.ischr(),
                entry.isblk(),
                entry.isfifo(),
            )
            assert kinds == tuple(
                node.kind == kind for kind in (FILE, DIRECTORY, SYMLINK, HARDLINK, CHARACTER, BLOCK, FIFO)
            )
            if item.open is not None:
                taken = archive.extractfile(entry)
                assert taken is not None
                assert taken.read() == item.open().read()
    assert sorted(found) == sorted(marks)
    assert sorted(marks) == sorted(
        ["etc/.wh.passwd", "bin/.wh.zz", ".wh.\u00e9", ".wh.old", "opaque/.wh..wh..opq", "bin/.wh..wh..opq"]
    )


def test_our_own_reader_finds_what_was_written() -> None:
    # The archive names directories before files, in the order of `Changes`; no entry is missing or altered.
    assert from_tar(iter([written(EVERYTHING)]), "layer") == of_changes(EVERYTHING)
    assert from_tar(tar_chunks(EVERYTHING, mtime_s=5), "layer") == of_changes(EVERYTHING, mtime_s=5)


def test_whiteouts_come_before_what_is_in_their_directory() -> None:
    changes = Changes(
        items=sorted_items([other(path, DIRECTORY) for path in ["", "a", "a/!", "a/b", "a-", "b"]]),
        whiteouts=("a/z", "a/!0", "b/y", "c", "n/x"),
        opaque=("a", ""),
    )
    with tarfile.open(fileobj=io.BytesIO(written(changes))) as archive:
        names = archive.getnames()
    assert names == [
        ".", ".wh..wh..opq", ".wh.c",
        "a", "a/.wh..wh..opq", "a/.wh.!0", "a/.wh.z", "a/!", "a/b", "a-",
        "b", "b/.wh.y", "n/.wh.x",
    ]  # fmt: skip


def test_the_form_is_canonical() -> None:
    """The digest is a promise to every cache: it changes only on purpose."""
    digest = hashlib.sha256(written(EVERYTHING, mtime_s=1_700_000_000)).hexdigest()
    assert digest == "fedc6969b33524892e11d04d005e14895766a4e54a49cf00d4e3657cff9a9f02"


@pytest.mark.parametrize(
    ("item", "extended"),
    [
        (file("a" * 100, b""), False),
        (other("a" * 99, DIRECTORY), False),
        (other("a" * 100, DIRECTORY), True),
        (file("p" * 155 + "/" + "n" * 100, b""), False),
        (file("p" * 156 + "/" + "n" * 99, b""), True),
        (file("p" * 99 + "/" + "n" * 101, b""), True),
        (other("p" * 155 + "/" + "n" * 99, DIRECTORY), False),
        (file("\u00e9", b""), True),
        (other("l", SYMLINK, link="x" * 100), False),
        (other("l", SYMLINK, link="x" * 101), True),
        (file("a", b"", uid=8**7 - 1), False),
        (file("a", b"", gid=8**7), True),
        (file("a", b"", mtime_ns=0), False),
        (file("a", b"", mtime_ns=-1), True),
        (file("a", b"", size=8**11 - 1), False),
        (file("a", b"", size=8**11), True),
        (file("a", b"", xattrs=(("user.x", b""),)), True),
    ],
)
def test_extended_headers_only_where_they_are_needed(item: Item, extended: bool) -> None:  # noqa: FBT001 - a table's column
    made = header(item.node)
    assert (len(made) > 512) is extended
    found = tarfile.TarFile(fileobj=io.BytesIO(made + bytes(1024))).next()
    assert found is not None
    assert (found.name, found.linkname, found.uid, found.gid, found.size) == (
        item.node.path, item.node.link, item.node.uid, item.node.gid, item.node.size
    )  # fmt: skip


@pytest.mark.parametrize("count", [*range(80, 90), *range(970, 1000), 9_950, 99_950])
def test_lengths_that_count_themselves(count: int) -> None:
    made = header(Node(path="f", xattrs=(("user.x", b"v" * count),)))
    archive = tarfile.TarFile(fileobj=io.BytesIO(made + bytes(1024)))
    assert archive.getmembers()[0].pax_headers == {"SCHILY.xattr.user.x": "v" * count}


@pytest.mark.parametrize("path", [".wh.x", "a/.wh..wh..opq", "a/.wh.d/b"])
def test_a_name_that_would_mean_a_whiteout_is_refused(path: str) -> None:
    with pytest.raises(MalformedError, match="would remove a file"):
        written(Changes(items=(file(path, b""),)))


def test_a_device_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MalformedError, match="impossible device"):
        header(Node(path="d", kind=CHARACTER, device=(1, 8**7)))


class Slow(io.RawIOBase):
    """A stream that gives a few bytes at a time, as pipes do."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # one kind of buffer
        piece = self._data.read(min(len(buffer), 700))
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize(
    "stated", [0, 1, 511, 512, 513, 5000, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5]
)
@pytest.mark.parametrize("difference", [-700, -1, 0, 1, 700])
@pytest.mark.parametrize("slow", [False, True])
def test_a_file_that_changes_its_size(
    stated: int,
    difference: int,
    slow: bool,  # noqa: FBT001 - a table's column
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = (bytes(range(1, 251)) * (stated // 250 + 5))[: max(stated + difference, 0)]
    opener: Callable[[], BinaryIO] = (lambda: Slow(data)) if slow else content(data)  # type: ignore[assignment,return-value]  # readers only read
    after = file("z", b"after")
    unsteady: list[str] = []
    changes = Changes(items=(Item(Node(path="f", size=stated), opener), after))
    made = b"".join(tar_chunks(changes, unsteady=unsteady))
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        kept = [taken.read() for entry in archive if (taken := archive.extractfile(entry))]
    assert kept == [data[:stated].ljust(stated, b"\0"), b"after"]
    changed = len(data) != stated and stated > 0  # of an empty file nothing is read
    assert (unsteady, "changed its size" in caplog.text) == (["f"] * changed, changed)


@pytest.mark.parametrize("size", [100, 3 * CHUNK_BYTES])
def test_content_that_cannot_be_read(tmp_path: Path, size: int) -> None:
    gone = Item(Node(path="etc/f", size=size), lambda: (tmp_path / "gone").open("rb"))
    with pytest.raises(UnavailableError, match=r"^etc/f: cannot be read: No such file or directory$"):
        written(Changes(items=(gone,)))


@pytest.mark.parametrize("buffering", [0, -1])
@pytest.mark.parametrize("cut", [0, 1_000_000])
def test_sparse_files_are_written_plain(tmp_path: Path, buffering: int, cut: int) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as made:
        for number in range(5):
            made.seek(number * 3_000_000 + 65_536)
            made.write(b"data%d" % number)
        made.truncate(20_000_001)
    data, size = path.read_bytes(), path.stat().st_size
    os.truncate(path, size - cut)
    changes = Changes(items=(Item(Node(path="s", size=size), lambda: path.open("rb", buffering)),))
    assert written(changes)[512 : 512 + size] == data


def test_a_hole_to_the_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "hole"
    path.touch()
    os.truncate(path, 50 * CHUNK_BYTES)
    reads = []

    class Counting(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            reads.append(size)
            return super().read(size)

    changes = Changes(items=(Item(Node(path="s", size=50 * CHUNK_BYTES), lambda: Counting(path)),))
    assert len(written(changes)) == 50 * CHUNK_BYTES + 3 * 512
    assert len(reads) <= 2


def test_pieces_are_neither_small_nor_large() -> None:
    items = [file(f"f{number:05}", b"x" * 3000) for number in range(2000)] + [
        file("z", bytes(10 * CHUNK_BYTES))
    ]
    sizes = [len(piece) for piece in tar_chunks(Changes(items=tuple(items)))]
    assert all(CHUNK_BYTES <= size < 2 * CHUNK_BYTES + 2048 for size in sizes[:-1])


def test_nothing_gives_an_empty_archive() -> None:
    assert written(Changes()) == bytes(1024)


@needs.tool("tar")
def test_as_gnu_tar_lists_and_unpacks(tmp_path: Path) -> None:
    items = [item for item in EVERYTHING.items if item.node.kind in {FILE, DIRECTORY, SYMLINK, HARDLINK}]
    items.append(file("r\udcffaw", b"raw"))
    made = tmp_path / "layer.tar"
    made.write_bytes(written(Changes(items=sorted_items(items)), mtime_s=1_000_000_000))
    root = tmp_path / "root"
    root.mkdir()
    done = subprocess.run(
        ["tar", "--no-same-owner", "-xpf", made, "-C", root], capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "header" not in done.stderr, done.stderr  # attributes it does not know are another matter
    for item in items:
        place = root / item.node.path
        known = place.lstat()
        assert int(known.st_mtime) == 1_000_000_000 or item.node.kind == DIRECTORY, item.node.path
        if item.open is not None:
            assert place.read_bytes() == item.open().read()
    assert (root / "bin/sv").stat().st_ino == (root / "bin/su").stat().st_ino


TEXT = st.text(st.characters(blacklist_characters="/\0", codec="utf-8"), min_size=1, max_size=60).filter(
    lambda name: name not in {".", ".."} and not name.startswith(".wh.") and len(name.encode()) < 200
)
RAW = st.binary(min_size=1, max_size=60).map(os.fsdecode).filter(
    lambda name: not set("/\0") & set(name) and name not in {".", ".."} and not name.startswith(".wh.")
)  # fmt: skip
NODES = st.builds(
    Node,
    path=st.lists(TEXT | RAW, min_size=1, max_size=6).map("/".join),
    kind=st.sampled_from([FILE, DIRECTORY, FIFO]),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 2**32 - 2),
    gid=st.integers(0, 2**32 - 2),
    mtime_ns=st.integers(-9_000_000_000, 9_000_000_000).map(lambda second: second * 10**9),
    xattrs=st.dictionaries(
        st.sampled_from(["user.a", "user.\u00e9", "security.capability"]), st.binary(max_size=99)
    ).map(lambda pairs: tuple(sorted(pairs.items()))),
)


@settings(max_examples=300)
@given(st.lists(NODES, max_size=5, unique_by=lambda node: node.path))
def test_any_node_comes_back(nodes: list[Node]) -> None:
    changes = Changes(items=sorted_items([Item(node, content(b"")) for node in nodes]))
    assert from_tar(iter([written(changes)]), "layer").entries == tuple(item.node for item in changes.items)
