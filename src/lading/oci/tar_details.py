"""What a tar header says beyond what a scan asks for: owners, times, devices and extended attributes.

Numbers of extended headers (pax) go before those of the header. Extended attributes are read from
`SCHILY.xattr.*`, the form that container tools write.
"""

from __future__ import annotations

import msgspec

from lading.errors import MalformedError
from lading.oci import tar
from lading.oci.tar import Member

CHARACTER, BLOCK, FIFO = "character", "block", "fifo"

_SPECIAL = {0x33: CHARACTER, 0x34: BLOCK, 0x36: FIFO}
_XATTR = "SCHILY.xattr."
_MAX_ID = 2**32 - 2  # the last one means "leave it as it is" to chown(2)
_MAX_DEVICE = 2**32 - 1
_MAX_TIME_S = (2**63 - 1) // 10**9  # what nanoseconds in 64 bits hold: the year 2262


class Details(msgspec.Struct, frozen=True):
    """The rest of a member.

    path, link: as in `Member`, but bytes that are no UTF-8 are kept (`surrogateescape`).
    kind: as in `Member`, or one of the above. mtime_ns: since 1970. device: major and minor number.
    xattrs: sorted by name.
    """

    path: str
    kind: str
    link: str
    uid: int
    gid: int
    mtime_ns: int
    device: tuple[int, int]
    xattrs: tuple[tuple[str, bytes], ...]


def details(member: Member, where: str) -> Details:
    """Return what the headers of `member`, as `tar.members` yielded it, say of it.

    A time outside of what 64 bits of nanoseconds hold becomes the nearest within.
    Raises `MalformedError` for an owner or a device that is no number of Linux, or a broken time.
    """
    block, extended = member.block, member.extended or {}
    path, link = member.path, member.link
    if "\\" in path:
        path = tar.clean(extended.get("path") or tar.short_name(block), "surrogateescape")[0]
    if "\\" in link:
        raw = extended.get("linkpath") or block[157:257].partition(b"\0")[0]
        hard = member.kind == tar.HARDLINK
        link = tar.clean(raw, "surrogateescape")[0] if hard else raw.decode("utf-8", "surrogateescape")
    kind = _SPECIAL.get(block[156], member.kind)
    if not extended:
        uid, gid = tar.number(block[108:116]), tar.number(block[116:124])
        mtime_ns = _nanoseconds(tar.number(block[136:148]))
    else:
        uid = _owner(extended, "uid", block[108:116], where)
        gid = _owner(extended, "gid", block[116:124], where)
        mtime_ns = _time(extended["mtime"], where) if "mtime" in extended else (
            _nanoseconds(tar.number(block[136:148]))
        )  # fmt: skip
    if not (0 <= uid <= _MAX_ID and 0 <= gid <= _MAX_ID):
        raise MalformedError(f"{path!r} has an impossible owner: {uid}:{gid}", where)
    device = (0, 0)
    if kind in {CHARACTER, BLOCK}:
        device = (tar.number(block[329:337]), tar.number(block[337:345]))
        if not all(0 <= number <= _MAX_DEVICE for number in device):
            raise MalformedError(f"{path!r} has an impossible device number: {device}", where)
    return Details(path, kind, link, uid, gid, mtime_ns, device, _xattrs(extended) if extended else ())


def _owner(extended: dict[str, bytes], key: str, field: bytes, where: str) -> int:
    return tar.decimal(extended[key], where) if key in extended else tar.number(field)


def _time(text: bytes, where: str) -> int:
    """Read seconds since 1970, maybe negative, maybe with a fraction, as nanoseconds."""
    negative = text.startswith(b"-")
    whole, _, fraction = text.removeprefix(b"-").partition(b".")
    if not whole.isdigit() or len(text) > 64 or not (fraction + b"0").isdigit():  # noqa: PLR2004
        raise MalformedError(f"not a time in an extended header: {text[:40]!r}", where)
    if int(whole) > _MAX_TIME_S:
        return _nanoseconds(-int(whole) if negative else int(whole))
    value = int(whole) * 10**9 + int(fraction[:9].ljust(9, b"0"))
    return -value if negative else value


def _nanoseconds(seconds: int) -> int:
    return min(max(seconds, -_MAX_TIME_S), _MAX_TIME_S) * 10**9


def _xattrs(extended: dict[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        sorted((key[len(_XATTR) :], value) for key, value in extended.items() if key.startswith(_XATTR))
    )
