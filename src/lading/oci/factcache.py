"""The facts of layers, kept in SQLite under (diff ID, analyser version), shared by all processes.

Written ahead (WAL), so that a scan that writes never keeps another from reading. The cache may be
lost, unwritable or broken at any time: then layers are read again, and a warning says why.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from lading.oci.facts import Aliases, LayerFacts

_logger = logging.getLogger(__name__)

# Raised with every change of what is stored here, or of how layers are walked.
_FORMAT = 1
_BUSY_S = 5.0
_PAUSE_S = 0.01
# The oldest are dropped when all together take more than this.
MAX_CACHE_BYTES = 2 * 2**30
_DAY_S = 86_400
_TABLE = """
CREATE TABLE IF NOT EXISTS layer (
    diff_id TEXT NOT NULL, version TEXT NOT NULL, used INTEGER NOT NULL, facts BLOB NOT NULL,
    PRIMARY KEY (diff_id, version)
)
"""


class FactCache:
    """A store of `LayerFacts`; a context manager.

    path: the SQLite file, made if it is not there; None for a cache that keeps nothing.
    version: the readers and their versions, from `Dispatch.version`.
    """

    def __init__(self, path: Path | None, version: str) -> None:
        self._version = f"{_FORMAT} {version}"
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = self._connect(self._path)
            except sqlite3.DatabaseError as error:
                self._connection = self._start_over(self._path, error)
            except OSError as error:
                self._give_up(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, diff_id: str, aliases: Aliases | None = None) -> LayerFacts | None:
        """Return what is known of a layer (read under `aliases`, if given), or None."""
        if self._connection is None:
            return None
        key = self._key(aliases)
        try:
            row = self._connection.execute(
                "SELECT facts, used FROM layer WHERE diff_id = ? AND version = ?", (diff_id, key)
            ).fetchone()
            if row is None:
                return None
            facts = msgspec.msgpack.decode(zlib.decompress(row[0]), type=LayerFacts)
            self._touch(diff_id, key, row[1])
        except (sqlite3.Error, zlib.error, msgspec.MsgspecError, RecursionError) as error:
            _logger.warning("the layer cache is passed over: %s", error)
            return None
        return facts

    def put(self, diff_id: str, facts: LayerFacts, aliases: Aliases | None = None) -> None:
        """Keep the facts of a layer; a failure to do so is a warning."""
        if self._connection is None:
            return
        # Level 1: facts are written once and read often, and shrink to a sixth even so.
        blob = zlib.compress(msgspec.msgpack.encode(facts), 1)
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO layer VALUES (?, ?, ?, ?)",
                    (diff_id, self._key(aliases), int(time.time()), blob),
                )
                self._prune()
        except sqlite3.Error as error:
            self._give_up(error)

    def _key(self, aliases: Aliases | None) -> str:
        return self._version if aliases is None else f"{self._version} {json.dumps(sorted(aliases.items()))}"

    def _connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
        try:
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_TABLE)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _start_over(self, path: Path, error: sqlite3.Error) -> sqlite3.Connection | None:
        """Put a broken file aside and make a new one; one that cannot be written is left alone."""
        if isinstance(error, sqlite3.OperationalError):
            self._give_up(error)
            return None
        try:
            os.replace(path, path.with_suffix(".broken"))  # noqa: PTH105 - atomic on every platform
            return self._connect(path)
        except (OSError, sqlite3.Error) as again:
            self._give_up(again)
            return None

    def _touch(self, diff_id: str, key: str, used: int) -> None:
        now = int(time.time())
        if self._connection is None or now - used < _DAY_S:
            return
        try:
            with self._connection:
                self._connection.execute(
                    "UPDATE layer SET used = ? WHERE diff_id = ? AND version = ?", (now, diff_id, key)
                )
        except sqlite3.Error as error:  # another process writes: the date is not worth a wait
            _logger.debug("date of use not kept: %s", error)

    def _prune(self) -> None:
        assert self._connection is not None
        (total,) = self._connection.execute("SELECT sum(length(facts)) FROM layer").fetchone()
        while total > MAX_CACHE_BYTES:
            row = self._connection.execute(
                "SELECT diff_id, version, length(facts) FROM layer ORDER BY used LIMIT 1"
            ).fetchone()
            self._connection.execute("DELETE FROM layer WHERE diff_id = ? AND version = ?", row[:2])
            total -= row[2]

    def _give_up(self, error: Exception) -> None:
        _logger.warning("layers are not cached: %s: %s", self._path, error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn writing ahead on; while another process does so for a new file, SQLite fails at once and does not wait."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
