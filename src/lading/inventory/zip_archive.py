"""Zip archives: a few members of many, from files of any size, without trust in a number.

Only the central directory is read, once, and of it only the lengths and the end of each name; a
jar of 50,000 classes costs some 15 ms so, of which zipfile would need 500 to make records that
nobody asks for. Encrypted members and methods other than stored and deflated are refused.
Specification: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3)
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from lading.errors import LimitError, MalformedError
from lading.inventory.window import Window
from lading.oci.reader import MIB

_END = struct.Struct("<4s6xHII2x")  # signature, entries, directory's size and offset
_END_BYTES = 22
_MAX_COMMENT_BYTES = 0xFFFF
_LOCATOR = struct.Struct("<4s4xQ4x")  # of the zip64 end record
_END64 = struct.Struct("<4s20x8xQQQ")
_ENTRY = struct.Struct("<4s4xHH4xIIIHHH8xI")
_LENGTHS = struct.Struct("<HHH")  # of name, extra field and comment
_LENGTHS_AT = 28
_ENTRY_BYTES = 46
_LOCAL = struct.Struct("<4s22xHH")
_LOCAL_BYTES = 30
_ENCRYPTED = 1
_STORED, _DEFLATED = 0, 8
_UNKNOWN32 = 0xFFFFFFFF
_ZIP64_FIELD = 1
_CHUNK = 256 * 1024
# 300,000 names of usual length; the largest real archives have a fifth of it.
MAX_DIRECTORY_BYTES = 32 * MIB
MAX_SELECTED = 20_000


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive whose central directory has been found.

    directory: its bytes. shift: what stands before the archive in its file (a launcher script).
    """

    window: Window
    directory: bytes
    shift: int


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, as the central directory tells.

    name: bytes that are not UTF-8 as U+FFFD. crc: of the content. packed: bytes it takes in the
    archive. offset: of its local header in the window. The stated size is not kept: it may lie.
    """

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    offset: int


def parse(window: Window) -> Archive:
    """Return the archive in `window`.

    Raises `MalformedError` for what is no whole zip archive; `LimitError` where its directory has
    over `MAX_DIRECTORY_BYTES`.
    """
    tail_at = max(0, window.size - _END_BYTES - _MAX_COMMENT_BYTES)
    tail = window.read(tail_at, _END_BYTES + _MAX_COMMENT_BYTES)
    at = len(tail)
    # A comment may hold the signature too, so every place is tried, the last first.
    while (at := tail.rfind(b"PK\5\6", 0, at)) >= 0:
        if at + _END_BYTES > len(tail):
            continue
        found = _directory(window, tail_at + at, tail[at : at + _END_BYTES])
        if found is not None:
            return found
    raise MalformedError("no zip archive, or one that is cut off")


def select(archive: Archive, suffixes: tuple[bytes, ...]) -> list[Member]:
    """Return the files whose names end with one of `suffixes`, in the order of the directory.

    Raises `MalformedError` where the directory is broken, `LimitError` for more than `MAX_SELECTED`.
    """
    directory = archive.directory
    found = []
    for start, name_at, name_end in _names(directory):
        if directory.endswith(suffixes, name_at, name_end):
            found.append(_member(archive, start))
            if len(found) > MAX_SELECTED:
                raise LimitError(f"more than {MAX_SELECTED} members that matter")
    return found


def folders(archive: Archive, suffix: bytes) -> set[bytes]:
    """Return the folders, without a last `/`, that directly hold files with this suffix."""
    found = set()
    for _, name_at, name_end in _names(archive.directory):
        if archive.directory.endswith(suffix, name_at, name_end):
            slash = archive.directory.rfind(b"/", name_at, name_end)
            found.add(archive.directory[name_at : max(slash, name_at)])
    return found


def read(window: Window, member: Member, max_bytes: int) -> bytes:
    """Return the whole content of a member; `window` is the one that its archive was parsed from.

    Raises `LimitError` where it has more than `max_bytes`, `MalformedError` where it cannot be
    unpacked or its checksum is wrong.
    """
    content = head(window, member, max_bytes + 1)
    if len(content) > max_bytes:
        raise LimitError(f"more than {max_bytes} bytes", where=member.name)
    if zlib.crc32(content) != member.crc:
        raise MalformedError("checksum is wrong", where=member.name)
    return content


def head(window: Window, member: Member, max_bytes: int) -> bytes:
    """Return the first bytes of a member, at most `max_bytes`; the checksum is not looked at."""
    parts, size = [], 0
    for part in _unpacked(_packed(window, member), member):
        parts.append(part[: max_bytes - size])
        size += len(parts[-1])
        if size >= max_bytes:
            break
    return b"".join(parts)


def stored(window: Window, member: Member) -> Window | None:
    """Return a member that is not compressed as a window of its own; None for one that is.

    Raises `MalformedError` where it is not to be found.
    """
    return _packed(window, member) if member.method == _STORED else None


def unpack(window: Window, member: Member, into: IO[bytes], max_bytes: int) -> None:
    """Write the content of a member, which may be large, piece by piece.

    Raises `LimitError` after the first byte over `max_bytes`, `MalformedError` where it cannot be
    unpacked or its checksum is wrong; what has been written by then shows in `into`.
    """
    size = crc = 0
    for part in _unpacked(_packed(window, member), member):
        into.write(part)
        size += len(part)
        crc = zlib.crc32(part, crc)
        if size > max_bytes:
            raise LimitError(f"unpacks to more than {max_bytes} bytes", where=member.name)
    if crc != member.crc:
        raise MalformedError("checksum is wrong", where=member.name)


def _directory(window: Window, end_at: int, end: bytes) -> Archive | None:
    """Return the archive that the end record at `end_at` ends, or None if it is none."""
    _, _, size, offset = _END.unpack(end)
    stop = end_at
    locator = window.read(end_at - _LOCATOR.size, _LOCATOR.size)
    if locator.startswith(b"PK\6\7"):
        record = _end64(window, end_at - _LOCATOR.size, _LOCATOR.unpack(locator)[1])
        if record is not None:
            stop, size, offset = record
    # Usually the directory ends where the end record begins, whatever stands before the archive;
    # some writers leave a gap, and then the stated offset is right.
    for start in (stop - size, offset):
        if start < 0 or start + size > stop or (size and window.read(start, 4) != b"PK\1\2"):
            continue
        if size > MAX_DIRECTORY_BYTES:
            raise LimitError(f"zip directory of more than {MAX_DIRECTORY_BYTES} bytes")
        return Archive(window, window.read(start, size), start - offset)
    return None


def _end64(window: Window, locator_at: int, stated: int) -> tuple[int, int, int] | None:
    """Return place of the zip64 end record, size and offset of the directory; None if not there."""
    for at in (locator_at - _END64.size, stated):
        record = window.read(at, _END64.size)
        if len(record) == _END64.size and record.startswith(b"PK\6\6"):
            _, _, size, offset = _END64.unpack(record)
            return at, size, offset
    return None


def _names(directory: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start of the entry, start and end of its name, for each entry."""
    at, end, lengths = 0, len(directory) - _ENTRY_BYTES, _LENGTHS.unpack_from
    while at <= end:
        name, extra, comment = lengths(directory, at + _LENGTHS_AT)
        name_at = at + _ENTRY_BYTES
        name_end = name_at + name
        yield at, name_at, name_end
        at = name_end + extra + comment
    if at != len(directory):
        raise MalformedError("zip directory is broken")


