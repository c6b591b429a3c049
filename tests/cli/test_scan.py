from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import imaging
import program
from advisories import bulk


def ids(report: bytes) -> list[str]:
    return sorted(finding["id"] for finding in json.loads(report)["findings"])


ALL = ["CVE-2024-1001", "CVE-2024-1002", "CVE-2024-1003"]


def test_a_scan(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", "-f", "json")
    assert (done.returncode, done.stderr, ids(done.stdout)) == (0, b"", ALL)
    report = json.loads(done.stdout)
    assert report["target"] == "oci:image"
    assert sorted(report["advisories"]) == ["Debian", "PyPI"]
    assert (report["unmatched"], report["skipped"]) == ([], [])


def test_the_same_bytes_twice(lading: program.Lading) -> None:
    first = lading("scan", "oci:image", "-f", "json").stdout
    assert lading("scan", "oci:image", "-f", "json", "--offline").stdout == first
    assert lading("scan", "oci:image", "-f", "json", "--no-cache", "--jobs", "4").stdout == first


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 0),
        (["--fail-on", "critical"], 1),
        (["--fail-on", "low"], 1),
        (["--fail-on", "critical", "--only-fixed"], 1),
        (["--fail-on", "never"], 0),
        (["--fail-on", "grave"], 2),
    ],
)
def test_the_gate(lading: program.Lading, arguments: Sequence[str], status: int) -> None:
    done = lading("scan", "oci:image", *arguments)
    assert done.returncode == status
    assert (b"CVE-2024-1002" in done.stdout) is (status != 2)


def test_only_what_has_a_fix_closes_the_gate(lading: program.Lading, tmp_path: Path) -> None:
    high = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}
    records = [bulk.record("GHSA-1", "PyPI", "django", {"introduced": "0"}, **high)]
    bulk.publish(tmp_path / "osv", "PyPI", records)
    bulk.publish(tmp_path / "osv", "Debian", [bulk.record("DSA-1", "Debian:12", "other")])
    elsewhere = {"LADING_OSV_URL": (tmp_path / "osv").as_uri()}
    gate = ("scan", "oci:image", "--fail-on", "high")
    assert lading(*gate, environ=elsewhere).returncode == 1
    assert lading(*gate, "--only-fixed", environ=elsewhere).returncode == 0


def test_the_gate_from_the_settings_file(lading: program.Lading) -> None:
    (lading.folder / "lading.toml").write_text('fail-on = "critical"\n')
    assert lading("scan", "oci:image").returncode == 1
    assert lading("scan", "oci:image", "--fail-on", "never").returncode == 0


def test_exceptions_open_the_gate(lading: program.Lading) -> None:
    (lading.folder / ".lading.yaml").write_text(
        "exceptions:\n  - {id: CVE-2024-1002, reason: behind a proxy, owner: web, expires: 2025-06-01}\n"
    )
    done = lading("scan", "oci:image", "--fail-on", "critical", "-f", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, ids(done.stdout)) == (0, ["CVE-2024-1001", "CVE-2024-1003"])
    assert [one["suppression"]["owner"] for one in report["suppressed"]] == ["web"]
    assert b"behind a proxy" not in lading("scan", "oci:image").stdout
    assert b"behind a proxy" in lading("scan", "oci:image", "--show-suppressed").stdout
    later = lading("scan", "oci:image", "--fail-on", "critical", environ={"SOURCE_DATE_EPOCH": "1764547200"})
    assert later.returncode == 1
    assert b"ended on 2025-06-01" in later.stderr


def test_a_broken_exceptions_file_is_an_error(lading: program.Lading) -> None:
    (lading.folder / "mine.yaml").write_text("exceptions:\n  - id: CVE-2024-1002\n")
    done = lading("scan", "oci:image", "--exceptions", "mine.yaml")
    assert (done.returncode, done.stdout) == (3, b"")
    assert re.search(rb"mine\.yaml:2: exception without ", done.stderr)


