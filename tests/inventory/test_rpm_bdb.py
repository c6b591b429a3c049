from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import needs
import reading
import rpm_samples
from lading.inventory.rpm_bdb import RPM_BDB
from lading.model.fact import Skipped

PATH = "var/lib/rpm/Packages"
PAGE = 512
HEADERS = [rpm_samples.minimal("small"), rpm_samples.minimal("large", t1014="x" * 1500)]


def names(data: bytes) -> list[str]:
    return sorted(package.name for package in reading.packages(RPM_BDB, PATH, data))


def reasons(data: bytes) -> list[str]:
    return [fact.reason for fact in reading.facts(RPM_BDB, PATH, data) if isinstance(fact, Skipped)]


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def _off_page(value: bytes, page: int) -> bytes:
    return struct.pack("<B3xII", 3, page, len(value))


def _page(kind: int, following: int, body: bytes, entries: int = 0, free: int = 0) -> bytes:
    return (struct.pack("<8xIIIHHBB", 0, 0, following, entries, free, 0, kind) + body).ljust(PAGE, b"\0")


def _hash_page(*items: bytes) -> bytes:
    starts, tail = [], b""
    for item in items:
        tail = item + tail
        starts.append(PAGE - len(tail))
    table = struct.pack(f"<{len(starts)}H", *starts)
    return _page(13, 0, table.ljust(PAGE - 26 - len(tail), b"\0") + tail, len(starts))


def made(*pages: bytes, last: int = -1) -> bytes:
    """Return a database of these pages, after the one that describes it."""
    meta = struct.pack(
        "<8xIIIIBBBBIII", 0, 0x061561, 9, PAGE, 0, 8, 0, 0, 0, last if last >= 0 else len(pages), 0
    )
    return b"".join((meta.ljust(PAGE, b"\0"), *pages))


def _key(number: int) -> bytes:
    return b"\1" + struct.pack("<I", number)


def _chain(value: bytes, first: int) -> list[bytes]:
    room = PAGE - 26
    parts = [value[at : at + room] for at in range(0, len(value), room)]
    return [
        _page(7, first + at + 1 if at + 1 < len(parts) else 0, part, 1, len(part))
        for at, part in enumerate(parts)
    ]


SMALL, LARGE = HEADERS
SAMPLE = made(
    _hash_page(_key(0), b"\1\2\0\0\0", _key(1), b"\1" + SMALL, _key(2), _off_page(LARGE, 2)),
    *_chain(LARGE, 2),
)


@needs.tool("rpm", "rpmbuild", "db5.3_load")
@pytest.mark.parametrize("page_bytes", [512, 4096, 65536])
def test_as_rpm_itself_says(tmp_path: Path, page_bytes: int) -> None:
    headers = rpm_samples.blobs(rpm_samples.sqlite_database(tmp_path))
    path = rpm_samples.berkeley(tmp_path / "Packages", headers, page_bytes)
    found = reading.packages(RPM_BDB, PATH, path.read_bytes())
    assert rpm_samples.told(found) == rpm_samples.queried("bdb_ro", tmp_path)
    assert len(found) == 4


@needs.tool("rpm", "db5.3_load")
@pytest.mark.parametrize("order", ["little", "big"])
def test_many_packages_in_both_byte_orders(tmp_path: Path, order: str) -> None:
    headers = [rpm_samples.minimal(f"p{number}", t1014="x" * (number * 37)) for number in range(400)]
    data = rpm_samples.berkeley(tmp_path / "Packages", headers, order=order).read_bytes()
    assert names(data) == sorted(f"p{number}" for number in range(400))
    assert reasons(data) == []


def test_paths() -> None:
    assert RPM_BDB.paths == (
        "var/lib/rpm/Packages",
        "usr/lib/sysimage/rpm/Packages",
        "usr/share/rpm/Packages",
    )


def test_made_by_hand() -> None:
    assert names(SAMPLE) == ["large", "small"]
    assert reasons(SAMPLE) == []


@needs.tool("db5.3_load")
@pytest.mark.parametrize("order", ["little", "big"])
def test_made_by_berkeley_db(tmp_path: Path, order: str) -> None:
    data = rpm_samples.berkeley(tmp_path / "Packages", HEADERS, PAGE, order).read_bytes()
    found, by_hand = (reading.facts(RPM_BDB, PATH, one) for one in (data, SAMPLE))
    assert sorted(found, key=str) == sorted(by_hand, key=str)


LOST = "page 1 has a package whose header is cut or lost"