def _member(archive: Archive, at: int) -> Member:
    fields = _ENTRY.unpack_from(archive.directory, at)
    signature, flags, method, crc, packed, size, name, extra, _, offset = fields
    if signature != b"PK\1\2":
        raise MalformedError("zip directory is broken")
    name_end = at + _ENTRY_BYTES + name
    if _UNKNOWN32 in {packed, size, offset}:
        field = archive.directory[name_end : name_end + extra]
        _, packed, offset = _wide(field, (size, packed, offset))
    return Member(
        name=archive.directory[at + _ENTRY_BYTES : name_end].decode("utf-8", "replace"),
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        offset=offset + archive.shift,
    )


def _wide(extra: bytes, numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return size, packed size and offset, where they are too large for 32 bits from the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64_FIELD:
            values = iter(struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8]))
            size, packed, offset = (
                next(values, (number,))[0] if number == _UNKNOWN32 else number for number in numbers
            )
            return size, packed, offset
        at += 4 + length
    return numbers


def _packed(window: Window, member: Member) -> Window:
    """Return the packed bytes of a member."""
    if member.flags & _ENCRYPTED:
        raise MalformedError("is encrypted", where=member.name)
    if member.method not in {_STORED, _DEFLATED}:
        raise MalformedError(f"is packed by method {member.method}", where=member.name)
    header = window.read(member.offset, _LOCAL_BYTES)
    if len(header) < _LOCAL_BYTES or not header.startswith(b"PK\3\4"):
        raise MalformedError("is not where the zip directory says", where=member.name)
    _, name, extra = _LOCAL.unpack(header)
    found = window.part(member.offset + _LOCAL_BYTES + name + extra, member.packed)
    if found.size < member.packed:
        raise MalformedError("is cut off", where=member.name)
    return found


def _unpacked(packed: Window, member: Member) -> Iterator[bytes]:
    """Yield the content in pieces of at most `_CHUNK` bytes."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None
    for at in range(0, packed.size, _CHUNK):
        rest = packed.read(at, _CHUNK)
        if inflater is None:
            yield rest
            continue
        while rest:
            try:
                yield inflater.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise MalformedError(f"cannot be unpacked: {error}", where=member.name) from error
            rest = inflater.unconsumed_tail
        if inflater.eof:
            return
    if inflater is not None:
        raise MalformedError("is cut off", where=member.name)
