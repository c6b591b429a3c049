from __future__ import annotations

import contextlib
import io
import random
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imaging
import needs
from lading.errors import LadingError, LimitError, MalformedError
from lading.oci import tar
from lading.oci.source import ByteSource


def walk(data: bytes, piece: int = 4096) -> list[tuple[tar.Member, bytes]]:
    """Read an archive in pieces, with the content of its files."""
    source = ByteSource(iter([data[at : at + piece] for at in range(0, len(data), piece)]))
    found = []
    for member in tar.members(source, "test.tar"):
        small = member.kind == tar.FILE and member.size < 10**7  # as the walk does, with its limits
        found.append((member, tar.expand(source.read(member.stored), member) if small else b""))
    return found


def oracle(data: bytes) -> list[tuple[str, str, int, str, bytes]]:
    """Say what the standard library reads."""
    kinds = {tarfile.DIRTYPE: tar.DIRECTORY, tarfile.SYMTYPE: tar.SYMLINK, tarfile.LNKTYPE: tar.HARDLINK}
    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for entry in archive:
            kind = tar.FILE if entry.isreg() else kinds.get(entry.type, tar.OTHER)
            handle = archive.extractfile(entry) if entry.isreg() else None
            content = handle.read() if handle else b""
            found.append((entry.name, kind, entry.mode & 0o7777, entry.linkname, content))
    return found


def told(data: bytes, piece: int = 4096) -> list[tuple[str, str, int, str, bytes]]:
    return [(m.path, m.kind, m.mode, m.link, content) for m, content in walk(data, piece)]


LONG = "d" * 90 + "/" + "e" * 90 + "/" + "f" * 120
TREE: imaging.Tree = {
    "etc": None,
    "etc/os-release": b"ID=x\n",
    "empty": b"",
    "block": b"b" * 512,
    "over": b"o" * 513,
    LONG: b"long name",
    "link": ("->", "../" + "t" * 150),
    "hard": ("=", LONG),
    "sn\u00f6w \u2603": b"not ASCII",
}


@pytest.mark.parametrize("piece", [1, 511, 512, 700, 4096, 10**9])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
def test_as_the_standard_library(form: int, piece: int) -> None:
    data = imaging.tar(TREE, form)
    assert told(data, piece) == oracle(data)


def test_ustar_prefix() -> None:
    data = imaging.tar({"p" * 120 + "/" + "n" * 90: b"x"}, tarfile.USTAR_FORMAT)
    assert told(data) == oracle(data)


