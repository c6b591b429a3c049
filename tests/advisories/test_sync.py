from __future__ import annotations

import gzip
import json
import multiprocessing
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import needs
from advisories import bulk
from lading import net
from lading.advisories import sync
from lading.advisories.match import findings
from lading.advisories.meta import FORMAT, folder, path_of
from lading.advisories.osv import MAX_RECORD_BYTES
from lading.advisories.store import open_stores, search
from lading.advisories.sync import DEFAULT_SOURCE, Outcome, Source, status, update

A = bulk.record("X-1", "PyPI", "a", *bulk.span("0", "1.0"))
B = bulk.record("X-2", "PyPI", "b")
C = bulk.record("X-3", "PyPI", "c")
A_NEW = {**bulk.record("X-1", "PyPI", "a", *bulk.span("0", "2.0")), "modified": "2024-02-01T00:00:00Z"}
NOW = 1e9


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def ids(data_dir: Path, family: str = "PyPI") -> list[str]:
    connection = sqlite3.connect(path_of(data_dir, family))
    try:
        return [name for (name,) in connection.execute("SELECT id FROM record ORDER BY id")]
    finally:
        connection.close()


def flaws(data_dir: Path, name: str, version: str) -> list[str]:
    with open_stores(data_dir, ["PyPI"]) as stores:
        return [found.id for found in findings([bulk.package(name, version)], stores).findings]


def only(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def test_first_all_then_nothing_then_the_changes(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A, B, C], single=True)
    assert only(bulk.run(base, data_dir, "PyPI")) == Outcome("PyPI", "full", 3)
    assert flaws(data_dir, "a", "1.5") == []
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 10, max_age_s=60)) == Outcome("PyPI", "fresh", 3)
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 100)) == Outcome("PyPI", "unchanged", 3)
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 130, max_age_s=60)) == Outcome("PyPI", "fresh", 3)
    bulk.publish(base, "PyPI", [A_NEW, B, C], single=True)
    (base / "PyPI" / "all.zip").unlink()
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 200)) == Outcome("PyPI", "increment", 3)
    assert flaws(data_dir, "a", "1.5") == ["X-1"]
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 300)) == Outcome("PyPI", "unchanged", 3)
    (one,) = status(data_dir)
    assert (one.ecosystem, one.records, one.modified, one.fetched_at, one.problem) == (
        "PyPI",
        3,
        "2024-02-01T00:00:00Z",
        NOW + 300,
        "",
    )
    assert one.bytes == Path(one.path).stat().st_size


def test_an_increment_adds_and_equals_a_full_fetch(base: Path, data_dir: Path, tmp_path: Path) -> None:
    bulk.publish(base, "PyPI", [A, B], single=True)
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", [A_NEW, B, C], single=True)
    assert only(bulk.run(base, data_dir, "PyPI")).action == "increment"
    assert only(bulk.run(base, tmp_path / "other", "PyPI")).action == "full"
    assert status(data_dir)[0].digest == status(tmp_path / "other")[0].digest


@pytest.mark.parametrize(
    ("after", "single", "later_s"),
    [
        pytest.param([A_NEW, B, C], False, 1, id="no-single-records-served"),
        pytest.param([A_NEW, B], True, 1, id="a-record-has-gone"),
        pytest.param([A_NEW, B, C], True, sync.FULL_EVERY_S, id="a-week-has-passed"),
    ],
)
def test_all_is_fetched_again(
    base: Path, data_dir: Path, after: list[bulk.Json], *, single: bool, later_s: float
) -> None:
    bulk.publish(base, "PyPI", [A, B, C])
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", after, single=single)
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + later_s)) == Outcome("PyPI", "full", len(after))
    assert ids(data_dir) == [one["id"] for one in after]


def test_many_changes_are_fetched_at_once(
    base: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "MAX_INCREMENT", 1)
    bulk.publish(base, "PyPI", [A], single=True)
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", [A_NEW, B], single=True)
    assert only(bulk.run(base, data_dir, "PyPI")).action == "full"


