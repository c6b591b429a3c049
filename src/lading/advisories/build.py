"""Making a store: written beside, synced, renamed over the old one.

Nothing of a store that is in use is touched, so an update that breaks off anywhere leaves the old
one in force; two updates at once write two files, and the later renaming wins.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from lading import versions
from lading.advisories import osv
from lading.advisories.entry import EXACT, UNREADABLE, binaries, entry, rows
from lading.advisories.flaws import flaws
from lading.advisories.meta import SUFFIX, Meta, fingerprint, path_of, scheme_of

_BATCH_ROWS = 20_000
_PRIMARY_KEY = itemgetter(0, 1, 2, 3, 4)
_STALE_S = 24 * 3600
_TEMPORARY = ".tmp-"
_TABLES = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE record (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, modified TEXT NOT NULL,
        digest BLOB NOT NULL, active INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE affected (name TEXT, release TEXT, high BLOB, n INTEGER, low BLOB, flags INTEGER,
        first TEXT, last TEXT, note BLOB, PRIMARY KEY (name, release, high, n, low)) WITHOUT ROWID;
    CREATE TABLE alias (name TEXT, n INTEGER, PRIMARY KEY (name, n)) WITHOUT ROWID;
    CREATE TABLE binary (name TEXT, release TEXT, source TEXT, PRIMARY KEY (name, release, source)) WITHOUT ROWID;
"""
_CATALOGUE = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE value (cve TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""


class Builder:
    """A store in the making; a context manager that removes what was not put in place.

    base: a store to start from (it is copied); None for an empty one.
    Raises `UnavailableError` for an ecosystem whose versions have no order that Lading knows.
    """

    def __init__(self, data_dir: Path, family: str, base: Path | None = None) -> None:
        self.family = family
        self.scheme = scheme_of(family)
        self.target = path_of(data_dir, family)
        self._path = temporary(self.target)
        try:
            if base:
                _copy(base, self._path)
            self._connection = _open(self._path)
            if not base:
                self._connection.executescript(_TABLES)
            self._connection.execute("BEGIN")
        except BaseException:
            self._path.unlink(missing_ok=True)
            raise
        self._key = lru_cache(maxsize=2**15)(versions.scheme(self.scheme))
        self._records: list[tuple[int, str, str, bytes, int, bytes]] = []
        self._rows: list[tuple[str | bytes | int, ...]] = []
        self._aliases: list[tuple[str, int]] = []
        self._binaries: set[tuple[str, str, str]] = set()
        self._next = 1 + int(self._scalar("SELECT coalesce(max(n), 0) FROM record"))

    def add(self, record: osv.Record, *, whole: bool) -> None:
        """Add a record, in place of one of the same ID. whole: all of it could be read."""
        named = flaws(record, self.family)
        kept = entry(record, named)
        n, self._next = self._next, self._next + 1
        found = (
            [(*row[:3], n, *row[3:]) for row in rows(record, self.family, self._key)]
            if named.security
            else []
        )
        digest = hashlib.sha256(msgspec.msgpack.encode(record)).digest()[:16]
        active = (2 if not whole else 0) | bool(found)
        self._records.append((n, record.id, record.modified, digest, active, msgspec.msgpack.encode(kept)))
        self._rows += found
        self._aliases += [(name.upper(), n) for name in dict.fromkeys((record.id, *kept.cves, *kept.names))]
        self._binaries.update(binaries(record, self.family))
        if len(self._rows) >= _BATCH_ROWS or len(self._records) >= _BATCH_ROWS:
            self._flush()

    def remove(self, record_id: str) -> None:
        """Take a record out, if it is there."""
        self._flush()
        for (n,) in self._connection.execute("SELECT n FROM record WHERE id = ?", (record_id,)).fetchall():
            for table in ("record", "affected", "alias"):
                self._connection.execute(f"DELETE FROM {table} WHERE n = ?", (n,))  # noqa: S608 -- our own names

    def _flush(self) -> None:
        # Sorted runs fill the pages of the tree in order, which halves the time of a large export.
        self._rows.sort(key=_PRIMARY_KEY)
        run = self._connection.executemany
        run("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)", self._records)
        run("INSERT OR REPLACE INTO affected VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._rows)
        run("INSERT OR REPLACE INTO alias VALUES (?, ?)", self._aliases)
        # Which source a package is built from stays true when a record is gone.
        run("INSERT OR IGNORE INTO binary VALUES (?, ?, ?)", sorted(self._binaries))
        self._binaries.clear()
        for batch in (self._records, self._rows, self._aliases):
            batch.clear()

    def active(self) -> set[str]:
        """Return the IDs of the records that can match something."""
        self._flush()
        return {key for (key,) in self._connection.execute("SELECT id FROM record WHERE active & 1")}

    def count(self) -> int:
        """Return the number of records."""
        self._flush()
        return int(self._scalar("SELECT count(*) FROM record"))

    def _scalar(self, query: str) -> int | str | float:
        value: int | str | float = self._connection.execute(query).fetchone()[0]
        return value

    def finish(self, meta: Meta) -> Meta:
        """Put the store in place and return what it says of itself.

        meta: what only the caller knows; counts, dates and digests are worked out here.
        """
        self._flush()
        digest = hashlib.sha256()
        for row in self._connection.execute("SELECT id, digest FROM record ORDER BY id"):
            digest.update(row[0].encode("utf-8", "surrogatepass") + b"\0" + row[1])
        counted = {
            "records": self._scalar("SELECT count(*) FROM record"),
            "modified": self._scalar("SELECT coalesce(max(modified), '') FROM record"),
            "digest": "sha256:" + digest.hexdigest(),
            "keys": fingerprint(self.scheme),
            "unreadable": self._scalar("SELECT count(*) FROM record WHERE active & 2"),
            "rows": self._scalar("SELECT count(*) FROM affected"),
            "exact": self._scalar(f"SELECT count(*) FROM affected WHERE flags & {EXACT}"),  # noqa: S608 -- our number
            "unknown": self._scalar(f"SELECT count(*) FROM affected WHERE flags & {UNREADABLE}"),  # noqa: S608 -- our number
        }
        meta = msgspec.structs.replace(meta, **counted)
        _write_meta(self._connection, meta)
        self._connection.close()
        put(self._path, self.target)
        return meta

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)


def catalogue(data_dir: Path, values: Iterable[tuple[str, float]], meta: Meta) -> None:
    """Make the store of KEV or EPSS: CVE and value. meta.ecosystem says which."""
    target = path_of(data_dir, meta.ecosystem)
    path = temporary(target)
    try:
        connection = _open(path)
        try:
            connection.executescript(_CATALOGUE)
            connection.execute("BEGIN")
            connection.executemany("INSERT OR REPLACE INTO value VALUES (?, ?)", values)
            _write_meta(connection, meta)
        finally:
            connection.close()
        put(path, target)
    finally:
        path.unlink(missing_ok=True)


def temporary(target: Path) -> Path:
    """Return the path of a new file beside a target, which nobody else has."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=target.suffix, dir=target.parent)
    os.close(handle)
    return Path(name)


def put(path: Path, target: Path) -> None:
    """Sync a finished file and rename it over the target."""
    path.chmod(0o644)
    _sync(path, os.O_RDWR)
    path.replace(target)
    _sync(target.parent, os.O_RDONLY)


def sweep(directory: Path, now: float) -> None:
    """Remove what updates that were killed a day ago or earlier have left. now: seconds since 1970."""
    for path in directory.glob(_TEMPORARY + "*"):
        with suppress(OSError):
            if now - path.stat().st_mtime > _STALE_S:
                path.unlink()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    # No journal: if this breaks off, the file is thrown away.
    connection.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768"
    )
    return connection


def _copy(base: Path, path: Path) -> None:
    import shutil

    shutil.copyfile(base, path)


def _write_meta(connection: sqlite3.Connection, meta: Meta) -> None:
    values = msgspec.structs.asdict(meta).items()
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values)
    connection.execute("COMMIT")


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = ["SUFFIX", "Builder", "catalogue", "put", "sweep", "temporary"]
