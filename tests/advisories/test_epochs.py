"""Versions of rpm packages whose advisories name sources, with figures of real ones."""

from __future__ import annotations

import pytest

from advisories import bulk
from advisories.looking import Look, rpm
from lading.advisories.epochs import beside, without
from lading.model.fact import Skipped
from lading.model.package import Package


@pytest.mark.parametrize(
    ("version", "fix", "named", "expected"),
    [
        ("1:2-1", "0:2-2", False, "0:2-1"),
        ("2-1", "4:2-2", False, "4:2-1"),
        ("1:2-1", "0:2-2", True, "1:2-1"),
        ("1:2-1", "2-2", True, "2-1"),
        ("1:2-1", "2-2", False, "2-1"),
        ("1:2-1", "", True, "2-1"),
        ("2-1", "1:1-1", True, "2-1"),
        ("2-1", "virt-devel:rhel", False, "2-1"),
        ("2-1", "\u0661:1-1", False, "2-1"),
    ],
)
def test_beside(version: str, fix: str, expected: str, *, named: bool) -> None:
    assert beside(version, fix, named=named) == expected


def test_without() -> None:
    assert [without(text) for text in ("1:2-1", "2-1", "")] == ["2-1", "2-1", ""]


def built(name: str, version: str, source: str, ecosystem: str, label: str = "") -> Package:
    """source: name and version of the source rpm, with a space between."""
    source_name, _, source_version = source.partition(" ")
    return rpm(
        name,
        version,
        ecosystem,
        source_name=source_name,
        source_version=source_version,
        qualifiers=(("rpmmod", label),) if label else (),
    )


def is_found(look: Look, record: bulk.Json, package: Package) -> bool:
    found = look([record], package)
    assert [one.fixed_in for one in found] == [
        record["affected"][0]["ranges"][0]["events"][1]["fixed"]
    ] * len(found)
    return bool(found)


@pytest.mark.parametrize(
    ("name", "version", "release", "expected"),
    [
        ("perl-Errno", "1.28", "417.el8_3", False),
        ("perl-Errno", "1.28", "416.el8", True),
        ("perl-libs", "4:5.26.3", "417.el8_3", False),
        ("perl-libs", "4:5.26.3", "416.el8", True),
        ("perl", "4:5.26.3", "416.el8", True),
        ("perl", "4:5.26.3", "417.el8_3", False),
    ],
)
def test_a_package_with_a_version_of_its_own(
    look: Look, name: str, version: str, release: str, *, expected: bool
) -> None:
    """CVE-2020-12723: https://github.com/anchore/grype/issues/437 has the versions."""
    record = bulk.record("X-1", "Rocky Linux:8", "perl", *bulk.span("0", "4:5.26.3-417.el8_3"))
    package = built(name, f"{version}-{release}", f"perl 5.26.3-{release}", "Rocky Linux:8")
    assert is_found(look, record, package) is expected


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("mod_ssl", "1:2.4.57-8.el9", True),
        ("mod_ssl", "1:2.4.57-11.el9_4", False),
        ("httpd-core", "2.4.57-8.el9", True),
        ("httpd", "2.4.57-11.el9_4", False),
    ],
)
def test_a_package_with_an_epoch_of_its_own(look: Look, name: str, version: str, *, expected: bool) -> None:
    """CVE-2024-38475: https://github.com/fleetdm/fleet/issues/49485 has the versions."""
    record = bulk.record("X-1", "Rocky Linux:9", "httpd", *bulk.span("0", "0:2.4.57-11.el9_4"))
    package = built(name, version, "httpd " + version.removeprefix("1:"), "Rocky Linux:9")
    assert is_found(look, record, package) is expected


@pytest.mark.parametrize(("build", "expected"), [("1:18.20.4-1", False), ("1:18.20.2-1", True)])
def test_a_package_of_a_module_with_a_version_of_its_own(look: Look, build: str, *, expected: bool) -> None:
    module = ".module+el8.10.0+1847+67b4ccd0"
    record = bulk.record(
        "X-1",
        "Rocky Linux:8",
        "nodejs",
        *bulk.span("0", "1:18.20.4-1" + module),
        summary="Moderate: nodejs:18 security update",
    )
    source = f"nodejs {build.removeprefix('1:')}{module}"
    package = built(
        "npm", f"1:10.7.0-1.{build[2:].replace('-', '.')}{module}", source, "Rocky Linux:8", "nodejs:18"
    )
    assert is_found(look, record, package) is expected


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("perl", "2:5.36.0-1.mga9", True),
        ("perl-base", "2:5.36.0-1.mga9", True),
        ("perl", "2:5.36.0-1.1.mga9", False),
        ("perl-base", "2:5.36.0-1.1.mga9", False),
    ],
)
def test_a_source_that_has_no_epochs(look: Look, name: str, version: str, *, expected: bool) -> None:
    record = bulk.record("MGASA-2024-0021", "Mageia:9", "perl", *bulk.span("0", "5.36.0-1.1.mga9"))
    package = built(name, version, "perl " + version.removeprefix("2:"), "Mageia:9")
    assert is_found(look, record, package) is expected


@pytest.mark.parametrize(("release", "expected"), [("26.1", True), ("29.2", False)])
def test_a_package_with_a_higher_version_than_its_source(look: Look, release: str, *, expected: bool) -> None:
    fix = "550.144.03-150600.3.29.2"
    name = "nvidia-open-driver-G06-signed"
    record = bulk.record("SUSE-SU-2025:0207-1", "openSUSE:Leap 15.6", name, *bulk.span("0", fix))
    source = f"{name} 550.144.03-150600.3.{release}"
    package = built(f"{name}-cuda-azure-devel", f"565.57.01-150600.3.{release}", source, "openSUSE:Leap 15.6")
    assert is_found(look, record, package) is expected


@pytest.mark.parametrize("ecosystem", ["AlmaLinux:8", "Red Hat:enterprise_linux:8"])
def test_where_binary_packages_are_named_their_epochs_count(look: Look, ecosystem: str) -> None:
    record = bulk.record("X-1", ecosystem, "mod_ssl", *bulk.span("0", "1:2.4.37-65"))
    other = bulk.record("X-2", ecosystem, "mod_ssl", *bulk.span("0", "2.4.37-65"))
    packages = [
        built("mod_ssl", version, "httpd 2.4.37-70", ecosystem) for version in ("2.4.37-70", "1:2.4.37-1")
    ]
    found = {(one.id, one.package.version) for one in look([record, other], *packages)}
    assert found == {("X-1", "2.4.37-70"), ("X-1", "1:2.4.37-1")}


def test_a_fix_that_cannot_be_read_hides_no_other(look: Look) -> None:
    broken = bulk.record("X-1", "Rocky Linux:9", "httpd", *bulk.span("0", "\u0661:2-1"))
    whole = bulk.record("X-2", "Rocky Linux:9", "httpd", *bulk.span("0", "0:2.4.57-11.el9_4"))
    skipped: list[Skipped] = []
    package = built("mod_ssl", "1:2.4.57-8.el9", "httpd 2.4.57-8.el9", "Rocky Linux:9")
    assert [one.id for one in look([broken, whole], package, skipped=skipped)] == ["X-2"]
    assert [one.reason for one in skipped] == [
        "mod_ssl 1:2.4.57-8.el9: X-1 names a version that cannot be read"
    ]
