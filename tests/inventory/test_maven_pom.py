from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import maven_pom
from lading.inventory.maven_pom import Dependency, Pom

POM = b"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>2.1</version></parent>
  <artifactId>app</artifactId>
  <properties>
    <guava.version> 31.1-jre </guava.version>
    <nested>${guava.version}</nested>
    <ring>${ring}</ring>
  </properties>
  <licenses>
    <license><name>Apache-2.0</name><url>https://example.org</url></license>
    <license><name/></license>
    <license><name>MIT</name></license>
  </licenses>
  <dependencyManagement><dependencies>
    <dependency><groupId>m.m</groupId><artifactId>m</artifactId><version>4</version><scope>test</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId><version>${nested}</version></dependency>
    <dependency>
      <groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version>
      <exclusions><exclusion><groupId>no</groupId><artifactId>no</artifactId></exclusion></exclusions>
      <optional>true</optional>
    </dependency>
    <dependency><groupId>m.m</groupId><artifactId>m</artifactId></dependency>
    <dependency><groupId>r.r</groupId><artifactId>r</artifactId><version>${ring}</version></dependency>
    <dependency><groupId>u.u</groupId><artifactId>u</artifactId><version>${un.known}</version></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>not-a-dependency</artifactId><dependencies>
    <dependency><groupId>p.p</groupId><artifactId>p</artifactId><version>1</version></dependency>
  </dependencies></plugin></plugins></build>
</project>
"""


def dependency(name: str, version: str, line: int, *, scope: str = "", optional: bool = False) -> Dependency:
    group, _, artifact = name.partition(":")
    return Dependency(
        group=group, artifact=artifact, version=version, scope=scope, optional=optional, line=line
    )


def test_parse() -> None:
    assert maven_pom.parse(POM, "pom.xml") == Pom(
        group="org.example",
        artifact="app",
        version="2.1",
        licenses=("Apache-2.0", "MIT"),
        dependencies=(
            dependency("com.google.guava:guava", "31.1-jre", 19),
            dependency("org.example:sibling", "2.1", 20, optional=True),
            dependency("m.m:m", "4", 25, scope="test"),
            dependency("r.r:r", "${ring}", 26),
            dependency("u.u:u", "${un.known}", 27),
        ),
    )


def test_prefixes_are_the_same_names() -> None:
    text = (
        b'<m:project xmlns:m="http://maven.apache.org/POM/4.0.0"><m:artifactId>a</m:artifactId></m:project>'
    )
    assert maven_pom.parse(text, "pom.xml").artifact == "a"


LAUGHS = b"""<!DOCTYPE project [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><project>&b;</project>"""


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        pytest.param(b"", MalformedError, "not XML", id="empty"),
        pytest.param(POM[:-30], MalformedError, "not XML", id="cut"),
        pytest.param(b"<html/>", MalformedError, "<html> in place of <project>", id="another-document"),
        pytest.param(LAUGHS, MalformedError, "document type", id="entities"),
        pytest.param(
            b'<?xml version="1.0" encoding="nonsense"?><project/>', MalformedError, "not XML", id="code"
        ),
        pytest.param(
            b'<?xml version="1.0" encoding="utf-7"?><project/>', MalformedError, "not XML", id="utf7"
        ),
        pytest.param(b"<project>\xff</project>", MalformedError, "not XML", id="not-utf8"),
        pytest.param(b"<project>" + b"<a>" * 100, LimitError, "over 64 deep", id="deep"),
        pytest.param(b"<project>" + b"<a/>" * 100_000, LimitError, "more elements", id="many"),
    ],
)
def test_broken(text: bytes, error: type[LadingError], words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        maven_pom.parse(text, "a/pom.xml")
    assert raised.value.where == "a/pom.xml"


def test_properties_that_multiply_stay_short() -> None:
    lines = "".join(f"<p{n}>{f'${{p{n + 1}}}' * 100}</p{n}>" for n in range(2000))
    text = f"<project><properties>{lines}</properties><version>${{p0}}</version></project>"
    assert len(maven_pom.parse(text.encode(), "pom.xml").version) <= 512


def test_cut_anywhere() -> None:
    for end in range(0, len(POM), 3):
        with suppress(LadingError):
            maven_pom.parse(POM[:end], "pom.xml")


@given(st.binary(max_size=60), st.integers(0, len(POM)))
@settings(max_examples=200)
def test_any_bytes_anywhere(junk: bytes, at: int) -> None:
    with suppress(LadingError):
        maven_pom.parse(POM[:at] + junk + POM[at + len(junk) :], "pom.xml")
