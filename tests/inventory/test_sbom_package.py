from __future__ import annotations

from typing import Any

import pytest

from lading.inventory.sbom_package import Component, SbomContents, contents, system
from lading.model.fact import OsRelease
from lading.model.package import Package


def read(*components: Component, os: OsRelease | None = None) -> SbomContents:
    return contents(components, os, name="", version="CycloneDX 1.6", reader="r")


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        pytest.param(
            "pkg:npm/%40babel/core@7.20.12",
            {"type": "npm", "name": "@babel/core", "version": "7.20.12"},
            id="npm-scope",
        ),
        pytest.param(
            "pkg:maven/org.apache/log4j@2.14?type=jar",
            {"type": "maven", "name": "org.apache:log4j", "version": "2.14"},
            id="maven",
        ),
        pytest.param(
            "pkg:pypi/Zope.Interface@5.0",
            {"type": "pypi", "name": "zope-interface", "version": "5.0"},
            id="pypi-normal-form",
        ),
        pytest.param(
            "pkg:golang/github.com/gorilla/mux@v1.8.0#sub",
            {"type": "golang", "name": "github.com/gorilla/mux", "version": "v1.8.0"},
            id="golang",
        ),
        pytest.param(
            "pkg:composer/monolog/monolog@2.0.0",
            {"type": "composer", "name": "monolog/monolog", "version": "2.0.0"},
            id="composer",
        ),
        pytest.param("pkg:cargo/rand@0.7", {"type": "cargo", "name": "rand", "version": "0.7"}, id="cargo"),
        pytest.param("pkg:gem/rails@5.0", {"type": "gem", "name": "rails", "version": "5.0"}, id="gem"),
        pytest.param(
            "pkg:nuget/Newtonsoft.Json@9.0.1",
            {"type": "nuget", "name": "Newtonsoft.Json", "version": "9.0.1"},
            id="nuget",
        ),
        pytest.param(
            "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl",
            {
                "type": "deb",
                "name": "libssl3",
                "version": "3.0.11-1~deb12u1",
                "arch": "amd64",
                "source_name": "openssl",
                "source_version": "3.0.11-1~deb12u1",
            },
            id="deb-with-source",
        ),
        pytest.param(
            "pkg:deb/debian/bsdutils@1%3A2.38-5?upstream=util-linux%402.38-5",
            {
                "type": "deb",
                "name": "bsdutils",
                "version": "1:2.38-5",
                "source_name": "util-linux",
                "source_version": "2.38-5",
            },
            id="deb-with-source-version",
        ),
        pytest.param(
            "pkg:apk/alpine/musl@1.1.22-r3?arch=x86_64",
            {
                "type": "apk",
                "name": "musl",
                "version": "1.1.22-r3",
                "arch": "x86_64",
                "source_name": "musl",
                "source_version": "1.1.22-r3",
            },
            id="apk-is-its-own-source",
        ),
        pytest.param(
            "pkg:rpm/redhat/bash@4.4.20-1.el8?arch=x86_64&epoch=2&upstream=bash-src-4.4.20-1.el8.src.rpm",
            {
                "type": "rpm",
                "name": "bash",
                "version": "2:4.4.20-1.el8",
                "arch": "x86_64",
                "source_name": "bash-src",
                "source_version": "4.4.20-1.el8",
            },
            id="rpm",
        ),
        pytest.param(
            "pkg:rpm/fedora/curl@1:7.50-1.fc25?epoch=1",
            {"type": "rpm", "name": "curl", "version": "1:7.50-1.fc25"},
            id="rpm-epoch-twice",
        ),
        pytest.param(
            "pkg:rpm/fedora/curl@7.50-1.fc25?epoch=0",
            {"type": "rpm", "name": "curl", "version": "7.50-1.fc25"},
            id="rpm-epoch-0",
        ),
    ],
)
def test_package_urls(purl: str, expected: dict[str, Any]) -> None:
    (package,) = read(Component(name="other", purl=purl)).packages
    assert package == Package(purl=purl, reader="r", **expected)


@pytest.mark.parametrize(
    ("component", "unnamed"),
    [
        pytest.param(Component("a", "1", purl="nonsense"), 1, id="no-purl"),
        pytest.param(Component("a", "1", purl="pkg:npm"), 1, id="purl-without-name"),
        pytest.param(Component("a", "1"), 1, id="none"),
    ],
)
def test_without_a_package_url_it_is_generic(component: Component, unnamed: int) -> None:
    found = read(component)
    assert found.packages == (Package(type="generic", name="a", version="1", reader="r"),)
    assert found.unnamed == unnamed