def test_force_fetches_all(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    bulk.run(base, data_dir, "PyPI")
    assert only(bulk.run(base, data_dir, "PyPI", max_age_s=1e6, force=True)).action == "full"


def test_without_a_list_the_archive_itself_is_compared(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    (base / "PyPI" / "modified_id.csv").unlink()
    assert [only(bulk.run(base, data_dir, "PyPI")).action for _ in range(2)] == ["full", "unchanged"]
    (base / "PyPI" / "all.zip").write_bytes(bulk.packed([A, B]))
    assert only(bulk.run(base, data_dir, "PyPI")) == Outcome("PyPI", "full", 2)


def test_fractions_of_a_second_are_no_change(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A, B], single=True)
    bulk.run(base, data_dir, "PyPI")
    rows = (base / "PyPI" / "modified_id.csv").read_text().replace("00Z,", "00.123456Z,")
    (base / "PyPI" / "modified_id.csv").write_text(rows)
    assert only(bulk.run(base, data_dir, "PyPI")).action == "unchanged"


def test_each_family_once_with_or_without_release(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "Rocky Linux", [bulk.record("R-1", "Rocky Linux:9", "a")])
    outcomes = bulk.run(base, data_dir, "Rocky Linux:9", "Rocky Linux:8", "Rocky Linux", "")
    assert only(outcomes) == Outcome("Rocky Linux", "full", 1)
    assert path_of(data_dir, "Rocky Linux").name == "Rocky Linux.sqlite"


@pytest.mark.parametrize(
    ("family", "reason"),
    [
        ("npm", "not there"),
        ("Nowhere", "no order of versions"),
        ("../npm", "not the name"),
        ("GIT", "no order"),
    ],
)
def test_what_the_source_does_not_have(base: Path, data_dir: Path, family: str, reason: str) -> None:
    bulk.publish(base, "PyPI", [A])
    failed, fine = sorted(bulk.run(base, data_dir, family, "PyPI"), key=lambda one: one.action)
    assert (failed.ecosystem, failed.action, failed.records) == (family, "failed", 0)
    assert reason in failed.reason
    assert fine == Outcome("PyPI", "full", 1)


GOOD_ZIP = bulk.packed([A, B, C])
BOMB = {"X-1.json": b'{"id": "X-1"}' + b" " * (MAX_RECORD_BYTES + 1)}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "not a whole zip", id="empty"),
        pytest.param(b"<html>busy</html>", "not a whole zip", id="a-page"),
        pytest.param(GOOD_ZIP[:-1], "not a whole zip", id="cut-by-one"),
        pytest.param(GOOD_ZIP[: len(GOOD_ZIP) // 2], "not a whole zip", id="cut-in-half"),
        pytest.param(GOOD_ZIP[:100] + b"\0" * 20 + GOOD_ZIP[120:], "", id="damaged-in-the-middle"),
        pytest.param(bulk.zipped({}), "without a record", id="no-record"),
        pytest.param(bulk.zipped({"X-1.json": b"{"}), "not an OSV record", id="broken-json"),
        pytest.param(bulk.zipped({"X-1.json": b'{"id": "\xff"}'}), "not an OSV record", id="not-utf-8"),
        pytest.param(bulk.zipped({"../X-1.json": b'{"id": "X-1"}'}), "no record", id="path-names"),
        pytest.param(bulk.zipped(BOMB), "a record of more than", id="bomb"),
        pytest.param(bulk.packed([A]), "2 of 3 records would be lost", id="most-are-gone"),
        pytest.param(
            bulk.packed([A, {**B, "affected": []}, {**C, "withdrawn": "2024-01-01T00:00:00Z"}]),
            "2 of 3 records would be lost",
            id="most-say-nothing-any-more",
        ),
    ],
)
def test_whatever_is_wrong_leaves_the_old_data(base: Path, data_dir: Path, data: bytes, reason: str) -> None:
    bulk.publish(base, "PyPI", [A, B, C])
    bulk.run(base, data_dir, "PyPI")
    before = path_of(data_dir, "PyPI").read_bytes()
    (base / "PyPI" / "all.zip").write_bytes(data)
    (base / "PyPI" / "modified_id.csv").write_bytes(bulk.listing([A_NEW]))
    outcome = only(bulk.run(base, data_dir, "PyPI", now=NOW + 1))
    assert (outcome.action, outcome.records) == ("failed", 3)
    assert reason in outcome.reason
    assert path_of(data_dir, "PyPI").read_bytes() == before
    assert bulk.listed(folder(data_dir)) == ["PyPI.sqlite"]
    assert status(data_dir)[0].fetched_at == NOW, "a failure does not count as a look"
    bulk.publish(base, "PyPI", [A_NEW, B, C])
    assert only(bulk.run(base, data_dir, "PyPI", now=NOW + 2)).action == "full"


