from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from advisories import bulk
from lading.advisories.build import Builder, catalogue, put, sweep, temporary
from lading.advisories.meta import Meta, folder, path_of
from lading.advisories.osv import Record, decode
from lading.errors import UnavailableError


def made(data_dir: Path, *records: bulk.Json, base: Path | None = None, without: str = "") -> Meta:
    with Builder(data_dir, "PyPI", base) as builder:
        if without:
            builder.remove(without)
        for one in records:
            builder.add(_read(one), whole=True)
        return builder.finish(Meta(ecosystem="PyPI"))


def _read(value: bulk.Json) -> Record:
    record, whole = decode(json.dumps(value).encode())
    assert whole
    return record


def dump(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(
            "SELECT r.id, a.name, a.high, a.low, a.flags, a.first, a.last FROM affected a JOIN record r USING (n)"
            " ORDER BY 1, 2, 3"
        ).fetchall()
        return (
            rows
            + connection.execute("SELECT name, id FROM alias JOIN record USING (n) ORDER BY 1, 2").fetchall()
        )
    finally:
        connection.close()


ONE = bulk.record("X-1", "PyPI", "a", *bulk.span("0", "1.0"), aliases=["CVE-2024-0001"])
TWO = bulk.record("X-2", "PyPI", "b", aliases=["ghsa-y"])
TWO_NEW = {**TWO, "modified": "2024-06-01T00:00:00Z", "aliases": []}


def test_counts_and_digest(tmp_path: Path) -> None:
    meta = made(tmp_path, ONE, TWO_NEW, bulk.record("X-3", "npm", "c"))
    assert (meta.records, meta.rows, meta.modified) == (3, 2, "2024-06-01T00:00:00Z")
    assert made(tmp_path, bulk.record("X-3", "npm", "c"), TWO_NEW, ONE).digest == meta.digest, (
        "order does not count"
    )
    assert made(tmp_path, ONE, TWO, bulk.record("X-3", "npm", "c")).digest != meta.digest


def test_an_increment_gives_what_a_full_build_gives(tmp_path: Path) -> None:
    full = made(tmp_path / "full", ONE, TWO_NEW)
    made(tmp_path / "part", ONE, TWO)
    part = made(tmp_path / "part", TWO_NEW, base=path_of(tmp_path / "part", "PyPI"), without="X-2")
    assert part == full
    assert dump(path_of(tmp_path / "part", "PyPI")) == dump(path_of(tmp_path / "full", "PyPI"))


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    before = made(tmp_path, ONE)
    content = path_of(tmp_path, "PyPI").read_bytes()
    with Builder(tmp_path, "PyPI") as builder:
        builder.add(_read(TWO), whole=True)
    assert path_of(tmp_path, "PyPI").read_bytes() == content
    assert bulk.listed(folder(tmp_path)) == ["PyPI.sqlite"]
    assert before.records == 1


def test_partly_read_records_are_counted(tmp_path: Path) -> None:
    with Builder(tmp_path, "PyPI") as builder:
        builder.add(_read(ONE), whole=False)
        builder.add(_read(bulk.record("X-9", "PyPI", "c", *bulk.span("2004d", "3"), aliases=[])), whole=True)
        meta = builder.finish(Meta(ecosystem="PyPI"))
    assert (meta.records, meta.unreadable, meta.unknown, meta.exact) == (2, 1, 1, 1)


def test_an_ecosystem_without_order(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no order of versions"):
        Builder(tmp_path, "Nowhere")
    assert not folder(tmp_path).exists()


def test_a_broken_base_leaves_nothing(tmp_path: Path) -> None:
    path = path_of(tmp_path, "PyPI")
    path.parent.mkdir()
    path.write_bytes(b"not a store")
    with pytest.raises(sqlite3.DatabaseError):
        Builder(tmp_path, "PyPI", path)
    assert bulk.listed(path.parent) == ["PyPI.sqlite"]


def test_a_catalogue(tmp_path: Path) -> None:
    catalogue(tmp_path, [("CVE-2024-0001", 0.5)], Meta(ecosystem="EPSS", records=1))
    connection = sqlite3.connect(path_of(tmp_path, "EPSS"))
    assert connection.execute("SELECT * FROM value").fetchall() == [("CVE-2024-0001", 0.5)]
    connection.close()


def test_old_remains_are_swept(tmp_path: Path) -> None:
    old, new = (temporary(tmp_path / "x.sqlite") for _ in range(2))
    kept = tmp_path / "x.sqlite"
    put(temporary(kept), kept)
    for path in (old, kept):
        os.utime(path, (1000, 1000))
    os.utime(new, (1e6, 1e6))
    sweep(tmp_path, now=1e6 + 60)
    assert sorted(tmp_path.iterdir()) == sorted([new, kept])
