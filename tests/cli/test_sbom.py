from __future__ import annotations

import json

import pytest

import imaging
import program


def test_cyclonedx_unless_told_otherwise(lading: program.Lading) -> None:
    done = lading("sbom", "oci:image")
    assert (done.returncode, done.stderr) == (0, b"")
    document = json.loads(done.stdout)
    assert document["bomFormat"] == "CycloneDX"
    assert sorted(one["name"] for one in document["components"] if "purl" in one) == ["django", "tool"]
    assert document.get("vulnerabilities", []) == []


@pytest.mark.parametrize("name", ["json", "spdx", "cyclonedx"])
def test_no_advisories_are_looked_at(lading: program.Lading, name: str) -> None:
    done = lading("sbom", "oci:image", "-f", name, environ={"LADING_OSV_URL": "file:///nowhere"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"django" in done.stdout.lower()
    assert not (lading.folder / "data").exists()


def test_files_are_listed_on_request(lading: program.Lading) -> None:
    tree = {**program.TREE, "var/lib/dpkg/info/tool.list": b"/.\n/usr\n/usr/bin\n/usr/bin/tool\n"}
    imaging.write_layout(lading.folder / "listed", [imaging.tar(tree)])
    without, with_files = (
        json.loads(lading("sbom", "oci:listed", "-f", "json", *more).stdout)["packages"]
        for more in ([], ["--files"])
    )
    assert [one.get("files") for one in without] == [None, None]
    assert [one.get("files") for one in with_files] == [["usr/bin/tool"], None]


def test_what_could_not_be_read_is_said(lading: program.Lading) -> None:
    tree = {**program.TREE, "var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0" + b"x" * 5000}
    imaging.write_layout(lading.folder / "broken", [imaging.tar(tree)])
    done = lading("sbom", "oci:broken", "-f", "json")
    assert (done.returncode, len(json.loads(done.stdout)["packages"])) == (3, 2)
    assert b"not read, so that packages may be missing: var/lib/rpm/rpmdb.sqlite: " in done.stderr


def test_a_bill_of_a_bill(lading: program.Lading) -> None:
    assert lading("sbom", "oci:image", "-f", "spdx=one.json", "-f", "json=one").returncode == 0
    done = lading("sbom", "sbom:one.json", "-f", "json")
    first = json.loads((lading.folder / "one").read_bytes())
    assert [one["purl"] for one in json.loads(done.stdout)["packages"]] == [
        one["purl"] for one in first["packages"]
    ]
