from __future__ import annotations

import pytest

from lading.errors import MalformedError
from lading.inventory import pom_xml
from lading.model.fact import Fact, Skipped
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile


def read(*dependencies: str) -> list[Fact]:
    inside = "\n".join(f"<dependency>{each}</dependency>" for each in dependencies)
    data = f"<project><dependencies>\n{inside}</dependencies></project>".encode()
    return list(pom_xml.read(TreeFile("app/pom.xml", len(data), data=data)))


def named(version: str, more: str = "") -> str:
    return f"<groupId>g.g</groupId><artifactId>a</artifactId><version>{version}</version>{more}"


@pytest.mark.parametrize(
    ("text", "version", "scope"),
    [
        pytest.param(named("1.2"), "1.2", "", id="literal"),
        pytest.param(named("[1.2]"), "1.2", "", id="exactly"),
        pytest.param(named("1.2", "<scope>test</scope>"), "1.2", "test", id="test"),
        pytest.param(named("1.2", "<scope>provided</scope>"), "1.2", "optional", id="provided"),
        pytest.param(named("1.2", "<scope>runtime</scope>"), "1.2", "", id="runtime"),
        pytest.param(named("1.2", "<optional>true</optional>"), "1.2", "optional", id="optional"),
    ],
)
def test_package(text: str, version: str, scope: str) -> None:
    assert read(text) == [
        Package(
            type="maven",
            name="g.g:a",
            version=version,
            locations=(Location("app/pom.xml", 2),),
            reader="java/pom",
            scope=scope,
        )
    ]


@pytest.mark.parametrize("version", ["[1.0,2.0)", "(,1.0]", "${revision}", ""])
def test_no_version_is_told(version: str) -> None:
    assert read(named(version)) == [Skipped("java/pom", "app/pom.xml", "no version in this file: g.g:a")]


def test_many_without_version_are_one_line() -> None:
    assert read(*[named("")] * 7) == [
        Skipped(
            "java/pom", "app/pom.xml", "no version in this file: g.g:a, g.g:a, g.g:a, g.g:a, g.g:a and 2 more"
        )
    ]


def test_broken() -> None:
    with pytest.raises(MalformedError, match="not XML"):
        read("<")
