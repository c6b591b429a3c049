"""Rpm's own database format: `Packages.db` (openSUSE, SLES 15 SP4 and later, openEuler).

After a header of 32 bytes come slots of 16 bytes, in as many pages of 4096 bytes as the header says. A slot
tells a package's number and where its blob lies, in blocks of 16 bytes. A blob has a head (mark,
number, generation, length), then the rpm header, then a tail. All numbers are little-endian.
Format: lib/backend/ndb/rpmpkg.c in https://github.com/rpm-software-management/rpm
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from lading.errors import MalformedError
from lading.inventory import rpm
from lading.model.fact import Skipped
from lading.model.package import Package
from lading.oci.reader import MIB, FileReader, TreeFile

_READER = "os/rpm-ndb"
_FILE = "Packages.db"
_HEAD = struct.Struct("<4sIIII12x")
_SLOT = struct.Struct("<4sIII")
_BLOB = struct.Struct("<4sIII")
_PAGE_BYTES = 4096
_BLOCK_BYTES = 16
_MAX_SLOT_PAGES = 2048  # 524,288 packages


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield the packages in the order of their slots; `Skipped` for each that cannot be read."""
    yield from rpm.packages(_blobs(file), file, _READER)


def _blobs(file: TreeFile) -> Iterator[bytes | Skipped]:
    stream = file.open()
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size or head[:4] != b"RpmP":
        raise MalformedError("not an rpm package database (ndb)")
    _, version, _, pages, _ = _HEAD.unpack(head)
    if version:
        raise MalformedError(f"rpm package database (ndb) of version {version}: only 0 is known")
    if not 0 < pages <= _MAX_SLOT_PAGES or pages * _PAGE_BYTES > file.size:
        raise MalformedError("rpm package database (ndb) without the pages that it says it has")
    slots = stream.read(pages * _PAGE_BYTES - _HEAD.size)
    for mark, number, block, blocks in _SLOT.iter_unpack(slots[: len(slots) // _SLOT.size * _SLOT.size]):
        if mark != b"Slot":
            yield Skipped(_READER, file.path, "a slot without its mark: packages may be missing")
        elif number:
            yield _blob(stream, file, (number, block, blocks))


def _blob(stream: IO[bytes], file: TreeFile, slot: tuple[int, int, int]) -> bytes | Skipped:
    number, block, blocks = slot
    stream.seek(block * _BLOCK_BYTES)
    head = stream.read(_BLOB.size)
    mark, own, _, size = _BLOB.unpack(head) if len(head) == _BLOB.size else (b"", 0, 0, 0)
    room = blocks * _BLOCK_BYTES - _BLOB.size
    if mark != b"BlbS" or own != number or size > min(room, rpm.MAX_HEADER_BYTES):
        return Skipped(_READER, file.path, f"package number {number} is not where its slot says")
    blob = stream.read(size)
    if len(blob) < size:
        return Skipped(_READER, file.path, f"package number {number} is cut short")
    return blob


RPM_NDB = FileReader(
    name=_READER,
    paths=tuple(f"{folder}/{_FILE}" for folder in rpm.FOLDERS),
    read=read,
    max_bytes=512 * MIB,
    version=2,
)