@pytest.mark.parametrize(
    "component",
    [
        pytest.param(Component("a"), id="no-version"),
        pytest.param(Component("", "1"), id="no-name"),
        pytest.param(Component("a" * 5000, "1"), id="long-name"),
        pytest.param(Component("a", purl="pkg:npm/a"), id="purl-without-version"),
    ],
)
def test_what_has_no_name_and_version_is_no_package(component: Component) -> None:
    assert read(component).packages == ()


def test_the_version_beside_the_package_url() -> None:
    (package,) = read(Component("a", "1", purl="pkg:npm/a")).packages
    assert package.version == "1"


def test_twice_is_once() -> None:
    assert len(read(Component("a", "1"), Component("a", "1"), Component("a", "2")).packages) == 2


@pytest.mark.parametrize(
    ("purl", "id_", "version", "codename"),
    [
        pytest.param("pkg:deb/debian/a@1?distro=debian-12", "debian", "12", "", id="debian"),
        pytest.param(
            "pkg:deb/debian/a@1?distro=debian-12.5", "debian", "12.5", "", id="debian-point-release"
        ),
        pytest.param("pkg:deb/debian/a@1?distro=debian-forky", "debian", "", "forky", id="debian-testing"),
        pytest.param("pkg:deb/debian/a@1?distro=bookworm", "debian", "", "bookworm", id="codename-alone"),
        pytest.param("pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "ubuntu", "22.04", "", id="ubuntu"),
        pytest.param("pkg:apk/alpine/a@1?distro=3.10.2", "alpine", "3.10.2", "", id="version-alone"),
        pytest.param("pkg:apk/wolfi/a@1?distro=wolfi-20230201", "wolfi", "20230201", "", id="wolfi"),
        pytest.param("pkg:rpm/redhat/a@1?distro=redhat-8.4", "rhel", "8.4", "", id="redhat"),
        pytest.param("pkg:rpm/redhat/a@1?distro=rhel-9.2", "rhel", "9.2", "", id="rhel"),
        pytest.param("pkg:rpm/amazon/a@1?distro=2", "amzn", "2", "", id="amazon"),
        pytest.param(
            "pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", "opensuse-leap", "15.5", "", id="leap"
        ),
        pytest.param("pkg:alpm/arch/a@1?distro=arch", "arch", "", "", id="rolling"),
    ],
)
def test_the_system_from_package_urls(purl: str, id_: str, version: str, codename: str) -> None:
    os = read(Component("a", purl=purl)).os
    assert os is not None
    assert (os.id, os.version, os.codename) == (id_, version, codename)


@pytest.mark.parametrize(
    "purl", ["pkg:npm/a@1?distro=debian-12", "pkg:deb/debian/a@1", "pkg:deb/debian/a@1?distro=" + "-1" * 500]
)
def test_nothing_tells_the_system(purl: str) -> None:
    assert read(Component("a", purl=purl)).os is None


def test_the_system_that_most_packages_name() -> None:
    debian = [Component(f"a{n}", purl=f"pkg:deb/debian/a{n}@1?distro=debian-12") for n in range(2)]
    alpine = Component("b", purl="pkg:apk/alpine/b@1?distro=alpine-3.10.4")
    found = read(alpine, *debian)
    assert found.os is not None
    assert found.os.id == "debian"
    assert [one.ecosystem for one in found.packages] == ["Alpine:v3.10", "", ""]


def test_a_component_for_the_system_wins() -> None:
    os = system("Debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)")
    found = read(Component("a", purl="pkg:deb/debian/a@1?distro=debian-11"), os=os)
    assert found.os == os
    assert found.packages[0].ecosystem == "Debian:11"


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("redhat", "rhel"),
        ("Amazon", "amzn"),
        ("alma", "almalinux"),
        ("opensuse.leap", "opensuse-leap"),
        ("wolfi", "wolfi"),
    ],
)
def test_names_of_systems(name: str, id_: str) -> None:
    os = system(name, "1")
    assert os is not None
    assert os.id == id_


def test_a_system_without_a_name() -> None:
    assert system(" ", "1") is None


def test_the_place_of_a_package_of_the_system_is_the_database() -> None:
    paths = ("/usr/share/doc/a/copyright", "/var/lib/dpkg/info/a.list", "/var/lib/dpkg/status")
    (deb,) = read(Component("a", purl="pkg:deb/debian/a@1", paths=paths)).packages
    assert [one.path for one in deb.locations] == ["var/lib/dpkg/status"]
    (npm,) = read(Component("a", purl="pkg:npm/a@1", paths=paths)).packages
    assert [one.path for one in npm.locations] == [path[1:] for path in paths]


@pytest.mark.parametrize("part", ["-1", "a-", "1.", " -", "a.b-1"])
def test_a_hostile_distro_takes_no_time(part: str) -> None:
    read(*[Component(f"a{n}", purl=f"pkg:deb/d/a{n}@1?distro={part * 2000}!") for n in range(100)])
