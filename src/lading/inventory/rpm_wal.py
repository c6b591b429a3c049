"""The write-ahead log beside rpm's SQLite database: whether there is more in it than in `rpmdb.sqlite`.

Rpm empties the log when it ends, unless another process reads the database then (dnf, PackageKit). What was written
last is in the log alone in that case, and `rpmdb.sqlite` tells of packages as they were before. The log is not
read, but an image that has one is not taken for known.
A header of 32 bytes (magic, version, size of a page, number, two salts, checksums) is followed by frames of 24 bytes
(page, pages after a commit, the salts of the header, checksums) and a page each. Frames with other salts are old.
Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from lading.inventory import rpm, window
from lading.model.fact import Skipped
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "os/rpm-wal"
_MAGICS = frozenset({0x377F0682, 0x377F0683})
_HEADER = struct.Struct(">I4xI4x8s8x")
_FRAME = struct.Struct(">4xI8s8x")
_PAGE_BYTES = range(512, 65536 + 1)


def read(file: TreeFile) -> Iterator[Skipped]:
    """Yield that something is missing, if there is a change in the log that was completed; else nothing."""
    log = window.of(file)
    head = log.read(0, _HEADER.size)
    if len(head) < _HEADER.size:
        return
    magic, page_bytes, salts = _HEADER.unpack(head)
    if magic not in _MAGICS or page_bytes not in _PAGE_BYTES:
        return
    for at in range(_HEADER.size, log.size - _FRAME.size - page_bytes + 1, _FRAME.size + page_bytes):
        committed, own = _FRAME.unpack(log.read(at, _FRAME.size))
        if own != salts:
            return
        if committed:
            reason = "holds changes that rpmdb.sqlite has not: packages may be missing, or of other versions"
            yield Skipped(_NAME, file.path, reason)
            return


RPM_WAL = FileReader(
    name=_NAME,
    paths=tuple(f"{folder}/rpmdb.sqlite-wal" for folder in rpm.FOLDERS),
    read=read,
    max_bytes=512 * MIB,
)
