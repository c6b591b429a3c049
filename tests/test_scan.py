from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard

import imaging
import program
from advisories import bulk
from lading import scan
from lading.advisories.store import Stores, open_stores
from lading.errors import MalformedError
from lading.model.severity import Status
from lading.oci import rootfs
from lading.policy.load import load
from lading.report.format import Options
from lading.report.rendering import render

TODAY = dt.date(2025, 1, 1)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("advisories")
    program.publish(folder)
    bulk.run(folder / "osv", folder / "data", *program.RECORDS)
    return folder / "data"


def judged(found: scan.Inventory, data_dir: Path, *rules: Path, today: dt.date = TODAY) -> scan.Scan:
    def advisories(ecosystems: Sequence[str]) -> Stores:
        return open_stores(data_dir, ecosystems)

    return scan.scan(found, advisories, load(rules), today=today)


def taken(*trees: imaging.Tree, today: dt.date = TODAY) -> scan.Inventory:
    return scan.take_inventory(imaging.image(*trees), None, today=today)


def directory(tmp_path: Path, tree: dict[str, bytes]) -> scan.Inventory:
    for name, data in tree.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return scan.take_inventory(rootfs.open_image(tmp_path / "tree", "rootfs:tree"), None, today=TODAY)


def found_ids(scanned: scan.Scan) -> list[tuple[str, str]]:
    return [(one.package.name, one.id) for one in scanned.report.findings]


def test_an_image_of_cut_packages(tmp_path: Path) -> None:
    """Chisel leaves the names of binary packages; what of Python is in them is Ubuntu's, and judged as such."""
    wheel = "usr/lib/python3/dist-packages/django-4.2.dist-info/METADATA"
    lines: list[dict[str, object]] = [
        {"jsonwall": "1.0", "schema": "1.0", "count": 3},
        {"kind": "package", "name": "python3-django", "version": "3:4.2-1", "arch": "all"},
        {"kind": "path", "path": f"/{wheel}", "mode": "0644", "size": 1, "slices": ["python3-django_libs"]},
    ]
    tree: imaging.Tree = {
        "etc/os-release": b'ID=ubuntu\nVERSION_ID="24.04"\n',
        "var/lib/chisel/manifest.wall": zstandard.compress("\n".join(map(json.dumps, lines)).encode()),
        wheel: program.WHEEL,
    }
    record = bulk.record(
        "UBUNTU-CVE-2024-0007", "Ubuntu:24.04:LTS", "python-django", upstream=["CVE-2024-0007"]
    )
    record["affected"][0]["ecosystem_specific"] = {"binaries": [{"binary_name": "python3-django"}]}
    bulk.publish(tmp_path / "osv", "Ubuntu", [record])
    bulk.run(tmp_path / "osv", tmp_path / "data", "Ubuntu")
    scanned = judged(taken(tree), tmp_path / "data")
    assert found_ids(scanned) == [("python3-django", "CVE-2024-0007")]
    assert scanned.report.findings[0].package.source_name == "python-django"
    assert scanned.gaps == ()


def test_from_image_to_report(data_dir: Path) -> None:
    scanned = judged(taken(program.TREE), data_dir)
    assert found_ids(scanned) == [
        ("django", "CVE-2024-1002"),
        ("tool", "CVE-2024-1001"),
        ("django", "CVE-2024-1003"),
    ]
    assert [one.fixed_in for one in scanned.report.findings] == ["4.2.1", "1.0-2", None]
    assert {one.layer for one in scanned.report.findings} == {imaging.image(program.TREE).layers[0].diff_id}
    assert list(scanned.report.advisories) == ["Debian", "PyPI"]
    assert (scanned.gaps, scanned.warnings, scanned.report.unmatched) == ((), (), ())
    assert scanned.report.image.os is not None
    assert (scanned.report.image.os.ecosystem, scanned.report.image.os.ended) == ("Debian:12", False)
    (layer,) = scanned.report.image.layers
    assert (layer.files, layer.bytes) == (
        3,
        sum(len(data) for data in program.TREE.values() if isinstance(data, bytes)),
    )


