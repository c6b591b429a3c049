from __future__ import annotations

import pytest

from lading.inventory import maven_identity
from lading.inventory.maven_identity import Identity


@pytest.mark.parametrize(
    ("stem", "artifact", "version"),
    [
        ("guava-31.1-jre", "guava", "31.1-jre"),
        ("log4j-1.2-api-2.17.1", "log4j-1.2-api", "2.17.1"),
        ("kafka_2.13-3.1.0", "kafka_2.13", "3.1.0"),
        ("commons-lang3-3.9", "commons-lang3", "3.9"),
        (
            "netty-transport-native-epoll-4.1.50.Final-linux-x86_64",
            "netty-transport-native-epoll",
            "4.1.50.Final-linux-x86_64",
        ),
        ("servlet-api-2.5-20081211", "servlet-api", "2.5-20081211"),
        ("a-1.0-beta-2", "a", "1.0-beta-2"),
        ("a-1.0-rc1-20200101", "a", "1.0-rc1-20200101"),
        ("a-1.0-SNAPSHOT", "a", "1.0-SNAPSHOT"),
        ("a-1.0-20210101.123456-1", "a", "1.0-20210101.123456-1"),
        ("guava-31.1-jre-sources", "guava", "31.1-jre"),
        ("org.eclipse.osgi_3.15.200.v2020", "org.eclipse.osgi", "3.15.200.v2020"),
        ("bcprov-jdk15on-1.68", "bcprov-jdk15on", "1.68"),
        ("app", "app", ""),
        ("app-web", "app-web", ""),
        ("h2", "h2", ""),
        ("-1.0", "-1.0", ""),
        ("", "", ""),
    ],
)
def test_from_name(stem: str, artifact: str, version: str) -> None:
    assert maven_identity.from_name(stem) == (artifact, version)


@pytest.mark.parametrize(
    ("stem", "manifest", "folders", "expected"),
    [
        pytest.param("okio-1.0", {}, [], ("com.squareup.okio", "okio", "1.0"), id="well-known"),
        pytest.param("a-1", {"group-id": "x.y"}, [], ("x.y", "a", "1"), id="group-id"),
        pytest.param("a-1", {"implementation-vendor-id": "x.y"}, [], ("x.y", "a", "1"), id="vendor-id"),
        pytest.param("a-1", {"implementation-vendor-id": "X Y"}, [], ("", "a", "1"), id="vendor-is-no-group"),
        pytest.param(
            "velocity-1.7",
            {"implementation-vendor-id": "org.apache", "bundle-symbolicname": "org.apache.velocity"},
            [],
            ("org.apache.velocity", "velocity", "1.7"),
            id="vendor-and-bundle-below-an-umbrella",
        ),
        pytest.param(
            "jackson-core-2",
            {"bundle-symbolicname": "com.fasterxml.jackson.core.jackson-core;singleton:=true"},
            [],
            ("com.fasterxml.jackson.core", "jackson-core", "2"),
            id="bundle-ends-with-artifact",
        ),
        pytest.param(
            "commons-lang3-3.9",
            {"bundle-symbolicname": "org.apache.commons.lang3"},
            [],
            ("org.apache.commons", "commons-lang3", "3.9"),
            id="bundle-shares-a-word",
        ),
        pytest.param(
            "jsoup-1",
            {"bundle-symbolicname": "org.jsoup"},
            [],
            ("org.jsoup", "jsoup", "1"),
            id="short-bundle",
        ),
        pytest.param(
            "a-1", {"bundle-symbolicname": "x.y.z"}, [], ("", "a", "1"), id="bundle-of-another-name"
        ),
        pytest.param("a-1", {}, [b"x/y/a", b"x/y/b"], ("x.y", "a", "1"), id="classes"),
        pytest.param(
            "a-web-1", {}, [b"x/y/web", b"x/y/web/b"], ("x.y", "a-web", "1"), id="classes-with-the-name"
        ),
        pytest.param("a-1", {}, [b"x/y"] * 1 + [b"x/z"], ("", "a", "1"), id="classes-of-two"),
        pytest.param(
            "a-1", {}, [b"x/y/%d" % n for n in range(20)] + [b"q/r"], ("x.y", "a", "1"), id="few-foreign"
        ),
        pytest.param("z-1", {}, [b"x/y/z"], ("x.y", "z", "1"), id="classes-with-the-whole-name"),
        pytest.param("solr-1", {}, [b"org/apache/solr"], ("org.apache.solr", "solr", "1"), id="umbrella"),
        pytest.param("a-1", {}, [b"x"], ("", "a", "1"), id="one-word-is-no-group"),
        pytest.param("a-1", {}, [b"x/y/\xff\xfe", b""], ("", "a", "1"), id="not-utf8"),
        pytest.param(
            "app",
            {"implementation-title": "demo", "implementation-version": "1.2 (x)"},
            [],
            ("", "demo", "1.2"),
            id="name-without-version",
        ),
        pytest.param(
            "app", {"implementation-title": "My App"}, [], ("", "app", ""), id="title-is-no-artifact"
        ),
        pytest.param(
            "git",
            {"short-name": "git-plugin", "group-id": "org.jenkins-ci.plugins", "plugin-version": "4.0"},
            [],
            ("org.jenkins-ci.plugins", "git-plugin", "4.0"),
            id="jenkins-plugin",
        ),
        pytest.param(
            "catalina",
            {"implementation-title": "Apache Tomcat", "implementation-version": "9.0.31"},
            [],
            ("org.apache.tomcat", "tomcat-catalina", "9.0.31"),
            id="tomcat",
        ),
        pytest.param("catalina-9", {}, [], ("", "catalina", "9"), id="another-catalina"),
    ],
)
def test_identify(
    stem: str, manifest: dict[str, str], folders: list[bytes], expected: tuple[str, str, str]
) -> None:
    assert maven_identity.identify(stem, manifest, lambda: folders) == Identity(*expected)


@pytest.mark.parametrize(
    ("stem", "folders", "beside"),
    [
        ("lib-1.0-sources", set(), True),
        ("lib-1.0-sources", {b"org/lib"}, False),
        ("lib-1.0-tests", {b"org/lib"}, True),
        ("lib-tests", {b"org/lib"}, False),
        ("lib-1.0", set(), False),
    ],
)
def test_what_lies_beside_an_artifact(stem: str, folders: set[bytes], *, beside: bool) -> None:
    assert maven_identity.is_beside(stem, lambda: folders) is beside
