from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import imaging
from lading.model.fact import Files, Licenses, OsRelease, Skipped
from lading.model.package import Location, Package
from lading.oci import factcache
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.facts import LayerFacts
from lading.oci.walk import walk_layer

FACTS = LayerFacts(
    facts={
        "a": (
            Package(type="deb", name="curl", version="1", locations=(Location("a", 3),), licenses=("MIT",)),
            Files("deb", "curl", ("bin/curl",)),
            Licenses("deb", "curl", ("MIT",)),
            OsRelease(id="debian", version="12"),
        )
    },
    links={"l": "t"}, hardlinks={"h": "t"}, whiteouts=("w",), opaque=("o",), names=b"a\0\xc3\xa9\0", folders=b"d\0",
    skipped=(Skipped("os/rpm", "p", "broken"),), files=1, content_bytes=2,
)  # fmt: skip


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cache.sqlite"
    with FactCache(path, "v1") as cache:
        assert cache.get("sha256:a") is None
        cache.put("sha256:a", FACTS)
        cache.put("sha256:a", FACTS, {"x": "y"})
    with FactCache(path, "v1") as cache:
        assert cache.get("sha256:a") == FACTS
        assert cache.get("sha256:a", {"x": "y"}) == FACTS
        assert cache.get("sha256:a", {"x": "z"}) is None
        assert cache.get("sha256:b") is None
    with FactCache(path, "v2") as cache:
        assert cache.get("sha256:a") is None


def test_a_name_that_is_not_utf8_can_be_kept(tmp_path: Path) -> None:
    data = imaging.tar({"a": b""}).replace(b"a", b"\xff", 1)
    block = bytearray(data[:512])
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    facts = walk_layer(imaging.layer(bytes(block) + data[512:]), Dispatch([]))
    with FactCache(tmp_path / "c", "v") as cache:
        cache.put("sha256:a", facts)
        assert cache.get("sha256:a") == facts


def test_without_a_place_nothing_is_kept() -> None:
    with FactCache(None, "v1") as cache:
        cache.put("sha256:a", FACTS)
        assert cache.get("sha256:a") is None


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_broken_file_is_put_aside(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(damage)
    with FactCache(path, "v1") as cache:
        cache.put("sha256:a", FACTS)
        assert cache.get("sha256:a") == FACTS
    assert path.with_suffix(".broken").read_bytes() == damage


def test_a_broken_row_is_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with FactCache(tmp_path / "c", "v1") as cache:
        cache.put("sha256:a", FACTS)
    with sqlite3.connect(tmp_path / "c") as connection:
        connection.execute("UPDATE layer SET facts = x'00'")
    with FactCache(tmp_path / "c", "v1") as cache:
        assert cache.get("sha256:a") is None
    assert "passed over" in caplog.text


def test_an_unwritable_place_costs_only_the_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    with FactCache(tmp_path / "file" / "cache.sqlite", "v1") as cache:
        cache.put("sha256:a", FACTS)
        assert cache.get("sha256:a") is None
    assert "layers are not cached" in caplog.text


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/full").exists(), reason="mounts a tiny file system: needs root"
)
def test_a_full_disk_costs_only_the_cache(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True, check=False
    ).returncode:
        pytest.skip("no mounts are allowed here")
    try:
        big = LayerFacts(
            facts={}, links={}, hardlinks={}, whiteouts=(), opaque=(), names=os.urandom(500_000), folders=b"",
            skipped=(), files=0, content_bytes=0,
        )  # fmt: skip
        with FactCache(tmp_path / "c", "v1") as cache:
            cache.put("sha256:a", big)
            assert cache.get("sha256:a") is None
        assert "layers are not cached" in caplog.text
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_the_oldest_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FactCache(tmp_path / "c", "v1") as cache:
        for number in range(9):
            cache.put(f"sha256:{number}", FACTS)
        with sqlite3.connect(tmp_path / "c") as connection:
            connection.execute("UPDATE layer SET used = 10 + cast(substr(diff_id, 8) AS INTEGER)")
            (size,) = connection.execute("SELECT length(facts) FROM layer").fetchone()
        monkeypatch.setattr(factcache, "MAX_CACHE_BYTES", 4 * size)
        cache.put("sha256:new", FACTS)
        assert [cache.get(f"sha256:{number}") is not None for number in range(9)] == [False] * 6 + [True] * 3
        assert cache.get("sha256:new") == FACTS


def use(path: Path, number: int) -> None:
    for turn in range(20):
        with FactCache(path, "v1") as cache:
            cache.put(f"sha256:{number}-{turn}", FACTS)
            assert cache.get(f"sha256:{number}-{turn}") == FACTS


def test_many_processes_at_once(tmp_path: Path) -> None:
    program = (
        "import sys, runpy, pathlib\n"
        f"sys.path.insert(0, {str(Path(imaging.__file__).parent)!r})\n"
        f"use = runpy.run_path({__file__!r})['use']\n"
        "use(pathlib.Path(sys.argv[1]), int(sys.argv[2]))\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, tmp_path / "c", str(number)], stderr=subprocess.PIPE)
        for number in range(4)
    ]
    assert [worker.communicate(timeout=60)[1] for worker in workers] == [b""] * 4
    with FactCache(tmp_path / "c", "v1") as cache:
        assert all(cache.get(f"sha256:{number}-{turn}") == FACTS for number in range(4) for turn in range(20))


class Busy:
    """A connection to a file that another process is turning to writing ahead."""

    def __init__(self, times: int, code: int) -> None:
        self.times = times
        self.code = code

    def execute(self, _: str) -> None:
        self.times -= 1
        if self.times >= 0:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error


def test_who_comes_at_the_same_time_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Busy(3, sqlite3.SQLITE_BUSY)
    factcache._write_ahead(busy)  # type: ignore[arg-type]  # as far as it is used
    assert busy.times == -1
    monkeypatch.setattr(factcache, "_BUSY_S", 0.0)
    for times, code in ((10**9, sqlite3.SQLITE_BUSY), (1, sqlite3.SQLITE_READONLY)):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            factcache._write_ahead(Busy(times, code))  # type: ignore[arg-type]  # as far as it is used
