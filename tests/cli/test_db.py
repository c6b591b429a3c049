from __future__ import annotations

from pathlib import Path

import pytest

import program
from advisories import bulk


def test_update_status_search(lading: program.Lading) -> None:
    done = lading("db", "update", "--ecosystem", "PyPI", "--ecosystem", "Debian")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [line.split()[:3] for line in done.stdout.decode().splitlines()]
    assert sorted(lines) == [["Debian", "full", "1"], ["PyPI", "full", "2"]]
    shown = lading("db", "status").stdout.decode().splitlines()
    assert shown[0].split() == ["ECOSYSTEM", "RECORDS", "NEWEST", "FETCHED", "SIZE", "DIGEST"]
    assert [line.split()[:3] for line in shown[1:]] == [
        ["Debian", "1", "2024-01-01T00:00:00Z"],
        ["PyPI", "2", "2024-01-01T00:00:00Z"],
    ]
    found = lading("db", "search", "CVE-2024-1002").stdout.decode().splitlines()
    assert found == [
        "GHSA-1  PyPI  critical",
        "    also CVE-2024-1002",
        "    django: from the beginning until 4.2.1",
    ]
    found = lading("db", "search", "cve-2024-1003").stdout.decode().splitlines()
    assert found[2:] == ["    django: from the beginning on, not fixed"]
    assert lading("db", "search", "django").stdout.decode().count("PyPI") == 2


def test_an_update_of_what_is_here(lading: program.Lading) -> None:
    assert lading("db", "update").returncode == 2
    lading("db", "update", "--ecosystem", "PyPI")
    assert lading("db", "update").stdout.split()[:2] == [b"PyPI", b"fresh"]
    assert lading("db", "update", "--max-age", "0").stdout.split()[:2] == [b"PyPI", b"unchanged"]
    assert lading("db", "update", "--force").stdout.split()[:2] == [b"PyPI", b"full"]


def test_what_cannot_be_updated(lading: program.Lading) -> None:
    assert lading("db", "update", "--ecosystem", "PyPI").returncode == 0
    done = lading("db", "update", "--ecosystem", "PyPI", "--ecosystem", "npm", "--force")
    assert done.returncode == 3
    assert [line.split()[:2] for line in done.stdout.decode().splitlines()] == [
        ["PyPI", "full"],
        ["npm", "failed"],
    ]
    assert b"/npm/" in done.stderr


def test_offline(lading: program.Lading) -> None:
    done = lading("db", "update", "--ecosystem", "PyPI", "--offline")
    assert (done.returncode, done.stderr) == (2, b"lading: an update needs what --offline forbids\n")


def test_an_update_that_would_lose_most(lading: program.Lading, tmp_path: Path) -> None:
    many = [bulk.record(f"GHSA-{n}", "PyPI", "django") for n in range(100)]
    bulk.publish(tmp_path / "osv", "PyPI", many)
    there = {"LADING_OSV_URL": (tmp_path / "osv").as_uri()}
    assert lading("db", "update", "--ecosystem", "PyPI", environ=there).returncode == 0
    bulk.publish(tmp_path / "osv", "PyPI", many[:5])
    refused = lading("db", "update", "--force", environ=there)
    assert (refused.returncode, refused.stdout.split()[:3]) == (3, [b"PyPI", b"failed", b"100"])
    assert lading("db", "status").stdout.splitlines()[1].split()[1] == b"100"
    accepted = lading("db", "update", "--force", "--allow-shrink", environ=there)
    assert (accepted.returncode, accepted.stdout.split()[:3]) == (0, [b"PyPI", b"full", b"5"])


@pytest.mark.parametrize("arguments", [["status"], ["search", "django"]])
def test_with_no_advisories(lading: program.Lading, arguments: list[str]) -> None:
    done = lading("db", *arguments)
    assert (done.returncode, done.stdout) == (3, b"")
    assert (
        done.stderr
        == b"lading: there are no advisories on this machine\n  lading db update --ecosystem NAME\n"
    )


def test_a_search_that_finds_nothing(lading: program.Lading) -> None:
    lading("db", "update", "--ecosystem", "PyPI")
    done = lading("db", "search", "no\x1b[2Jthing")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.startswith(b"lading: nothing here is known of ")
    assert program.CONTROLS.findall(done.stderr) == []


def test_without_a_word(lading: program.Lading) -> None:
    done = lading("db")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"lading db update | status | search" in done.stderr


def test_a_broken_store_is_shown_and_made_anew(lading: program.Lading) -> None:
    lading("db", "update", "--ecosystem", "PyPI")
    (store,) = [
        path
        for path in (lading.folder / "data").rglob("*")
        if path.is_file() and path.stat().st_size > 1000 and b"SQLite" in path.read_bytes()[:16]
    ]
    store.write_bytes(b"SQLite format 3\0" + b"x" * 10_000)
    assert b"cannot be used" in lading("db", "status").stdout
    assert lading("scan", "oci:image", "--offline").returncode == 3
    assert lading("db", "update", "--ecosystem", "PyPI").returncode == 0
    assert b"cannot be used" not in lading("db", "status").stdout


def test_what_advisories_say_does_not_steer_the_terminal(lading: program.Lading, tmp_path: Path) -> None:
    evil = bulk.record("GHSA-1", "PyPI", "a\x1b[2J", summary="x\x1b]0;t\x07\u202ey\nz", aliases=["\x1b[31m"])
    bulk.publish(tmp_path / "osv", "PyPI", [evil])
    lading("db", "update", "--ecosystem", "PyPI", environ={"LADING_OSV_URL": (tmp_path / "osv").as_uri()})
    done = lading("db", "search", "GHSA-1")
    assert b"GHSA-1" in done.stdout
    assert program.CONTROLS.findall(done.stdout) == []
