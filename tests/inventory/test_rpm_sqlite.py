from __future__ import annotations

import functools
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import reading
import rpm_samples
from lading.inventory.rpm_sqlite import RPM_SQLITE
from lading.model.fact import Skipped
from lading.oci.reader import TreeFile

PATH = "var/lib/rpm/rpmdb.sqlite"
ENDLESS_VIEW = """\
CREATE VIEW Packages AS WITH RECURSIVE c(blob) AS (SELECT 1 UNION ALL SELECT blob+1 FROM c)
SELECT count(blob) AS blob FROM c
"""


def database(folder: Path, *statements: str, rows: list[object] | None = None) -> bytes:
    """Return the bytes of a database in which these statements were run."""
    path = folder / "made.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        for statement in statements or (
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)",
        ):
            connection.execute(statement)
        if rows:
            connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(row,) for row in rows])
    connection.close()
    return path.read_bytes()


def names(data: bytes) -> list[str]:
    return [package.name for package in reading.packages(RPM_SQLITE, PATH, data)]


def reasons(data: bytes) -> list[str]:
    return [fact.reason for fact in reading.facts(RPM_SQLITE, PATH, data) if isinstance(fact, Skipped)]


@needs.tool("rpm", "rpmbuild")
def test_as_rpm_itself_says(tmp_path: Path) -> None:
    path = rpm_samples.sqlite_database(tmp_path)
    assert rpm_samples.told(reading.packages(RPM_SQLITE, PATH, path.read_bytes())) == rpm_samples.queried(
        "sqlite", path.parent
    )


@needs.tool("rpm", "rpmbuild")
def test_a_spooled_file_says_the_same(tmp_path: Path) -> None:
    data = rpm_samples.sqlite_database(tmp_path).read_bytes()
    with tempfile.TemporaryFile() as spool:
        spool.write(data)
        found = list(RPM_SQLITE.read(TreeFile(PATH, len(data), spool=spool)))
    assert found == reading.facts(RPM_SQLITE, PATH, data)
    assert len(found) == 4


def test_paths() -> None:
    assert RPM_SQLITE.paths == (
        "var/lib/rpm/rpmdb.sqlite",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        "usr/share/rpm/rpmdb.sqlite",
    )


def test_journal_modes(tmp_path: Path) -> None:
    data = database(tmp_path, rows=[rpm_samples.minimal()])
    for mode in (1, 2):
        assert names(data[:18] + bytes((mode, mode)) + data[20:]) == ["bash"]


def test_empty(tmp_path: Path) -> None:
    data = database(tmp_path)
    assert reading.facts(RPM_SQLITE, PATH, data) == []
    logged = data[:18] + bytes((2, 2)) + data[20:]
    assert reasons(logged) == ["no package in it: they may be in a write-ahead log, which is not read"]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        pytest.param(("CREATE TABLE Other (blob)",), "no such table: Packages", id="no-table"),
        pytest.param(("CREATE TABLE Packages (hnum)",), "no such column: blob", id="no-column"),
        pytest.param(
            (ENDLESS_VIEW,),
            "not authorized|prohibited",
            id="view-that-never-ends",
        ),
        pytest.param(
            ("CREATE TABLE Real (x)", "CREATE VIEW Packages AS SELECT x AS blob FROM Real"),
            "not authorized|prohibited",
            id="view",
        ),
        pytest.param(
            (
                "CREATE TABLE Packages (x, blob AS (zeroblob(200000000)))",
                "INSERT INTO Packages (x) VALUES (1)",
            ),
            "not authorized|too big",
            id="generated",
        ),
    ],
)
def test_hostile_schema(tmp_path: Path, statements: tuple[str, ...], reason: str) -> None:
    data = database(tmp_path, *statements)
    assert [one for one in reasons(data) if any(part in one for part in reason.split("|"))] != []


@pytest.mark.parametrize("row", ["text", 7, 1.5], ids=str)
def test_row_that_is_no_blob(tmp_path: Path, row: object) -> None:
    data = database(tmp_path, rows=[rpm_samples.minimal(), row, rpm_samples.minimal("lost")])
    assert names(data) == ["bash"]
    assert reasons(data) == ["a row of the database holds no header"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "not an SQLite database", id="empty"),
        pytest.param(b"SQLite format 2\0" + bytes(100), "not an SQLite database", id="other-format"),
        pytest.param(b"SQLite format 3\0", "not a readable SQLite database", id="only-the-mark"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, "not a readable SQLite database", id="noise"),
    ],
)
def test_not_a_database(data: bytes, reason: str) -> None:
    [found] = reasons(data)
    assert found.startswith(reason)
    assert "\n" not in found


def test_cut_anywhere(tmp_path: Path) -> None:
    data = database(
        tmp_path, rows=[rpm_samples.minimal(f"p{number}", t1014="x" * 3000) for number in range(20)]
    )
    assert len(names(data)) == 20
    for end in range(0, len(data), 509):
        found = reading.facts(RPM_SQLITE, PATH, data[:end])
        assert any(isinstance(fact, Skipped) for fact in found), end


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_bytes_may_be_others(changes: list[tuple[int, int]]) -> None:
    data = bytearray(_sample())
    for at, value in changes:
        data[at % len(data)] = value
    reading.survives(RPM_SQLITE, PATH, bytes(data))


@functools.cache
def _sample() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return database(
            Path(folder), rows=[rpm_samples.minimal(f"p{number}", t1014="x" * 3000) for number in range(8)]
        )


def test_a_disk_without_room_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = database(tmp_path, rows=[rpm_samples.minimal()])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with (tmp_path / "spool").open("w+b") as spool:
        spool.write(data)
        found = list(RPM_SQLITE.read(TreeFile(PATH, len(data), spool=spool)))
    reason = "no copy of the database could be made: No such file or directory"
    assert found == [Skipped("os/rpm-sqlite", PATH, reason)]