def test_vex(lading: program.Lading) -> None:
    statement = {
        "vulnerability": {"name": "CVE-2024-1002"},
        "products": [{"@id": "pkg:pypi/django@4.2"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://e.x/1",
        "author": "us",
        "timestamp": "2024-12-01T00:00:00Z",
        "version": 1,
        "statements": [statement],
    }
    (lading.folder / "vex.json").write_text(json.dumps(document))
    done = lading("scan", "oci:image", "--vex", "vex.json", "-f", "json")
    assert ids(done.stdout) == ["CVE-2024-1001", "CVE-2024-1003"]


def test_without_advisories_it_inventories_and_says_how_to_get_them(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", "--offline", "-f", "json")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert sorted(package["name"] for package in report["packages"]) == ["django", "tool"]
    assert (report["findings"], sorted(report["unmatched"]), report["advisories"]) == (
        [],
        ["Debian", "PyPI"],
        {},
    )
    message = done.stderr.decode()
    assert "there are no advisories for Debian, PyPI" in message
    (command,) = re.findall(r"`lading (db update [^`]*)`", message)
    assert lading(*command.split()).returncode == 0
    assert lading("scan", "oci:image", "--offline").returncode == 0


def test_without_advisories_in_the_table(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", "--offline", "--quiet")
    assert done.returncode == 3
    assert b"no known vulnerabilities" not in done.stdout.lower()
    assert b"there are no advisories for" in done.stderr


def test_advisories_that_cannot_be_fetched(lading: program.Lading) -> None:
    done = lading("scan", "oci:image", environ={"LADING_OSV_URL": "file:///nowhere"})
    assert done.returncode == 3
    assert b"/nowhere/" in done.stderr
    assert b"Traceback" not in done.stderr


def test_older_advisories_are_used_with_a_warning(lading: program.Lading) -> None:
    assert lading("scan", "oci:image").returncode == 0
    stale = {"LADING_OSV_URL": "file:///nowhere"}
    done = lading("scan", "oci:image", "--max-age", "0", "-f", "json", environ=stale)
    assert (done.returncode, ids(done.stdout)) == (0, ALL)
    assert done.stderr.count(b"older advisories are used") == 2
    quiet = lading("scan", "oci:image", "--max-age", "0", "--quiet", environ=stale)
    assert (quiet.returncode, quiet.stderr) == (0, b"")


def test_fresh_advisories_are_not_asked_for(lading: program.Lading) -> None:
    assert lading("scan", "oci:image").returncode == 0
    done = lading("scan", "oci:image", environ={"LADING_OSV_URL": "file:///nowhere"})
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_package_database_that_is_broken(lading: program.Lading) -> None:
    tree = {**program.TREE, "var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0" + b"x" * 5000}
    imaging.write_layout(lading.folder / "broken", [imaging.tar(tree)])
    done = lading("scan", "oci:broken", "-f", "json")
    assert (done.returncode, ids(done.stdout)) == (3, ALL)
    assert b"not read, so that packages may be missing: var/lib/rpm/rpmdb.sqlite: " in done.stderr
    assert [one["path"] for one in json.loads(done.stdout)["skipped"]] == ["var/lib/rpm/rpmdb.sqlite"]
    assert lading("scan", "oci:broken", "--fail-on", "critical").returncode == 1


def test_names_in_an_image_do_not_steer_the_terminal(lading: program.Lading) -> None:
    evil = "a\x1b[2J\u202eb"
    tree = {
        f"x/{evil}.dist-info/METADATA": b"Name: evil\x1b]0;x\x07\nVersion: 1\x1b[31m\n",
        f"node_modules/{evil}/package.json": b"{",
        "../up\x1b[2J": b"",
    }
    imaging.write_layout(
        lading.folder / "evil", [imaging.tar(tree)], history=[{"created_by": "RUN \x1b[2J\x07"}]
    )
    for arguments in (["-f", "table"], ["-f", "table", "--group", "layer"], ["-f", "markdown"]):
        done = lading("scan", "oci:evil", *arguments)
        assert program.CONTROLS.findall(done.stdout) == []
        assert program.CONTROLS.findall(done.stderr) == []
        assert "\u202e".encode() not in done.stdout


@pytest.mark.parametrize("target", ["image", "oci:image", "oci:image:test", "./image"])
def test_targets_that_mean_the_same(lading: program.Lading, target: str) -> None:
    assert ids(lading("scan", target, "-f", "json").stdout) == ALL


def test_a_directory_and_an_sbom(lading: program.Lading) -> None:
    root = lading.folder / "root"
    for name, data in program.TREE.items():
        assert isinstance(data, bytes)
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    assert ids(lading("scan", "rootfs:root", "-f", "json").stdout) == ALL
    assert lading("sbom", "root", "-o", "bom.json").returncode == 0
    assert ids(lading("scan", "sbom:bom.json", "-f", "json").stdout) == ALL
    assert ids(lading("scan", "bom.json", "-f", "json").stdout) == ALL


def test_a_name_that_is_no_utf_8(lading: program.Lading) -> None:
    name = b"r\xff\x1b".decode("utf-8", "surrogateescape")
    (lading.folder / name).symlink_to("image")
    done = lading(
        "scan", f"oci:{name}", "-f", "json", "-f", "table=t", "-f", "html=h", "-f", "sarif=s", "-f", "spdx=p"
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["target"] == "oci:r\\xff\x1b"
    assert program.CONTROLS.findall((lading.folder / "t").read_bytes()) == []


def test_colours_on_a_terminal_only(lading: program.Lading) -> None:
    plain = lading("scan", "oci:image").stdout
    assert program.CONTROLS.findall(plain) == []
    status, shown = lading.on_terminal("scan", "oci:image", "--fail-on", "low")
    assert status == 1
    assert "\x1b[" in shown
    assert "CRITICAL" in shown
    for environ, more in (({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--no-color"])):
        _, shown = lading.on_terminal("scan", "oci:image", *more, environ=environ)
        assert "\x1b" not in shown
        assert "CRITICAL" in shown


def test_a_version_that_cannot_be_compared_keeps_the_gate_closed(
    lading: program.Lading, tmp_path: Path
) -> None:
    metadata = b"Metadata-Version: 2.1\nName: odd\nVersion: not-a-version\n"
    imaging.write_layout(tmp_path / "odd", [imaging.tar({"site/odd-1.dist-info/METADATA": metadata})])
    bulk.publish(
        tmp_path / "osv", "PyPI", [bulk.record("GHSA-9", "PyPI", "odd", {"introduced": "0"}, {"fixed": "2"})]
    )
    elsewhere = {"LADING_OSV_URL": (tmp_path / "osv").as_uri(), "LADING_DATA_DIR": str(tmp_path / "data")}
    assert lading("scan", f"oci:{tmp_path}/odd", environ=elsewhere).returncode == 0
    done = lading("scan", f"oci:{tmp_path}/odd", "--fail-on", "critical", environ=elsewhere)
    assert done.returncode == 3
    assert b"not judged, so that the gate stays closed: odd not-a-version" in done.stderr
