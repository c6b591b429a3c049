from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import needs
from advisories import bulk
from lading import versions
from lading.advisories.build import catalogue
from lading.advisories.meta import Meta, path_of
from lading.advisories.store import Found, Store, open_stores, search
from lading.errors import MalformedError
from lading.model.severity import Severity

ONE = bulk.record(
    "PYSEC-1",
    "PyPI",
    "Some.Pkg",
    *bulk.span("1.0", "2.0"),
    aliases=["CVE-2024-0001", "GHSA-abcd"],
    summary="bad",
)
TWO = {**bulk.record("PYSEC-2", "PyPI", "other"), "withdrawn": "2024-02-01T00:00:00Z"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    bulk.publish(tmp_path / "source", "PyPI", [ONE, TWO])
    bulk.publish(
        tmp_path / "source",
        "Debian",
        [bulk.record("DEBIAN-CVE-2024-0001", "Debian:12", "some-pkg", upstream=["CVE-2024-0001"])],
    )
    bulk.run(tmp_path / "source", tmp_path, "PyPI", "Debian")
    return tmp_path


def test_what_is_there_and_what_is_not(data_dir: Path) -> None:
    with open_stores(data_dir, ["PyPI", "Debian:12", "Debian:11", "npm", ""]) as stores:
        assert sorted(stores.available) == ["Debian", "PyPI"]
        assert stores.available["PyPI"].records == 2
        assert stores.missing == ("npm",)
        assert stores.reasons == dict.fromkeys(["npm", "KEV", "EPSS"], "never fetched")
        assert [store.family for store in stores.others("PyPI")] == ["Debian"]
        assert stores.of("npm") is None
        assert stores.values("KEV", ["CVE-2024-0001"]) == {}


def test_nothing_there_at_all(tmp_path: Path) -> None:
    with open_stores(tmp_path / "no", ["PyPI"]) as stores:
        assert (stores.available, stores.missing) == ({}, ("PyPI",))
    assert not (tmp_path / "no").exists()
    assert search(tmp_path / "no", "x") == []


def test_the_catalogues(data_dir: Path) -> None:
    catalogue(data_dir, [("CVE-2024-0001", 1.0)], Meta(ecosystem="KEV", records=1, modified="m", digest="d"))
    catalogue(data_dir, [("CVE-2024-0001", 0.25)], Meta(ecosystem="EPSS", records=1))
    with open_stores(data_dir, []) as stores:
        assert sorted(stores.available) == ["EPSS", "KEV"]
        assert stores.values("EPSS", ["CVE-2024-0001", "CVE-2024-0002"]) == {"CVE-2024-0001": 0.25}
        assert stores.values("KEV", ["CVE-2024-0002"]) == {}


@pytest.mark.parametrize(
    ("version", "count"), [("0.9", 1), ("1.0", 1), ("1.9.9", 1), ("2.0", 0), ("2.0rc1", 1), ("3", 0)]
)
def test_hits_end_above_the_version(data_dir: Path, version: str, count: int) -> None:
    store = Store(path_of(data_dir, "PyPI"))
    assert len(store.hits("some-pkg", "", versions.key_of("pep440", version))) == count
    assert store.hits("other", "", b"") == [], "withdrawn"
    store.close()


def test_entries_without_release_are_for_every_release(tmp_path: Path) -> None:
    records = [bulk.record("D-1", "Debian", "a"), bulk.record("D-2", "Debian:12", "a")]
    bulk.publish(tmp_path / "source", "Debian", records)
    bulk.run(tmp_path / "source", tmp_path, "Debian")
    store = Store(path_of(tmp_path, "Debian"))
    assert [len(store.hits("a", release, b"\xff")) for release in ("11", "12", "")] == [1, 2, 1]
    store.close()


def test_a_damaged_store_is_told(data_dir: Path) -> None:
    path = path_of(data_dir, "PyPI")
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM record")
    connection.close()
    store = Store(path)
    with pytest.raises(MalformedError, match="damaged: record 1 is missing"):
        store.entry(1)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE affected")
    connection.close()
    store = Store(path)
    with pytest.raises(MalformedError, match="damaged: no such table"):
        store.hits("a", "", b"")
    store.close()


@pytest.mark.parametrize("place", range(100, 8000, 400))
def test_any_damage_is_an_error_or_an_answer(data_dir: Path, place: int) -> None:
    path = path_of(data_dir, "PyPI")
    data = bytearray(path.read_bytes())
    data[place : place + 200] = b"\xaa" * 200
    path.write_bytes(data)
    try:
        store = Store(path)
    except MalformedError:
        return
    try:
        for hit in store.hits("some-pkg", "", b"\x01"):
            store.entry(hit.n)
        search(data_dir, "CVE-2024-0001")
    except MalformedError as error:
        assert "damaged" in error.message  # noqa: PT017 -- either outcome is right
    finally:
        store.close()


def test_keys_of_another_lading_are_not_used(data_dir: Path) -> None:
    with sqlite3.connect(path_of(data_dir, "PyPI")) as connection:
        connection.execute("UPDATE meta SET value = 'other' WHERE key = 'keys'")
    connection.close()
    with open_stores(data_dir, ["PyPI"]) as stores:
        assert stores.missing == ("PyPI",)
        assert "of another Lading" in stores.reasons["PyPI"]


FOUND_ONE = Found(
    ecosystem="PyPI",
    id="PYSEC-1",
    aliases=("CVE-2024-0001", "GHSA-abcd"),
    summary="bad",
    severity=Severity.UNKNOWN,
    published="",
    modified="2024-01-01T00:00:00Z",
    withdrawn="",
    affected=(("some-pkg", "", "1.0", "2.0"),),
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("CVE-2024-0001", ["DEBIAN-CVE-2024-0001", "PYSEC-1"]),
        ("cve-2024-0001", ["DEBIAN-CVE-2024-0001", "PYSEC-1"]),
        ("GHSA-ABCD", ["PYSEC-1"]),
        ("pysec-2", ["PYSEC-2"]),
        ("some-pkg", ["DEBIAN-CVE-2024-0001", "PYSEC-1"]),
        ("Some_Pkg", ["PYSEC-1"]),
        ("nothing", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
)
def test_search(data_dir: Path, text: str, ids: list[str]) -> None:
    found = search(data_dir, text)
    assert [one.id for one in found] == ids
    assert FOUND_ONE in found or "PYSEC-1" not in ids


def test_search_passes_over_what_cannot_be_read(data_dir: Path) -> None:
    path_of(data_dir, "npm").write_bytes(b"no store")
    assert len(search(data_dir, "CVE-2024-0001")) == 2


def test_search_in_the_mirror(tmp_path: Path) -> None:
    bulk.run(needs.mirror() / "osv", tmp_path, "PyPI", "Go")
    assert [one.id for one in search(tmp_path, "CVE-2024-27351")] == ["PYSEC-2024-47"]
    assert len(search(tmp_path, "django")) > 50
    assert all(one.ecosystem == "Go" for one in search(tmp_path, "stdlib"))
