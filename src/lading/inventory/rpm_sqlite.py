"""Rpm's database as an SQLite file: `rpmdb.sqlite` (rpm 4.16 and later; Fedora, RHEL 9, Amazon Linux 2023).

The headers are `SELECT blob FROM Packages`. Rpm writes through a write-ahead log; nearly always its end leaves
all in the main file, and only that is read. `rpm_wal` tells where there is more in a log beside it.
The file is hostile: nothing but reading that table is allowed, and only for so many steps, because
`Packages` may be a view that computes for ever.
Format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from contextlib import ExitStack, closing
from tempfile import NamedTemporaryFile

from lading.errors import MalformedError, UnavailableError
from lading.inventory import rpm
from lading.model.fact import Skipped
from lading.model.package import Package
from lading.oci.reader import MIB, FileReader, TreeFile

_READER = "os/rpm-sqlite"
_FILE = "rpmdb.sqlite"
_MAGIC = b"SQLite format 3\0"
# Bytes of the database header that say how it is written: 2 is a write-ahead log, 1 is not.
_WRITE_AT, _READ_AT, _WAL = 18, 19, 2
_HEAD_BYTES = 100
# Steps of SQLite's machine. A row takes a handful, so this is for ten times what `rpm` allows.
_MAX_STEPS = 20_000_000
_STEPS_A_CALL = 100_000


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield the packages; `Skipped` from where the database cannot be read, and for one that is empty."""
    found = False
    for fact in rpm.packages(_blobs(file), file, _READER):
        found = True
        yield fact
    if not found and file.open().read(_READ_AT + 1)[_WRITE_AT:] == bytes((_WAL, _WAL)):
        yield Skipped(
            _READER, file.path, "no package in it: they may be in a write-ahead log, which is not read"
        )


def _blobs(file: TreeFile) -> Iterator[bytes]:
    import sqlite3

    if not file.open().read(len(_MAGIC)) == _MAGIC:
        raise MalformedError("not an SQLite database")
    steps = iter(range(_MAX_STEPS // _STEPS_A_CALL))
    with ExitStack() as stack:
        try:
            if file.spool is None:
                database = stack.enter_context(closing(sqlite3.connect(":memory:")))
                # A database in memory cannot have a log: SQLite refuses one that says it has.
                plain = bytes((1, 1))
                database.deserialize(file.data[:_WRITE_AT] + plain + file.data[_READ_AT + 1 :])
            else:
                copy = stack.enter_context(NamedTemporaryFile(prefix="lading-"))
                shutil.copyfileobj(file.open(), copy)
                copy.flush()
                uri = f"file:{copy.name}?mode=ro&immutable=1"
                database = stack.enter_context(closing(sqlite3.connect(uri, uri=True)))
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, rpm.MAX_HEADER_BYTES)
            database.execute("PRAGMA trusted_schema=OFF")
            database.set_progress_handler(lambda: next(steps, None) is None, _STEPS_A_CALL)
            database.set_authorizer(_may)
            for (blob,) in database.execute("SELECT blob FROM Packages"):
                if not isinstance(blob, bytes):
                    raise MalformedError("a row of the database holds no header")
                yield blob
            if _stated_bytes(file) > file.size:
                raise MalformedError("shorter than it says: packages may be missing")
        except (sqlite3.Error, OverflowError, MemoryError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            raise MalformedError(f"not a readable SQLite database: {reason}") from error
        except OSError as error:
            raise UnavailableError(f"no copy of the database could be made: {error.strerror}") from error


def _stated_bytes(file: TreeFile) -> int:
    """Return the size that the database's header states: pages by their size, of which 1 means 65,536."""
    head = file.open().read(_HEAD_BYTES).ljust(_HEAD_BYTES, b"\0")
    page_bytes, pages = struct.unpack_from(">H", head, 16)[0], struct.unpack_from(">I", head, 28)[0]
    return int(pages) * (65536 if page_bytes == 1 else int(page_bytes))


def _may(action: int, table: str | None, _column: str | None, _database: str | None, view: str | None) -> int:
    """Allow to read the table, and nothing that a view, a trigger or an expression would do besides."""
    import sqlite3

    reads = action == sqlite3.SQLITE_READ and table == "Packages" and view is None
    return sqlite3.SQLITE_OK if reads or action == sqlite3.SQLITE_SELECT else sqlite3.SQLITE_DENY


RPM_SQLITE = FileReader(
    name=_READER,
    paths=tuple(f"{folder}/{_FILE}" for folder in rpm.FOLDERS),
    read=read,
    max_bytes=512 * MIB,
    version=2,
)
