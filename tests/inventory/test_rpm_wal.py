"""Logs that SQLite itself has written, and parts of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import reading
from lading.inventory.rpm_wal import RPM_WAL
from lading.model.fact import Skipped

PATH = "usr/lib/sysimage/rpm/rpmdb.sqlite-wal"
FOUND = [
    Skipped(
        "os/rpm-wal",
        PATH,
        "holds changes that rpmdb.sqlite has not: packages may be missing, or of other versions",
    )
]


def _log(folder: Path, *statements: str) -> bytes:
    """Return the log after these statements, while the database is open."""
    with closing(sqlite3.connect(folder / "rpmdb.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement in statements:
            database.execute(statement)
        return (folder / "rpmdb.sqlite-wal").read_bytes()


MADE = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)"


def test_a_change_that_is_in_the_log_alone(tmp_path: Path) -> None:
    assert reading.facts(RPM_WAL, PATH, _log(tmp_path, MADE)) == FOUND


def test_a_log_that_has_been_emptied(tmp_path: Path) -> None:
    assert _log(tmp_path, MADE, "PRAGMA wal_checkpoint(TRUNCATE)") == b""
    assert reading.facts(RPM_WAL, PATH, b"") == []


def test_frames_of_an_older_log_do_not_count(tmp_path: Path) -> None:
    log = bytearray(_log(tmp_path, MADE))
    log[16:24] = b"newsalts"
    assert reading.facts(RPM_WAL, PATH, bytes(log)) == []


def test_a_change_that_was_not_completed(tmp_path: Path) -> None:
    log = _log(tmp_path, MADE)
    page = int.from_bytes(log[8:12], "big")
    assert reading.facts(RPM_WAL, PATH, log[: 32 + 24 + page]) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x37\x7f\x06\x82" + bytes(9000), id="pages-of-no-size"),
        pytest.param(bytes(9000), id="no-log"),
        pytest.param(b"\x37\x7f\x06\x82", id="cut-short"),
    ],
)
def test_no_log(content: bytes) -> None:
    assert reading.facts(RPM_WAL, PATH, content) == []


def test_cut_anywhere(tmp_path: Path) -> None:
    log = _log(tmp_path, MADE)
    for end in range(0, len(log), 97):
        assert reading.facts(RPM_WAL, PATH, log[:end]) in ([], FOUND)
