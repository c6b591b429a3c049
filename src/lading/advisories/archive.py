"""The records in OSV's `all.zip`: one `<ID>.json` each. Nothing is ever unpacked to disk."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from lading.advisories.osv import MAX_RECORD_BYTES, Record, decode
from lading.errors import LimitError, MalformedError

MAX_BYTES = 4 * 2**30
# Records shrink to a sixth or a twentieth; a bomb to a thousandth.
MAX_RATIO = 200
_SMALL_BYTES = 64 * 2**20
_MAX_DIRECTORY_BYTES = 64 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+-]{0,200}\.json")
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
# All that `zipfile` raises for bytes that are no zip file, found by giving it such bytes.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    RuntimeError,
    struct.error,
    OverflowError,
    OSError,
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_MANY = 2**16


def records(file: IO[bytes], where: str) -> Iterator[tuple[Record, bool]]:
    """Yield the records in a zip file, and whether all of each could be read.

    file: seekable, at any place. where: goes into errors.
    Raises `MalformedError` for what is no whole zip file, for members that are not named
    `<ID>.json` (a path, above all), and for one that is not a record under its own ID; `LimitError`
    for one of more than `MAX_RECORD_BYTES` and for an archive that grows more than `MAX_RATIO`
    times. What was yielded before is then worth nothing.
    """
    size = file.seek(0, 2)
    count = _check_directory(file, size, where)
    left = max(_SMALL_BYTES, size * MAX_RATIO)
    try:
        with zipfile.ZipFile(file) as archive:
            if count not in {len(archive.infolist()) % _MANY, _MANY - 1}:
                raise MalformedError("its directory does not list all members", where, "try again")
            if len(archive.NameToInfo) != len(archive.infolist()):
                raise MalformedError("holds two members of one name", where)
            for member in archive.infolist():
                _check(member, where)
                name = f"{where}: {member.filename}"
                data = _content(file, member, where)
                left -= len(data)
                if left < 0:
                    raise LimitError(f"grows to more than {MAX_RATIO} times its size", where)
                record, whole = decode(data, name)
                if record.id + ".json" != member.filename:
                    raise MalformedError(
                        f"it is the record of {record.id[:100]!r}", f"{where}: {member.filename}"
                    )
                yield record, whole
    except _BROKEN as error:
        raise MalformedError(f"not a whole zip file: {error}", where, "try again") from error


def _check(member: zipfile.ZipInfo, where: str) -> None:
    if not _NAME.fullmatch(member.filename):
        raise MalformedError(f"a member that is no record: {member.filename[:100]!r}", where)
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise MalformedError(f"a member that is encrypted or packed in another way: {member.filename}", where)
    if member.file_size > MAX_RECORD_BYTES:
        raise LimitError(f"a record of more than {MAX_RECORD_BYTES} bytes", f"{where}: {member.filename}")


def _content(file: IO[bytes], member: zipfile.ZipInfo, where: str) -> bytes:
    """Return a member whole, checked against its size and checksum.

    What `zipfile` gives, at a quarter of the time it takes for many small members.
    """
    file.seek(member.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
        raise MalformedError("a member that is not where the directory says", where, "try again")
    name_bytes, extra_bytes = _LOCAL.unpack(header)[-2:]
    file.seek(name_bytes + extra_bytes, 1)
    data = file.read(min(member.compress_size, MAX_RECORD_BYTES))
    if member.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        data = stream.decompress(data, member.file_size + 1)
    if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
        raise MalformedError("a member that is not whole", f"{where}: {member.filename}", "try again")
    return data


def _check_directory(file: IO[bytes], size: int, where: str) -> int:
    """Refuse a directory that would fill the memory; `zipfile` reads it at once. Return its count of members.

    Of `_MANY` members and more it is the rest, or, where zip64 has the count, `_MANY - 1`.
    """
    tail = min(size, _END.size + 2**16)
    file.seek(size - tail)
    data = file.read(tail)
    at = data.rfind(b"PK\5\6")
    if at < 0 or len(data) - at < _END.size:
        raise MalformedError("not a whole zip file", where, "try again")
    count, directory_bytes = _END.unpack_from(data, at)[4:6]
    # zip64 writes this number elsewhere and fills the field; no export is that large.
    if directory_bytes > _MAX_DIRECTORY_BYTES:
        raise LimitError(f"a directory of more than {_MAX_DIRECTORY_BYTES} bytes", where)
    return int(count)
