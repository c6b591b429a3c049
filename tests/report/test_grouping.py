from __future__ import annotations

from lading.model.severity import Severity
from lading.report.grouping import Group, groups
from report import factory


def names(found: list[Group]) -> list[tuple[str, ...]]:
    return [group.names for group in found]


def test_binary_packages_of_one_source_are_one() -> None:
    packages = [factory.package(name, source_name="openssl") for name in ("libssl3", "openssl", "libssl-dev")]
    (group,) = groups(factory.finding("CVE-1", package) for package in packages)
    assert group == Group(
        names=("libssl3", "openssl", "libssl-dev"),
        version="3.0.11-1~deb12u1",
        type="deb",
        source="",
        layer=factory.digest(101),
        path="var/lib/dpkg/status",
        places=3,
        findings=(factory.finding("CVE-1", packages[0]),),
    )


def test_the_source_is_told_where_no_package_has_its_name() -> None:
    (group,) = groups([factory.finding("CVE-1", factory.package("libssl3", source_name="openssl"))])
    assert group.source == "openssl"


def test_they_are_apart_where_something_differs() -> None:
    one = factory.package("a", source_name="s")
    others = [
        factory.finding("CVE-1", one),
        factory.finding("CVE-1", factory.package("b", "2", source_name="s")),
        factory.finding("CVE-1", factory.package("c", source_name="s", layer="other")),
        factory.finding("CVE-1", factory.package("d", source_name="t")),
        factory.finding("CVE-1", factory.package("e", source_name="s", type="rpm")),
        factory.finding("CVE-1", factory.package("f", source_name="s"), fixed_in="9"),
        factory.finding("CVE-1", factory.package("g", source_name="s"), severity=Severity.LOW),
        factory.finding("CVE-2", factory.package("h", source_name="s")),
    ]
    assert names(groups(others)) == [("a",), ("b",), ("c",), ("d",), ("e",), ("f",), ("g",), ("h",)]


def test_one_package_in_several_places() -> None:
    places = [
        factory.finding("CVE-1", factory.package("lodash", "4", type="npm", purl=f"pkg:npm/lodash@4#{n}"))
        for n in range(3)
    ]
    (group,) = groups(places)
    assert (group.names, group.places) == (("lodash",), 3)


def test_the_order_is_that_of_the_findings() -> None:
    a, b = factory.package("a"), factory.package("b")
    found = groups([factory.finding(id_, of) for id_, of in (("C-1", b), ("C-2", a), ("C-3", b))])
    assert names(found) == [("b",), ("a",)]
    assert [one.id for one in found[0].findings] == ["C-1", "C-3"]


def test_nothing() -> None:
    assert groups([]) == []