@pytest.mark.parametrize("name", ["table", "json", "sarif", "cyclonedx", "spdx", "junit", "markdown", "html"])
def test_the_same_bytes_twice(name: str, data_dir: Path) -> None:
    trees = [
        program.TREE,
        {"opt/.wh.django-4.2.dist-info": b"", "opt/a.dist-info/METADATA": b"Name: Django\nVersion: 4.1\n"},
    ]
    first, second = (render(name, judged(taken(*trees), data_dir).report, Options()) for _ in range(2))
    assert first == second


def test_packages_without_advisories_are_a_gap(data_dir: Path) -> None:
    crate = {"package.json": b"{}", "node_modules/x/package.json": b'{"name": "x", "version": "1.0.0"}'}
    scanned = judged(taken({**program.TREE, **crate}), data_dir)
    assert scanned.report.unmatched == ("npm",)
    assert [gap.partition(":")[0] for gap in scanned.gaps] == ["npm"]
    assert dict(scanned.reasons).keys() == {"npm"}
    assert len(found_ids(scanned)) == 3


@pytest.mark.parametrize(
    ("release", "name"),
    [
        pytest.param(b"ID=frobnix\nVERSION_ID=1\n", "frobnix 1", id="a-system-without-advisories"),
        pytest.param(b"", "a system that does not say what it is", id="no-name"),
        pytest.param(b"ID=debian\nVERSION_ID=99\n", "Debian:99", id="a-release-without-advisories"),
    ],
)
def test_packages_that_no_advisory_speaks_of_are_a_gap(release: bytes, name: str, data_dir: Path) -> None:
    scanned = judged(taken({**program.TREE, "etc/os-release": release}), data_dir)
    assert scanned.gaps == (f"there are no advisories for {name}: nothing is known of its 1 package",)
    (skipped,) = scanned.report.skipped
    assert (skipped.reader, skipped.path) == ("advisories/system", "var/lib/dpkg/status")
    assert {one.package.name for one in scanned.report.findings} == {"django"}
    assert scanned.report.unmatched == ()


@pytest.mark.parametrize("more", [{}, {"opt/a.dist-info/METADATA": b"Name: a\nVersion: 1\n"}])
def test_a_system_without_its_packages_is_a_gap(more: imaging.Tree, data_dir: Path) -> None:
    release = {"etc/os-release": b"ID=debian\nVERSION_ID=12\n", "bin/sh": b""}
    scanned = judged(taken({**release, **more}), data_dir)
    (skipped,) = scanned.report.skipped
    assert (skipped.reader, skipped.path) == ("os/packages", "etc/os-release")
    assert skipped.reason.startswith("debian 12 has no list of its packages")
    assert len(scanned.gaps) == 1


def test_a_list_of_packages_that_cannot_be_read_is_told_once(data_dir: Path) -> None:
    tree = {
        "etc/os-release": b"ID=almalinux\nVERSION_ID=9\n",
        "var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0",
    }
    scanned = judged(taken(tree), data_dir)
    assert [one.reader for one in scanned.report.skipped] == ["os/rpm-sqlite"]


@pytest.mark.parametrize(
    ("tree", "gap"),
    [
        pytest.param({"var/lib/rpm/rpmdb.sqlite": b"SQLite format 3\0broken"}, True, id="a-broken-database"),
        pytest.param({"../lib/x": b""}, True, id="a-name-that-leads-out"),
        pytest.param({"node_modules/a/package.json": b"{"}, False, id="a-single-package"),
    ],
)
def test_what_could_not_be_read(tree: imaging.Tree, gap: bool, data_dir: Path) -> None:  # noqa: FBT001 -- a table's column
    scanned = judged(taken({**program.TREE, **tree}), data_dir)
    assert len(scanned.report.skipped) == 1
    assert bool(scanned.gaps) is gap
    assert len(found_ids(scanned)) == 3


