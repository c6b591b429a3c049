"""Versions of CentOS, with figures of real packages."""

from __future__ import annotations

import pytest

from advisories import bulk
from advisories.looking import Look, rpm
from lading.advisories.centos import beside
from lading.model.fact import Skipped


@pytest.mark.parametrize(
    ("version", "fix", "expected"),
    [
        ("12:4.2.5-68.el7.centos.1", "12:4.2.5-68.el7_5.1", "12:4.2.5-68.el7_5.1"),
        ("12:4.2.5-68.el7.centos", "12:4.2.5-68.el7_5.1", "12:4.2.5-68.el7_5"),
        ("1.5.4-2.el7", "0:1.5.4-2.el7_9", "1.5.4-2.el7_9"),
        ("1.5.4-2.el7_9", "0:1.5.4-2.el7_8.1", "1.5.4-2.el7_9"),
        ("2.4.6-97.el7.centos", "0:2.4.6-97.el7", "2.4.6-97.el7"),
        ("1-1.el7.centos", "0:1-1.el8_1", "1-1.el7.centos"),
        ("1-1.el7.centosity", "0:1-1.el7_9", "1-1.el7.centosity"),
        ("1-1.el7", "", "1-1.el7"),
        ("1-1", "0:1-1.el7_9", "1-1"),
        (
            "9.6.22-1.module_el8.5.0+826+29c1ad77",
            "0:9.6.22-1.module+el8.4.0+11244+18b7f2cb",
            "9.6.22-1.module+el8.4.0+11244+18b7f2cb",
        ),
        ("9.6.22-1.module_el8.5.0+826+29c1ad77", "0:9.6.22-1.el8_4", "9.6.22-1.module_el8.5.0+826+29c1ad77"),
    ],
)
def test_beside(version: str, fix: str, expected: str) -> None:
    assert beside(version, fix) == expected


@pytest.mark.parametrize(
    ("name", "version", "fix", "expected"),
    [
        # CVE-2018-1111, CVE-2021-20277: https://github.com/anchore/grype/issues/316
        ("dhclient", "12:4.2.5-68.el7.centos", "12:4.2.5-68.el7_5.1", True),
        ("dhclient", "12:4.2.5-68.el7.centos.1", "12:4.2.5-68.el7_5.1", False),
        ("dhclient", "12:4.2.5-83.el7.centos.2", "12:4.2.5-68.el7_5.1", False),
        ("libldb", "1.5.4-1.el7", "0:1.5.4-2.el7_9", True),
        ("libldb", "1.5.4-2.el7", "0:1.5.4-2.el7_9", False),
    ],
)
def test_a_package_that_is_the_fix_lacks_nothing(
    look: Look, name: str, version: str, fix: str, *, expected: bool
) -> None:
    record = bulk.record("RHSA-1", "Red Hat:enterprise_linux:7::server", name, *bulk.span("0", fix))
    package = rpm(
        name, version, "Red Hat:enterprise_linux:7", purl=f"pkg:rpm/centos/{name}@1?distro=centos-7"
    )
    assert [one.fixed_in for one in look([record], package)] == [fix] * expected


def test_packages_of_red_hat_are_as_they_are(look: Look) -> None:
    record = bulk.record("RHSA-1", "Red Hat:enterprise_linux:7::server", "a", *bulk.span("0", "0:1-2.el7_9"))
    package = rpm("a", "1-2.el7", "Red Hat:enterprise_linux:7", purl="pkg:rpm/redhat/a@1?distro=rhel-7.9")
    assert len(look([record], package)) == 1


def test_a_fix_that_cannot_be_read_hides_no_other(look: Look) -> None:
    name, ecosystem = "postgresql", "Red Hat:enterprise_linux:8::appstream"
    fix = "0:9.6.22-1.module+el8.4.0+11244+18b7f2cb"
    broken = bulk.record("RHSA-1", ecosystem, name, *bulk.span("0", fix + "\u0661"))
    whole = bulk.record("RHSA-2", ecosystem, name, *bulk.span("0", fix))
    package = rpm(
        name,
        "9.6.20-1.module_el8.3.0+626+29c1ad77",
        "Red Hat:enterprise_linux:8",
        purl=f"pkg:rpm/centos/{name}@1?distro=centos-8",
    )
    skipped: list[Skipped] = []
    assert [one.id for one in look([broken, whole], package, skipped=skipped)] == ["RHSA-2"]
    assert [one.reason.rpartition(": ")[2] for one in skipped] == [
        "RHSA-1 names a version that cannot be read"
    ]
