"""Rpm's database as a Berkeley DB hash: `Packages` (RHEL and CentOS up to 8, Amazon Linux 2, Photon).

Page 0 describes the file; the others are found by their type. A page of a hash has a table of offsets
and, from its end downwards, items that alternate between key and value. A value too large for a page is
a reference to a chain of overflow pages. The key of a package is its number, of four bytes; number 0 is
rpm's counter. Numbers are in the byte order of the machine that wrote the file.
All pages are read in their order: what a bucket's chain would reach and nothing else has the type of
a hash page, since Berkeley DB marks the pages it frees.
Format: src/dbinc/db_page.h in https://www.oracle.com/database/technologies/related/berkeleydb.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from lading.errors import MalformedError
from lading.inventory import rpm
from lading.model.fact import Skipped
from lading.model.package import Package
from lading.oci.reader import MIB, FileReader, TreeFile

_READER = "os/rpm-bdb"
_FILE = "Packages"
_MAGIC = 0x061561
_PAGE_BYTES = frozenset(512 << shift for shift in range(8))  # 512 to 65,536
_META_BYTES = 72
_PAGE_HEAD_BYTES = 26
_OVERFLOW, _HASHES = 7, frozenset({2, 13})  # unsorted before version 4.6, sorted since
_ON_PAGE, _OFF_PAGE = 1, 3
_OFF_PAGE_BYTES = 12
_KEY_BYTES = 4
_CHECKSUMMED = 1


@dataclass(frozen=True, slots=True)
class _Database:
    """The open file. order: of bytes, as `struct` writes it. page_bytes, pages: size and count."""

    stream: IO[bytes]
    order: str
    page_bytes: int
    pages: int
    path: str

    def page(self, number: int) -> bytes:
        self.stream.seek(number * self.page_bytes)
        return self.stream.read(self.page_bytes)


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield the packages in the order of the pages; `Skipped` for each that cannot be read."""
    yield from rpm.packages(_blobs(file), file, _READER)


def _blobs(file: TreeFile) -> Iterator[bytes | Skipped]:
    database = _opened(file)
    for number in range(1, database.pages):
        page = database.page(number)
        if len(page) < database.page_bytes:
            yield Skipped(_READER, file.path, "shorter than it says: packages may be missing")
            return
        if page[25] in _HASHES:
            yield from _pairs(database, number, page)


def _opened(file: TreeFile) -> _Database:
    stream = file.open()
    meta = stream.read(_META_BYTES)
    if len(meta) < _META_BYTES:
        raise MalformedError("not a Berkeley DB hash")
    order = next((order for order in "<>" if struct.unpack_from(order + "I", meta, 12)[0] == _MAGIC), "")
    if not order:
        raise MalformedError("not a Berkeley DB hash")
    (page_bytes,) = struct.unpack_from(order + "I", meta, 20)
    (last,) = struct.unpack_from(order + "I", meta, 32)
    if page_bytes not in _PAGE_BYTES:
        raise MalformedError(f"Berkeley DB with pages of {page_bytes} bytes")
    if meta[24] or meta[26] & _CHECKSUMMED:
        raise MalformedError("Berkeley DB that is encrypted or has checksums, which rpm's never have")
    return _Database(stream, order, page_bytes, last + 1, file.path)


def _pairs(database: _Database, number: int, page: bytes) -> Iterator[bytes | Skipped]:
    (count,) = struct.unpack_from(database.order + "H", page, 20)
    if count % 2 or _PAGE_HEAD_BYTES + 2 * count > database.page_bytes:
        yield Skipped(_READER, database.path, f"page {number} has no table of items")
        return
    starts = struct.unpack_from(f"{database.order}{count}H", page, _PAGE_HEAD_BYTES)
    ends = (database.page_bytes, *starts)
    if any(start >= end for start, end in zip(starts, ends, strict=False)):
        yield Skipped(_READER, database.path, f"page {number} has items that overlap")
        return
    items = [page[start:end] for start, end in zip(starts, ends, strict=False)]
    for key, value in zip(items[::2], items[1::2], strict=True):
        if key[:1] != bytes((_ON_PAGE,)) or len(key) != 1 + _KEY_BYTES:
            yield Skipped(_READER, database.path, f"page {number} has a key that is no package's number")
        elif any(key[1:]):
            blob = _value(database, value)
            yield blob or Skipped(
                _READER, database.path, f"page {number} has a package whose header is cut or lost"
            )


def _value(database: _Database, item: bytes) -> bytes:
    """Return a value; empty if it, or one of the pages it refers to, is not what it should be."""
    kind = item[0] if item else 0
    if kind == _ON_PAGE:
        return item[1:]
    if kind != _OFF_PAGE or len(item) < _OFF_PAGE_BYTES:
        return b""
    number, left = struct.unpack_from(database.order + "II", item, 4)
    if left > min(rpm.MAX_HEADER_BYTES, database.pages * database.page_bytes):
        return b""
    parts: list[bytes] = []
    while left > 0:
        page = database.page(number) if 0 < number < database.pages else b""
        if len(page) < database.page_bytes or page[25] != _OVERFLOW:
            return b""
        number, size = struct.unpack_from(database.order + "I2xH", page, 16)
        if not 0 < size <= min(left, database.page_bytes - _PAGE_HEAD_BYTES):
            return b""
        parts.append(page[_PAGE_HEAD_BYTES : _PAGE_HEAD_BYTES + size])
        left -= size
    return b"".join(parts)


RPM_BDB = FileReader(
    name=_READER,
    paths=tuple(f"{folder}/{_FILE}" for folder in rpm.FOLDERS),
    read=read,
    max_bytes=512 * MIB,
    version=2,
)