@pytest.mark.parametrize(
    ("today", "ended", "status"),
    [
        (dt.date(2028, 6, 30), False, Status.AFFECTED),
        (dt.date(2038, 1, 1), True, Status.END_OF_LIFE),
    ],
)
def test_end_of_life(today: dt.date, ended: bool, status: Status, tmp_path: Path) -> None:  # noqa: FBT001 -- a table's column
    record = bulk.record("DSA-2", "Debian:12", "tool", {"introduced": "0"}, aliases=["CVE-2024-1009"])
    bulk.publish(tmp_path / "osv", "Debian", [record])
    bulk.run(tmp_path / "osv", tmp_path / "data", "Debian")
    tree = {name: program.TREE[name] for name in ("etc/os-release", "var/lib/dpkg/status")}
    scanned = judged(taken(tree, today=today), tmp_path / "data", today=today)
    assert scanned.report.image.os is not None
    assert scanned.report.image.os.ended is ended
    assert [one.status for one in scanned.report.findings] == [status]


RULES = """\
exceptions:
  - id: CVE-2024-1002
    reason: not reached
    owner: web
    expires: 2025-01-31
  - id: CVE-1999-1001
    reason: long gone
    owner: web
    expires: never
"""


def test_exceptions_hold_until_their_day(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / ".lading.yaml").write_text(RULES)
    rules = tmp_path / ".lading.yaml"
    before = judged(taken(program.TREE), data_dir, rules)
    assert [one.id for one in before.report.findings] == ["CVE-2024-1001", "CVE-2024-1003"]
    (set_aside,) = before.report.suppressed
    assert set_aside.suppression is not None
    assert (set_aside.id, set_aside.suppression.owner, set_aside.suppression.expires) == (
        "CVE-2024-1002",
        "web",
        "2025-01-31",
    )
    last = judged(taken(program.TREE), data_dir, rules, today=dt.date(2025, 1, 31))
    assert len(last.report.suppressed) == 1
    after = judged(taken(program.TREE), data_dir, rules, today=dt.date(2025, 2, 1))
    assert (len(after.report.findings), after.report.suppressed) == (3, ())
    assert any("ended on 2025-01-31" in warning for warning in after.warnings), after.warnings
    assert before.gaps == ()


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_an_sbom_in_place_of_the_image(name: str, tmp_path: Path, data_dir: Path) -> None:
    image = judged(taken(program.TREE), data_dir)
    path = tmp_path / "sbom.json"
    path.write_bytes(render(name, scan.bill(taken(program.TREE)), Options(files=True)))
    found = scan.take_sbom(path, "sbom.json", today=TODAY)
    scanned = judged(found, data_dir)
    assert found_ids(scanned) == found_ids(image)
    assert [one.purl for one in scanned.report.packages] == [one.purl for one in image.report.packages]
    assert (scanned.report.target, scanned.report.image.layers) == ("sbom.json", ())


def test_what_is_no_sbom(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(MalformedError, match=r"x\.json"):
        scan.take_sbom(tmp_path / "x.json", "x.json", today=TODAY)


LOCK = json.dumps(
    {"name": "web", "lockfileVersion": 3, "packages": {"": {}, "node_modules/lodash": {"version": "4.17.20"}}}
).encode()


def test_locks_are_read_in_a_plain_directory(tmp_path: Path) -> None:
    found = directory(tmp_path, {"web/package-lock.json": LOCK, "requirements.txt": b"django==4.2\n"})
    assert [one.purl for one in found.contents.packages] == ["pkg:npm/lodash@4.17.20", "pkg:pypi/django@4.2"]
    assert found.image.layers == ()


def test_locks_are_not_read_in_a_root_file_system_nor_in_an_image(tmp_path: Path) -> None:
    tree = {"srv/package-lock.json": LOCK, "var/lib/dpkg/status": program.STATUS}
    assert [one.name for one in directory(tmp_path, tree).contents.packages] == ["tool"]
    assert [one.name for one in taken(tree).contents.packages] == ["tool"]
    assert taken({"srv/package-lock.json": LOCK}).contents.packages == ()


def test_an_image_with_nothing_in_it(data_dir: Path) -> None:
    scanned = judged(taken({"etc": None}), data_dir)
    assert (scanned.report.packages, scanned.report.findings, scanned.gaps) == ((), (), ())
