from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import zip_archive
from lading.inventory.window import Window
from lading.inventory.zip_archive import Archive, Member

FILES = {"a/x.txt": b"stored", "b.txt": b"deflated" * 50, "a/\xe9.txt": b"", "deep/er/c.bin": b"\0" * 5000}


def make(
    files: dict[str, bytes] = FILES, *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            kind = zipfile.ZIP_STORED if name == "a/x.txt" else method
            archive.writestr(zipfile.ZipInfo(name), content, kind)
        archive.comment = comment
    return out.getvalue()


def parsed(content: bytes) -> Archive:
    return zip_archive.parse(Window(size=len(content), data=content))


def everything(content: bytes) -> dict[str, bytes]:
    archive = parsed(content)
    return {
        member.name: zip_archive.read(archive.window, member, 10_000)
        for member in zip_archive.select(archive, (b"",))
    }


def one(content: bytes, name: str = "b.txt") -> tuple[Window, Member]:
    archive = parsed(content)
    (member,) = zip_archive.select(archive, (name.encode(),))
    return archive.window, member


def zip64(content: bytes) -> bytes:
    """Return the archive with every number of its end, and of the first entry, in zip64 records."""
    end = content.rindex(b"PK\5\6")
    count, size, offset = struct.unpack_from("<HII", content, end + 10)
    entry = content[offset : offset + size]
    name, extra, packed, unpacked = (
        *struct.unpack_from("<HH", entry, 28),
        *struct.unpack_from("<II", entry, 20),
    )
    (at,) = struct.unpack_from("<I", entry, 42)
    field = struct.pack("<HHB", 9, 1, 0) + struct.pack("<HHQQQ", 1, 24, unpacked, packed, at)
    first = bytearray(entry[: 46 + name])
    struct.pack_into("<II", first, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    struct.pack_into("<H", first, 30, len(field))
    struct.pack_into("<I", first, 42, 0xFFFFFFFF)
    directory = bytes(first) + field + entry[46 + name + extra :]
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, offset + len(directory), 1)
    last = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:offset] + directory + record + locator + last


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(make(), id="plain"),
        pytest.param(make(comment=b"a comment"), id="comment"),
        pytest.param(b"#!/bin/sh\nexec java -jar $0\n" + make(), id="launcher-before"),
        pytest.param(zip64(make()), id="zip64"),
        pytest.param(b"#!/bin/sh\n" + zip64(make()), id="launcher-before-zip64"),
    ],
)
def test_as_zipfile_reads_it(content: bytes) -> None:
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert everything(content) == FILES


def test_comment_that_looks_like_the_end() -> None:
    assert everything(make(comment=b"with PK\5\6 in it, and more than twenty-two bytes")) == FILES


def test_empty_archive() -> None:
    assert everything(make({})) == {}


def test_select_and_folders() -> None:
    archive = parsed(make())
    assert [member.name for member in zip_archive.select(archive, (b".bin", b"x.txt"))] == [
        "a/x.txt",
        "deep/er/c.bin",
    ]
    assert zip_archive.folders(archive, b".txt") == {b"a", b""}


def test_names_that_are_not_utf8() -> None:
    content = make({"aa.txt": b"x"}).replace(b"aa.txt", b"\xff\xfe.txt")
    assert everything(content) == {"\ufffd\ufffd.txt": b"x"}


def test_head_and_stored_and_unpack() -> None:
    window, member = one(make())
    assert zip_archive.head(window, member, 11) == b"deflateddef"
    assert zip_archive.stored(window, member) is None
    into = io.BytesIO()
    zip_archive.unpack(window, member, into, 400)
    assert into.getvalue() == FILES["b.txt"]
    window, member = one(make(), "a/x.txt")
    inside = zip_archive.stored(window, member)
    assert inside is not None
    assert inside.read(0, 99) == b"stored"


def test_limits() -> None:
    window, member = one(make())
    with pytest.raises(LimitError, match="more than 399 bytes"):
        zip_archive.read(window, member, 399)
    with pytest.raises(LimitError, match="more than 399 bytes"):
        zip_archive.unpack(window, member, io.BytesIO(), 399)


def test_bomb_is_left_in_time() -> None:
    window, member = one(make({"b.txt": bytes(50_000_000)}))
    into = io.BytesIO()
    with pytest.raises(LimitError, match="more than 1000000 bytes"):
        zip_archive.unpack(window, member, into, 1_000_000)
    assert into.tell() < 2_000_000


def patched(at: int, form: str, value: int, *, local: bool = False) -> bytes:
    content = bytearray(make({"b.txt": b"deflated" * 50}))
    start = 0 if local else content.index(b"PK\1\2")
    struct.pack_into(form, content, start + at, value)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(patched(8, "<H", 1), "is encrypted", id="encrypted"),
        pytest.param(patched(10, "<H", 99), "method 99", id="method"),
        pytest.param(patched(16, "<I", 1), "checksum", id="checksum"),
        pytest.param(patched(20, "<I", 5), "is cut off", id="packed-size-too-small"),
        pytest.param(patched(20, "<I", 10**6), "is cut off", id="packed-size-too-large"),
        pytest.param(patched(42, "<I", 10**6), "is not where", id="offset-behind-the-end"),
        pytest.param(patched(42, "<I", 1), "is not where", id="offset-between"),
        pytest.param(patched(35, "<I", 0xFFFFFFFF, local=True), "cannot be unpacked", id="not-deflate"),
        pytest.param(patched(0, "<I", 0, local=True), "is not where", id="no-local-header"),
    ],
)
def test_broken_member(content: bytes, words: str) -> None:
    window, member = one(content)
    with pytest.raises(MalformedError, match=words) as raised:
        zip_archive.read(window, member, 10_000)
    assert raised.value.where == "b.txt"


def test_stated_size_is_not_trusted() -> None:
    window, member = one(patched(24, "<I", 1))
    assert zip_archive.read(window, member, 10_000) == b"deflated" * 50


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "no zip archive", id="empty"),
        pytest.param(b"PK\3\4", "no zip archive", id="only-a-magic"),
        pytest.param(make()[:-10], "no zip archive", id="cut-in-the-end"),
        pytest.param(make()[60:], "is not where", id="cut-at-the-start"),
        pytest.param(patched(28, "<H", 9999), "directory is broken", id="name-longer-than-the-directory"),
        pytest.param(patched(32, "<H", 9), "directory is broken", id="comment-longer-than-the-directory"),
    ],
)
def test_broken_archive(content: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        everything(content)


def test_large_directory_and_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MAX_SELECTED", 3)
    with pytest.raises(LimitError, match="more than 3 members"):
        everything(make())
    monkeypatch.setattr(zip_archive, "MAX_DIRECTORY_BYTES", 100)
    with pytest.raises(LimitError, match="more than 100 bytes"):
        parsed(make())


def test_cut_anywhere() -> None:
    content = make()
    for end in range(len(content) - 1):
        with suppress(LadingError):
            everything(content[:end])
        with suppress(LadingError):
            everything(content[end:])


@given(st.binary(max_size=40), st.integers(0, 800), st.booleans())
@settings(max_examples=300)
def test_any_bytes_anywhere(junk: bytes, at: int, wide: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    content = bytearray(zip64(make()) if wide else make())
    content[at : at + len(junk)] = junk
    with suppress(LadingError):
        everything(bytes(content))
