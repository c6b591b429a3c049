from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import reading
import rpm_samples
from lading.inventory.rpm_ndb import RPM_NDB
from lading.model.fact import Skipped

PATH = "usr/lib/sysimage/rpm/Packages.db"
TWO = rpm_samples.ndb([rpm_samples.minimal("one"), rpm_samples.minimal("two", t1014="MIT")])


def names(data: bytes) -> list[str]:
    return [package.name for package in reading.packages(RPM_NDB, PATH, data)]


def reasons(data: bytes) -> list[str]:
    return [fact.reason for fact in reading.facts(RPM_NDB, PATH, data) if isinstance(fact, Skipped)]


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


@needs.tool("rpm", "rpmbuild")
def test_real_headers_say_what_rpm_says(tmp_path: Path) -> None:
    path = rpm_samples.sqlite_database(tmp_path)
    data = rpm_samples.ndb(rpm_samples.blobs(path))
    assert rpm_samples.told(reading.packages(RPM_NDB, PATH, data)) == rpm_samples.queried(
        "sqlite", path.parent
    )


def test_paths() -> None:
    assert RPM_NDB.paths == (
        "var/lib/rpm/Packages.db",
        "usr/lib/sysimage/rpm/Packages.db",
        "usr/share/rpm/Packages.db",
    )


@pytest.mark.parametrize("pages", [1, 2])
def test_more_packages_than_a_page_has_slots(pages: int) -> None:
    count = pages * 256 - 2
    data = rpm_samples.ndb([rpm_samples.minimal(f"p{number}") for number in range(count)], pages)
    assert names(data) == [f"p{number}" for number in range(count)]
    assert reasons(data) == []


def test_free_slot_between_others() -> None:
    data = changed(TWO, 32, struct.pack("<4sIII", b"Slot", 0, 0, 0))
    assert reading.facts(RPM_NDB, PATH, data) == reading.facts(RPM_NDB, PATH, TWO)[1:]


@pytest.mark.parametrize(
    ("data", "found", "reason"),
    [
        pytest.param(b"", [], "not an rpm package database (ndb)", id="empty"),
        pytest.param(b"RpmX" + TWO[4:], [], "not an rpm package database (ndb)", id="mark"),
        pytest.param(
            changed(TWO, 4, b"\1"),
            [],
            "rpm package database (ndb) of version 1: only 0 is known",
            id="version",
        ),
        pytest.param(
            changed(TWO, 12, b"\0"),
            [],
            "rpm package database (ndb) without the pages that it says it has",
            id="no-pages",
        ),
        pytest.param(
            changed(TWO, 12, b"\xff" * 4),
            [],
            "rpm package database (ndb) without the pages that it says it has",
            id="too-many-pages",
        ),
        pytest.param(
            changed(TWO, 32, b"Slop"), ["two"], "a slot without its mark: packages may be missing", id="slot"
        ),
        pytest.param(
            changed(TWO, 40, b"\xff" * 4),
            ["two"],
            "package number 1 is not where its slot says",
            id="beyond-the-end",
        ),
        pytest.param(
            changed(TWO, 4096, b"Blbb"), ["two"], "package number 1 is not where its slot says", id="blob"
        ),
        pytest.param(
            changed(TWO, 4100, b"\2"), ["two"], "package number 1 is not where its slot says", id="of-another"
        ),
        pytest.param(
            changed(TWO, 4108, b"\xff" * 4),
            ["two"],
            "package number 1 is not where its slot says",
            id="length",
        ),
        pytest.param(TWO[:-60], ["one"], "package number 2 is cut short", id="cut"),
        pytest.param(
            changed(TWO, 4112, bytes(8)), ["two"], "rpm header that is cut short, or not one", id="header"
        ),
    ],
)
def test_what_is_wrong_is_skipped(data: bytes, found: list[str], reason: str) -> None:
    assert names(data) == found
    assert reasons(data) == [reason]


def test_slots_that_share_a_blob_end_soon() -> None:
    blob = rpm_samples.minimal("one", t1014="x" * 100_000)
    data = bytearray(rpm_samples.ndb([blob]))
    for at in range(48, 4096, 16):
        data[at : at + 16] = data[32:48]
    found = reading.facts(RPM_NDB, PATH, bytes(data))
    assert len(found) == 2
    assert reasons(bytes(data)) == ["headers share their pages, or are too many: the rest is not read"]


def test_cut_at_every_byte() -> None:
    for end in range(len(TWO) - 16):
        assert reasons(TWO[:end]) != [] or names(TWO[:end]) == ["one", "two"]
    assert names(TWO[:4200]) == []


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_bytes_may_be_others(changes: list[tuple[int, int]]) -> None:
    data = bytearray(TWO)
    for at, value in changes:
        data[at % len(data) if value % 2 else at % 80] = value
    reading.survives(RPM_NDB, PATH, bytes(data))


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(RPM_NDB, PATH, data)
    reading.survives(RPM_NDB, PATH, TWO[:32] + data)
