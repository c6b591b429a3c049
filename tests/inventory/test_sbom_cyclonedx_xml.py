from __future__ import annotations

import pytest

from lading.errors import LimitError
from lading.inventory import sbom_cyclonedx_xml
from lading.inventory.sbom_package import SbomContents
from lading.model.package import Location, Package

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:1" version="1">
  <metadata>
    <tools><components><component type="application"><name>maker</name><version>9</version></component></components></tools>
    <component type="container"><name>web</name></component>
  </metadata>
  <components>
    <component type="operating-system"><name>alpine</name><version>3.10.4</version></component>
    <component type="library" bom-ref="1">
      <supplier><name>Someone</name></supplier>
      <name>musl</name>
      <version>1.1.22-r4</version>
      <licenses><license><id>MIT</id></license><license><name>Own &amp; more</name><text>long</text></license></licenses>
      <purl>pkg:apk/alpine/musl@1.1.22-r4?arch=x86_64</purl>
      <evidence><occurrences><occurrence><location>/lib/apk/db/installed</location></occurrence></occurrences></evidence>
      <components><component type="library"><name>inner</name><version>1</version></component></components>
      <properties><property name="lading:source:name">musl-src</property></properties>
    </component>
    <component type="library"><name>x</name><version>2</version>
      <licenses><expression>MIT OR ISC</expression></licenses></component>
  </components>
  <vulnerabilities><vulnerability><id>CVE-1</id></vulnerability></vulnerabilities>
</bom>
"""


def read(data: bytes) -> SbomContents:
    return sbom_cyclonedx_xml.read(data, "x")


def test_a_document() -> None:
    contents = read(DOCUMENT)
    assert contents.packages == (
        Package(
            type="apk",
            name="musl",
            version="1.1.22-r4",
            purl="pkg:apk/alpine/musl@1.1.22-r4?arch=x86_64",
            source_name="musl-src",
            source_version="1.1.22-r4",
            arch="x86_64",
            licenses=("MIT", "Own & more"),
            locations=(Location("lib/apk/db/installed"),),
            reader="sbom/cyclonedx",
        ),
        Package(type="generic", name="inner", version="1", reader="sbom/cyclonedx"),
        Package(type="generic", name="x", version="2", licenses=("MIT OR ISC",), reader="sbom/cyclonedx"),
    )
    assert contents.os is not None
    assert (contents.os.id, contents.os.version) == ("alpine", "3.10.4")
    assert (contents.name, contents.format) == ("web", "CycloneDX 1.5")


def test_components_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom_cyclonedx_xml, "MAX_COMPONENTS", 3)
    with pytest.raises(LimitError, match="more than 3 components"):
        read(DOCUMENT)


def test_many_properties_and_long_texts_take_no_time() -> None:
    inside = (
        b"<properties>" + b'<property name="a">b</property>' * 100_000 + b"</properties><name>" + b"n" * 10**7
    )
    head = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library">'
    contents = read(head + inside + b"</name><version>1</version></component></components></bom>")
    assert contents.packages == ()