def test_the_half_may_go_and_more_if_allowed(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A, B, C, bulk.record("X-4", "PyPI", "d")])
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", [A, B])
    assert only(bulk.run(base, data_dir, "PyPI")).action == "full"
    bulk.publish(base, "PyPI", [C])
    assert only(bulk.run(base, data_dir, "PyPI", force=True)).action == "failed"
    assert only(bulk.run(base, data_dir, "PyPI", allow_shrink=True)) == Outcome("PyPI", "full", 1)


@pytest.mark.parametrize(
    ("single", "reason"),
    [(b"{", "not an OSV record"), (json.dumps(B).encode(), "it is the record of 'X-2'"), (b"", "not an OSV")],
)
def test_a_broken_single_record(base: Path, data_dir: Path, single: bytes, reason: str) -> None:
    bulk.publish(base, "PyPI", [A, B, C], single=True)
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", [A_NEW, B, C], single=True)
    (base / "PyPI" / "X-1.json").write_bytes(single)
    outcome = only(bulk.run(base, data_dir, "PyPI"))
    assert outcome.action == "failed"
    assert reason in outcome.reason
    assert flaws(data_dir, "a", "1.5") == []


@pytest.mark.parametrize("listing", [b"", b"\xff\n\n,,,\n", b"x" * 1000, b"2024-01-01T00:00:00Z,../../etc\n"])
def test_a_broken_list_costs_a_full_fetch(base: Path, data_dir: Path, listing: bytes) -> None:
    bulk.publish(base, "PyPI", [A, B, C], single=True)
    bulk.run(base, data_dir, "PyPI")
    (base / "PyPI" / "modified_id.csv").write_bytes(listing)
    assert only(bulk.run(base, data_dir, "PyPI")).action in {"full", "unchanged"}
    assert ids(data_dir) == ["X-1", "X-2", "X-3"]


def test_what_is_read_in_part_is_told(base: Path, data_dir: Path) -> None:
    odd = {**A, "affected": [*A["affected"], "what"]}
    unread = bulk.record("X-2", "PyPI", "b", *bulk.span("2004d", "3"))
    bulk.publish(base, "PyPI", [odd, unread])
    outcome = only(bulk.run(base, data_dir, "PyPI"))
    assert outcome.reason == (
        "1 records could be read in part only; 1 ranges have a version that cannot be read"
    )
    (one,) = status(data_dir)
    assert (one.unreadable, one.unknown, one.exact) == (1, 1, 1)


@pytest.mark.parametrize("damage", ["cut", "inside", "format"])
def test_a_damaged_store_is_made_anew(base: Path, data_dir: Path, damage: str) -> None:
    bulk.publish(base, "PyPI", [A, B, C], single=True)
    bulk.run(base, data_dir, "PyPI")
    path = path_of(data_dir, "PyPI")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:3000])
        assert "not a store" in status(data_dir)[0].problem
    else:
        with sqlite3.connect(path) as connection:
            connection.execute(
                "DROP TABLE record"
                if damage == "inside"
                else f"UPDATE meta SET value = {FORMAT + 1} WHERE key = 'format'"
            )
        connection.close()
    bulk.publish(base, "PyPI", [A_NEW, B, C], single=True)
    assert only(bulk.run(base, data_dir, "PyPI")) == Outcome("PyPI", "full", 3)
    assert flaws(data_dir, "a", "1.5") == ["X-1"]


