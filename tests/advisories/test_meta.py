from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from advisories import bulk
from lading.advisories import meta
from lading.errors import MalformedError, UnavailableError


@pytest.mark.parametrize("family", ["PyPI", "crates.io", "Rocky Linux", "Red Hat", "a/../b", "KEV"])
def test_a_path_and_back(family: str, tmp_path: Path) -> None:
    path = meta.path_of(tmp_path, family)
    assert path.parent == tmp_path / "advisories"
    assert meta.family_of(path) == family


def test_fingerprints_tell_schemes_apart() -> None:
    assert len({meta.fingerprint(scheme) for scheme in ("dpkg", "rpm", "apk", "pep440", "semver")}) == 5


def test_an_ecosystem_without_order() -> None:
    assert meta.scheme_of("Debian") == "dpkg"
    with pytest.raises(UnavailableError, match="no order of versions"):
        meta.scheme_of("Nowhere")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    bulk.publish(tmp_path / "source", "PyPI", [bulk.record("X-1", "PyPI", "a")])
    bulk.run(tmp_path / "source", tmp_path, "PyPI")
    return meta.path_of(tmp_path, "PyPI")


def test_what_a_store_says_of_itself(store: Path) -> None:
    connection, found = meta.connect(store)
    connection.close()
    assert (found.ecosystem, found.records, found.rows, found.fetched_at) == ("PyPI", 1, 1, 1e9)
    assert found.data.modified == "2024-01-01T00:00:00Z"
    assert found.data.digest.startswith("sha256:")


def altered(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE meta SET value = 0 WHERE key = 'format'", "another version of Lading"),
        ("UPDATE meta SET value = 'x' WHERE key = 'records'", "not a store"),
        ("DELETE FROM meta", "not a store"),
        ("DROP TABLE meta", "not a store"),
    ],
)
def test_a_store_that_cannot_be_used(store: Path, statement: str, message: str) -> None:
    altered(store, statement)
    with pytest.raises(MalformedError, match=message) as error:
        meta.connect(store)
    assert error.value.hint == meta.REPAIR


@pytest.mark.parametrize("size", [0, 1, 15, 100, 1000, 4095])
def test_a_store_cut_short(store: Path, size: int) -> None:
    store.write_bytes(store.read_bytes()[:size])
    with pytest.raises(MalformedError, match="not a store"):
        meta.connect(store)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        meta.connect(tmp_path / "x.sqlite")
    with pytest.raises(FileNotFoundError):
        meta.connect(tmp_path)