def test_random_archives_as_the_standard_library() -> None:
    chance = random.Random(7)
    for _ in range(60):
        tree: dict[str, bytes] = {}
        for _ in range(chance.randrange(1, 8)):
            name = "/".join("n" * chance.randrange(1, 120) for _ in range(chance.randrange(1, 4)))
            tree[name] = chance.randbytes(chance.randrange(0, 2000))
        data = imaging.tar(tree, chance.choice([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
        assert told(data, chance.randrange(1, 3000)) == oracle(data)


def header(**changes: bytes) -> bytes:
    """Make a header by hand, with a right checksum unless one is given."""
    fields = {
        "name": (0, b"file"), "mode": (100, b"0000644\0"), "size": (124, b"00000000000\0"),
        "type": (156, b"0"), "link": (157, b""), "magic": (257, b"ustar\x0000"), "prefix": (345, b""),
    }  # fmt: skip
    block = bytearray(512)
    for name, (at, value) in fields.items():
        value = changes.get(name, value)  # noqa: PLW2901
        block[at : at + len(value)] = value
    block[148:156] = changes.get("checksum") or b"%06o\0 " % (sum(block) + 8 * 32)
    return bytes(block)


def test_base_256_size() -> None:
    size = (5).to_bytes(12, "big")
    data = header(size=b"\x80" + size[1:]) + b"hello".ljust(512, b"\0")
    assert [(m.path, m.size, content) for m, content in walk(data)] == [("file", 5, b"hello")]


@pytest.mark.parametrize(
    "size", [b"00000000005\0", b"00000000005 ", b"000000000005", b"          5\0", b"5\0" + b"9" * 10]
)
def test_every_way_to_write_a_size(size: bytes) -> None:
    data = header(size=size) + b"hello".ljust(512, b"\0")
    assert [(m.size, content) for m, content in walk(data)] == [(5, b"hello")]


def test_checksum_of_signed_bytes() -> None:
    name = "caf\u00e9".encode()
    plain = header(name=name)
    signed = sum(byte - 256 if byte > 127 else byte for byte in plain[:148] + plain[156:]) + 8 * 32
    assert [m.path for m, _ in walk(header(name=name, checksum=b"%06o\0 " % signed))] == ["caf\u00e9"]


@pytest.mark.parametrize(
    ("name", "path", "escapes"),
    [
        ("./a/b", "a/b", False), ("/etc/passwd", "etc/passwd", False), ("a//b/./c/", "a/b/c", False),
        ("./", "", False), (".", "", False), ("../../etc/x", "etc/x", True), ("a/../../b", "b", True),
        ("a/../b", "b", False), ("..", "", True), ("..a/b", "..a/b", False),
        (".hidden/x", ".hidden/x", False),
        ("/../x", "x", False), ("///", "", False), ("a/.b", "a/.b", False),
    ],
)  # fmt: skip
def test_clean(name: str, path: str, escapes: bool) -> None:  # noqa: FBT001 - a table's column
    assert tar.clean(name.encode()) == (path, escapes)


def test_names_that_are_not_utf8_can_be_told_apart_and_printed() -> None:
    data = header(name=b"a\xff") + header(name=b"a\xfe")
    assert [m.path for m, _ in walk(data)] == ["a\\xff", "a\\xfe"]


@needs.tool("tar")
@pytest.mark.parametrize("options", [["--format=gnu"], ["--format=pax", "--sparse-version=0.0"],
    ["--format=pax", "--sparse-version=0.1"], ["--format=pax", "--sparse-version=1.0"]])  # fmt: skip
@pytest.mark.parametrize("holes", [1, 3, 30])
def test_sparse_files_of_gnu_tar(tmp_path: Path, options: list[str], holes: int) -> None:
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        for number in range(holes):
            file.seek(number * 200_000 + 65536)
            file.write(b"data%d" % number)
        file.truncate(holes * 200_000 + 300_000)
    made = subprocess.run(
        ["tar", "-C", tmp_path, "-cS", *options, "-f", "-", "sparse"], check=True, capture_output=True
    ).stdout
    [(member, content)] = walk(made)
    assert (member.path, member.size) == ("sparse", sparse.stat().st_size)
    assert member.stored < sparse.stat().st_size / 2
    assert content == sparse.read_bytes()


def test_a_huge_sparse_file_costs_nothing_until_it_is_wanted() -> None:
    size = 10 * 2**30
    block = bytearray(header(type=b"S", magic=b"ustar  \0"))
    block[386:398] = b"\x80" + (size - 512).to_bytes(11, "big")
    block[398:410] = b"%011o\0" % 512
    block[483:495] = b"\x80" + size.to_bytes(11, "big")
    block[124:136] = b"%011o\0" % 512
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    source = ByteSource(iter([bytes(block) + b"x" * 512]))
    [member] = tar.members(source, "t")
    assert (member.size, member.stored, member.pieces) == (size, 512, [(size - 512, 512)])


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
def test_cut_at_every_byte(form: int) -> None:
    data = imaging.tar({LONG: b"long name", "b": b"x" * 600}, form)
    whole = told(data)
    end = len(data.rstrip(b"\0")) // 512 * 512 + 512
    for cut in range(end):
        try:
            read = told(data[:cut])
        except MalformedError:
            continue
        assert read == whole[: len(read)]  # a cut between entries shows a part, and nothing else
        assert cut % 512 == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (header(checksum=b"000001\0 "), "checksum is wrong"),
        (b"x" * 512, "checksum is wrong"),
        (b"x" * 100, "ends within a header"),
        (header(size=b"77777777777\0"), "ends within 'file'"),
        (header(size=b"\xff" * 12), "negative size"),
        (header(size=b"99999999999\0"), "negative size"),
        (header(type=b"x", size=b"%011o\0" % 12) + b"99 path=evil".ljust(512, b"\0"), "broken pax header"),
        (header(type=b"x", size=b"%011o\0" % 12) + b"-1 path=evil".ljust(512, b"\0"), "broken pax header"),
        (header(type=b"x", size=b"%011o\0" % 9) + b"9 size=x\n".ljust(512, b"\0") + header(), "not a number"),
        (header(type=b"x", size=b"%011o\0" % 20) + b"10 path=ab\nnothing..".ljust(512, b"\0"), "broken pax header"),
        (header(type=b"S", magic=b"ustar  \0", size=b"%011o\0" % 5), "ends within|broken sparse"),
    ],
)  # fmt: skip
def test_refuses(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        walk(data)


def test_an_extended_header_has_a_limit() -> None:
    with pytest.raises(LimitError, match="extended header"):
        walk(header(type=b"L", size=b"%011o\0" % (tar.MAX_EXTENDED_BYTES + 1)))


@settings(max_examples=300)
@given(st.binary(max_size=2000), st.integers(1, 3000))
def test_any_bytes(data: bytes, piece: int) -> None:
    with contextlib.suppress(LadingError):
        walk(data, piece)


@settings(max_examples=300)
@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    archive = bytearray(imaging.tar({LONG: b"long", "s": b"x" * 900, "l": ("->", "q" * 150)}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(archive) - 1))
        archive[at] = data.draw(st.integers(0, 255))
        start = at // 512 * 512
        if data.draw(st.booleans()):  # and a checksum that hides it
            archive[start + 148 : start + 156] = b" " * 8
            archive[start + 148 : start + 156] = b"%06o\0 " % sum(archive[start : start + 512])
    with contextlib.suppress(LadingError):
        walk(bytes(archive))
