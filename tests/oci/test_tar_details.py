from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import MalformedError
from lading.oci import tar, tar_details
from lading.oci.source import ByteSource
from lading.oci.tar_details import Details, details

CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")


def read(data: bytes) -> list[Details]:
    return [details(member, "test.tar") for member in tar.members(ByteSource(iter([data])), "test.tar")]


def made(form: int = tarfile.PAX_FORMAT, name: str = "file", **fields: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as archive:
        entry = tarfile.TarInfo(name)
        for key, value in fields.items():
            setattr(entry, key, value)
        archive.addfile(entry)
    return out.getvalue()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
@pytest.mark.parametrize("uid", [0, 1000, 8**7 - 1, 8**7, 2**32 - 2])
@pytest.mark.parametrize("mtime", [0, 1, 1_700_000_000, 8**11 - 1, 8**11, -1, -86_400])
def test_numbers_of_every_size(form: int, uid: int, mtime: int) -> None:
    [found] = read(made(form, uid=uid, gid=uid // 2, mtime=mtime))
    bound = (2**63 - 1) // 10**9
    assert (found.uid, found.gid, found.mtime_ns) == (uid, uid // 2, min(mtime, bound) * 10**9)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1.5", 1_500_000_000),
        ("1.000000001", 1_000_000_001),
        ("1.0000000019", 1_000_000_001),
        ("-1.5", -1_500_000_000),
        ("7.", 7_000_000_000),
        ("99999999999999999999", (2**63 - 1) // 10**9 * 10**9),
        ("-99999999999999999999", -((2**63 - 1) // 10**9 * 10**9)),
    ],
)
def test_time_with_a_fraction(text: str, nanoseconds: int) -> None:
    [found] = read(made(pax_headers={"mtime": text}))
    assert found.mtime_ns == nanoseconds


def test_extended_attributes_are_sorted() -> None:
    records = {"SCHILY.xattr.user.b": "2", "SCHILY.xattr.user.a": "1=\n", "comment": "x"}
    [found] = read(made(pax_headers=records))
    assert found.xattrs == (("user.a", b"1=\n"), ("user.b", b"2"))


def test_a_capability_survives_its_zeros() -> None:
    record = b"SCHILY.xattr.security.capability=" + CAPABILITY + b"\n"
    length = len(record) + 3
    data = b"%d %s" % (length, record)
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(data)
    block = header.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)
    [found] = read(block + made())
    assert found.xattrs == (("security.capability", CAPABILITY),)


@pytest.mark.parametrize(
    ("flag", "kind"),
    [
        (tarfile.CHRTYPE, tar_details.CHARACTER),
        (tarfile.BLKTYPE, tar_details.BLOCK),
        (tarfile.FIFOTYPE, tar_details.FIFO),
        (tarfile.DIRTYPE, tar.DIRECTORY),
        (tarfile.REGTYPE, tar.FILE),
        (tarfile.CONTTYPE, tar.FILE),
    ],
)
def test_kinds_and_devices(flag: bytes, kind: str) -> None:
    [found] = read(made(type=flag, devmajor=8, devminor=1_048_575))
    device = (8, 1_048_575) if kind in {tar_details.CHARACTER, tar_details.BLOCK} else (0, 0)
    assert (found.kind, found.device) == (kind, device)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
@pytest.mark.parametrize("name", ["a\udcff", "d/" * 60 + "\udcfe", "back\\slash", "\u00e9\udc80"])
@pytest.mark.parametrize("flag", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_names_that_are_not_utf8_are_kept(form: int, name: str, flag: bytes) -> None:
    [found] = read(made(form, name, type=flag, linkname=name))
    assert (found.path, found.link) == (name, name)


@pytest.mark.parametrize("link", ["../x/", "/abs", "a//b", "."])
def test_a_symlink_is_kept_as_written_and_a_hard_link_cleaned(link: str) -> None:
    [found] = read(made(type=tarfile.SYMTYPE, linkname=link))
    assert found.link == link
    [found] = read(made(type=tarfile.LNKTYPE, linkname="./a//b/"))
    assert found.link == "a/b"


def test_defaults_for_all_members_hold_until_a_member_says_otherwise() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"uid": "7"}) as archive:
        archive.addfile(tarfile.TarInfo("a"))
        own = tarfile.TarInfo("b")
        own.pax_headers = {"uid": "8"}
        archive.addfile(own)
        archive.addfile(tarfile.TarInfo("c"))
    assert [found.uid for found in read(out.getvalue())] == [7, 8, 7]


def header(**changes: bytes) -> bytes:
    block = bytearray(made()[:512])
    places = {"uid": 108, "gid": 116, "mtime": 136, "flag": 156, "major": 329, "minor": 337}
    for name, value in changes.items():
        block[places[name] : places[name] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (header(uid=b"\x80" + b"\xff" * 7), "impossible owner"),
        (header(gid=b"\xff" * 8), "impossible owner"),
        (header(uid=b"letters\0"), "impossible owner"),
        (header(uid=b"\x80\0\0\0\xff\xff\xff\xff"), "impossible owner"),
        (header(flag=b"3", major=b"\xff" * 8), "impossible device"),
        (header(flag=b"4", minor=b"\x80\0\0\xff\xff\xff\xff\xff"), "impossible device"),
        (made(pax_headers={"uid": "-1"}), "not a number"),
        (made(pax_headers={"mtime": "tomorrow"}), "not a time"),
        (made(pax_headers={"mtime": "1.x"}), "not a time"),
        (made(pax_headers={"mtime": "1" * 70}), "not a time"),
        (made(pax_headers={"mtime": ""}), "not a time"),
    ],
)
def test_refuses(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(data)


@given(st.binary(min_size=36, max_size=36), st.binary(min_size=16, max_size=16))
def test_any_numbers(owners: bytes, device: bytes) -> None:
    block = header(uid=owners[:8], gid=owners[8:16], mtime=owners[16:28], flag=b"3", major=device[:8])
    try:
        [found] = read(block)
    except MalformedError:
        return
    assert 0 <= found.uid < 2**32 - 1
    assert 0 <= found.gid < 2**32 - 1
    assert abs(found.mtime_ns) < 2**63