@pytest.mark.parametrize(
    ("data", "found", "reason"),
    [
        pytest.param(b"", [], "not a Berkeley DB hash", id="empty"),
        pytest.param(changed(SAMPLE, 12, b"\x62\x31\x05\0"), [], "not a Berkeley DB hash", id="b-tree"),
        pytest.param(
            changed(SAMPLE, 20, b"\1\2\0\0"), [], "Berkeley DB with pages of 513 bytes", id="page-size"
        ),
        pytest.param(
            changed(SAMPLE, 20, bytes(4)), [], "Berkeley DB with pages of 0 bytes", id="no-page-size"
        ),
        pytest.param(
            changed(SAMPLE, 24, b"\1"),
            [],
            "Berkeley DB that is encrypted or has checksums, which rpm's never have",
            id="encrypted",
        ),
        pytest.param(
            changed(SAMPLE, 26, b"\1"),
            [],
            "Berkeley DB that is encrypted or has checksums, which rpm's never have",
            id="checksums",
        ),
        pytest.param(
            changed(SAMPLE, 32, b"\xff\xff\0\0"),
            ["large", "small"],
            "shorter than it says: packages may be missing",
            id="pages-missing",
        ),
        pytest.param(SAMPLE[: 3 * PAGE], ["small"], LOST, id="chain-cut"),
        pytest.param(changed(SAMPLE, PAGE + 20, b"\5\0"), [], "page 1 has no table of items", id="odd"),
        pytest.param(
            changed(SAMPLE, PAGE + 20, b"\xfe\xff"), [], "page 1 has no table of items", id="table-too-long"
        ),
        pytest.param(changed(SAMPLE, PAGE + 26, b"\0\0"), [], "page 1 has items that overlap", id="overlap"),
        pytest.param(
            made(_hash_page(b"\1abc", b"\1" + SMALL)),
            [],
            "page 1 has a key that is no package's number",
            id="key",
        ),
        pytest.param(made(_hash_page(_key(1), b"\2" + SMALL)), [], LOST, id="duplicates"),
        pytest.param(made(_hash_page(_key(1), b"\3\0\0\0")), [], LOST, id="reference-cut"),
        pytest.param(made(_hash_page(_key(1), _off_page(LARGE, 0))), [], LOST, id="chain-at-page-0"),
        pytest.param(made(_hash_page(_key(1), _off_page(LARGE, 9))), [], LOST, id="chain-beyond-the-end"),
        pytest.param(made(_hash_page(_key(1), _off_page(LARGE, 1))), [], LOST, id="chain-of-another-type"),
        pytest.param(
            made(_hash_page(_key(1), struct.pack("<B3xII", 3, 2, 2**32 - 1)), *_chain(LARGE, 2)),
            [],
            LOST,
            id="length",
        ),
        pytest.param(
            made(_hash_page(_key(1), _off_page(bytes(1000), 2)), _page(7, 2, b"", 1, 0)),
            [],
            LOST,
            id="loop-of-an-empty-page",
        ),
        pytest.param(
            made(_hash_page(_key(1), _off_page(bytes(1000), 2)), _page(7, 2, b"", 1, 999)),
            [],
            LOST,
            id="page-longer-than-a-page",
        ),
    ],
)
def test_what_is_wrong_is_skipped(data: bytes, found: list[str], reason: str) -> None:
    assert names(data) == found
    assert reason in reasons(data)


def test_loop_of_full_pages_ends() -> None:
    header = rpm_samples.minimal("looped", t1014="x" * 300)
    loop = _page(7, 2, header.ljust(PAGE - 26, b"\0"), 1, PAGE - 26)
    data = made(_hash_page(_key(1), struct.pack("<B3xII", 3, 2, 3 * (PAGE - 26))), loop)
    assert names(data) == ["looped"]


def test_a_chain_that_many_share_ends_soon() -> None:
    pages = [
        _hash_page(*[item for number in range(1, 20) for item in (_key(number), _off_page(LARGE, 51))])
    ] * 50
    data = made(*pages, *_chain(LARGE, 51))
    assert len(reading.facts(RPM_BDB, PATH, data)) <= len(data) // len(LARGE) + 1
    assert reasons(data) == ["headers share their pages, or are too many: the rest is not read"]


def test_cut_at_every_byte() -> None:
    for end in range(len(SAMPLE)):
        assert reasons(SAMPLE[:end]) != []


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_bytes_may_be_others(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLE)
    for at, value in changes:
        data[at % len(data) if value % 2 else PAGE + at % 60] = value
    reading.survives(RPM_BDB, PATH, bytes(data))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(RPM_BDB, PATH, data)
    reading.survives(RPM_BDB, PATH, SAMPLE[:PAGE] + data)