def test_a_place_that_cannot_be_written(base: Path, tmp_path: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    (tmp_path / "file").write_text("in the way")
    outcome = only(bulk.run(base, tmp_path / "file", "PyPI"))
    assert outcome.action == "failed"
    assert "Not a directory" in outcome.reason


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk(base: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.publish(base, "PyPI", [A, B])
    bulk.run(base, data_dir, "PyPI")
    bulk.publish(base, "PyPI", [A_NEW, B])
    monkeypatch.setattr(sync, "_spool_file", lambda _plan: Path("/dev/full").open("w+b", buffering=0))  # noqa: SIM115 -- its user closes it
    outcome = only(bulk.run(base, data_dir, "PyPI"))
    assert (outcome.action, outcome.records) == ("failed", 2)
    assert "No space left" in outcome.reason
    assert ids(data_dir) == ["X-1", "X-2"]


def http(
    server: bulk.Server,
    data_dir: Path,
    *families: str,
    **options: Any,  # noqa: ANN401 -- of `update`
) -> list[Outcome]:
    options.setdefault("now", NOW)
    return update(
        families,
        data_dir,
        Source(server.url),
        lambda: net.client(retries=0, timeout_s=5, environ={}),
        max_age_s=0,
        **options,
    )


def test_over_http(base: Path, data_dir: Path) -> None:
    bulk.publish(
        base,
        "Rocky Linux",
        [bulk.record("R-1", "Rocky Linux:9", "a"), bulk.record("R:2", "Rocky Linux:9", "b")],
    )
    seen: list[tuple[str, int, int | None]] = []
    with bulk.served(base) as server:
        first = http(server, data_dir, "Rocky Linux:9", progress=lambda *done: seen.append(done))
        again = http(server, data_dir, "Rocky Linux:9")
        assert server.asked == [
            "/Rocky%20Linux/modified_id.csv",
            "/Rocky%20Linux/all.zip",
            "/Rocky%20Linux/modified_id.csv",
        ]
        new = {**bulk.record("R:2", "Rocky Linux:9", "b"), "modified": "2024-02-01T00:00:00Z"}
        bulk.publish(base, "Rocky Linux", [bulk.record("R-1", "Rocky Linux:9", "a"), new], single=True)
        del server.asked[:]
        changed = http(server, data_dir, "Rocky Linux:9")
        assert server.asked == ["/Rocky%20Linux/modified_id.csv", "/Rocky%20Linux/R%3A2.json"]
        missing = http(server, data_dir, "npm")
    assert [only(one).action for one in (first, again, changed, missing)] == [
        "full",
        "unchanged",
        "increment",
        "failed",
    ]
    assert "not found" in only(missing).reason
    size = seen[-1][1]
    assert seen[-1] == ("Rocky Linux", size, size)


def test_without_a_list_the_date_is_asked_for(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    (base / "PyPI" / "modified_id.csv").unlink()
    with bulk.served(base) as server:
        assert [only(http(server, data_dir, "PyPI")).action for _ in range(2)] == ["full", "unchanged"]


def test_nobody_answers(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    bulk.run(base, data_dir, "PyPI")
    with bulk.served(base) as server:
        pass
    outcome = only(http(server, data_dir, "PyPI"))
    assert (outcome.action, outcome.records) == ("failed", 1)
    assert flaws(data_dir, "a", "0.5") == ["X-1"]


KEV = {
    "dateReleased": "2025-01-01T00:00:00Z",
    "vulnerabilities": [{"cveID": f"CVE-2024-000{n}"} for n in range(4)],
}
EPSS = b"#score_date:2025-01-02T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0001,0.5,0.9\n"


def test_kev_and_epss(base: Path, data_dir: Path) -> None:
    base.mkdir()
    (base / "kev.json").write_text(json.dumps(KEV))
    (base / "epss.csv.gz").write_bytes(gzip.compress(EPSS))
    source = Source(base.as_uri(), f"{base.as_uri()}/kev.json", f"{base.as_uri()}/epss.csv.gz")

    def go(now: float, **options: Any) -> list[Outcome]:  # noqa: ANN401 -- of `update`
        return update([], data_dir, source, bulk.no_client, max_age_s=60, now=now, **options)

    assert go(NOW) == [Outcome("KEV", "full", 4), Outcome("EPSS", "full", 1)]
    assert {one.action for one in go(NOW + 1)} == {"fresh"}
    assert {one.action for one in go(NOW + 100)} == {"unchanged"}
    assert {one.action for one in go(NOW + 101)} == {"fresh"}
    assert {one.ecosystem: one.modified for one in status(data_dir)} == {
        "EPSS": "2025-01-02T00:00:00+0000",
        "KEV": "2025-01-01T00:00:00Z",
    }
    (base / "kev.json").write_text(json.dumps({**KEV, "vulnerabilities": KEV["vulnerabilities"][:1]}))
    (base / "epss.csv.gz").write_bytes(gzip.compress(EPSS)[:-3])
    kev, epss = go(NOW + 200)
    assert (kev.action, kev.records, "refused: 1 records where there were 4" in kev.reason) == (
        "failed",
        4,
        True,
    )
    assert (epss.action, epss.records, "ends too early" in epss.reason) == ("failed", 1, True)
    assert go(NOW + 200, allow_shrink=True)[0] == Outcome("KEV", "full", 1)
    with open_stores(data_dir, []) as stores:
        assert stores.values("EPSS", ["CVE-2024-0001"]) == {"CVE-2024-0001": 0.5}


def test_a_list_without_urls_is_left_out(data_dir: Path) -> None:
    assert update([], data_dir, Source("file:///nowhere"), bulk.no_client, max_age_s=0, now=NOW) == []
    assert DEFAULT_SOURCE.osv_url.startswith("https://")


def _identity(stores: Path) -> tuple[int, int]:
    """Return what tells a file from the one that takes its place."""
    info = (stores / "PyPI.sqlite").stat()
    return info.st_ino, info.st_mtime_ns


def test_two_updates_at_once_while_others_read(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [bulk.record(f"X-{n}", "PyPI", "a") for n in range(300)])
    bulk.run(base, data_dir, "PyPI")
    first = _identity(folder(data_dir))
    spawn = multiprocessing.get_context("spawn")
    enough = spawn.Event()
    writers = [spawn.Process(target=bulk.update_until, args=(base, data_dir, enough)) for _ in range(2)]
    for writer in writers:
        writer.start()
    replaced = {first}
    while len(replaced) < 6 and all(writer.is_alive() for writer in writers):
        with open_stores(data_dir, ["PyPI"]) as stores:
            assert len(findings([bulk.package("a", "1.0")], stores).findings) == 300
        replaced.add(_identity(folder(data_dir)))
    enough.set()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert bulk.listed(folder(data_dir)) == ["PyPI.sqlite"]


def test_an_open_store_is_read_to_its_end(base: Path, data_dir: Path) -> None:
    bulk.publish(base, "PyPI", [A])
    bulk.run(base, data_dir, "PyPI")
    with open_stores(data_dir, ["PyPI"]) as stores:
        bulk.publish(base, "PyPI", [A_NEW])
        bulk.run(base, data_dir, "PyPI")
        assert findings([bulk.package("a", "1.5")], stores).findings == []
    assert flaws(data_dir, "a", "1.5") == ["X-1"]


def test_the_whole_mirror(data_dir: Path) -> None:
    mirror = needs.mirror()
    families = (mirror / "osv" / "ecosystems.txt").read_text().split()
    kev = (mirror / "kev" / "known_exploited_vulnerabilities.json").as_uri()
    source = Source((mirror / "osv").as_uri(), kev, (mirror / "epss.csv.gz").as_uri())
    outcomes = update(families, data_dir, source, bulk.no_client, max_age_s=0, now=NOW)
    assert {one.ecosystem: (one.action, one.records) for one in outcomes} == {
        "AlmaLinux": ("full", 5637),
        "Alpine": ("full", 2439),
        "Debian": ("full", 25621),
        "Go": ("full", 4291),
        "Maven": ("full", 30),
        "PyPI": ("full", 2660),
        "RubyGems": ("full", 1173),
        "Wolfi": ("full", 18724),
        "crates.io": ("full", 714),
        "npm": ("full", 490),
        "KEV": ("full", 1404),
        "EPSS": ("failed", 0),
    }
    # what cannot be compared is counted: the mirror has versions that PEP 440 cannot read, and no such event
    told = {one.ecosystem: (one.unreadable, one.unknown, one.exact) for one in status(data_dir)}
    assert {name: told for name, told in told.items() if told != (0, 0, 0)} == {"PyPI": (0, 0, 108)}
    again = update(families, data_dir, source, bulk.no_client, max_age_s=0, now=NOW + 1)
    assert {one.action for one in again} == {"unchanged", "failed"}
    found = [one.id for one in search(data_dir, "CVE-2022-24999")]
    assert {"ALSA-2023:0050", "DEBIAN-CVE-2022-24999", "GHSA-hrpp-h998-j3pp"} <= set(found)
