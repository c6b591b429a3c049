from __future__ import annotations

import pytest

from lading.advisories.ecosystem import DISTRIBUTIONS, Target, name_in, split, targets, version_in
from lading.model.package import Package


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Debian:12", ("Debian", "12")),
        ("Debian:12.5", ("Debian", "12")),
        ("Ubuntu:22.04:LTS", ("Ubuntu", "22.04")),
        ("Ubuntu:22.04", ("Ubuntu", "22.04")),
        ("Ubuntu:Pro:22.04:LTS", ("Ubuntu", "Pro:22.04")),
        ("Ubuntu:Pro:FIPS:16.04:LTS", ("Ubuntu", "Pro:FIPS:16.04")),
        ("Red Hat:enterprise_linux:9::appstream", ("Red Hat", "9")),
        ("Red Hat:enterprise_linux:9.4::baseos", ("Red Hat", "9")),
        ("Red Hat:9.4", ("Red Hat", "9")),
        ("Red Hat:enterprise_linux:10.1", ("Red Hat", "10")),
        ("Red Hat:rhel_els:7", ("Red Hat", "7")),
        ("Red Hat:rhel_extras:6", ("Red Hat", "6")),
        ("Red Hat:rhel_software_collections:3::el7", ("Red Hat", "7")),
        ("Red Hat:rhel_dotnet:6.0::el7", ("Red Hat", "7")),
        ("Red Hat:rhel_eus:9.2::appstream", ("Red Hat", "rhel_eus:9.2::appstream")),
        ("Red Hat:openshift:4.12::el9", ("Red Hat", "openshift:4.12::el9")),
        ("AlmaLinux:9.3", ("AlmaLinux", "9")),
        ("Rocky Linux:8", ("Rocky Linux", "8")),
        ("SUSE:Linux Enterprise Server 15 SP5", ("SUSE", "15 SP5")),
        ("SUSE:Linux Enterprise Module for Basesystem 15 SP5", ("SUSE", "15 SP5")),
        ("SUSE:Linux Enterprise Server 15 SP3-LTSS", ("SUSE", "15 SP3")),
        ("SUSE:Linux Enterprise Server 12 SP5-LTSS Extended Security", ("SUSE", "12 SP5")),
        ("SUSE:Linux Enterprise Server 11 SP4 LTSS EXTREME CORE", ("SUSE", "11 SP4")),
        ("SUSE:Linux Enterprise High Performance Computing 15 SP4-ESPOS", ("SUSE", "15 SP4")),
        ("SUSE:Linux Enterprise Server for SAP Applications 15 SP4", ("SUSE", "15 SP4")),
        ("SUSE:Package Hub 15 SP6", ("SUSE", "15 SP6")),
        ("SUSE:Linux Enterprise Micro 5.5", ("SUSE", "Linux Enterprise Micro 5.5")),
        ("SUSE:Linux Enterprise Server 16.0", ("SUSE", "Linux Enterprise Server 16.0")),
        ("openSUSE:Leap 15.5", ("openSUSE", "Leap 15.5")),
        ("Alpine:v3.10", ("Alpine", "v3.10")),
        ("Alpine:3.10", ("Alpine", "v3.10")),
        ("Alpine:edge", ("Alpine", "edge")),
        ("Wolfi", ("Wolfi", "")),
        ("PyPI", ("PyPI", "")),
        ("Maven:https://maven.google.com", ("Maven", "")),
        ("Packagist:https://packages.drupal.org/8", ("Packagist", "")),
        ("", ("", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_split(text: str, expected: tuple[str, str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("family", "name", "expected"),
    [
        ("PyPI", "Ruamel.YAML_clib", "ruamel-yaml-clib"),
        ("PyPI", "a-_.b", "a-b"),
        ("npm", "JSONStream", "JSONStream"),
        ("npm", "@Babel/core", "@Babel/core"),
        ("Packagist", "Monolog/Monolog", "monolog/monolog"),
        ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
        ("Go", "github.com/Masterminds/goutils", "github.com/Masterminds/goutils"),
        ("Maven", "org.A:B", "org.A:B"),
        ("crates.io", "tokio_io", "tokio_io"),
        ("RubyGems", "RedCloth", "RedCloth"),
        ("Debian", "libX", "libX"),
    ],
)
def test_name_in(family: str, name: str, expected: str) -> None:
    assert name_in(family, name) == expected


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("github.com/a/b", "v1.2.3", "1.2.3"),
        ("github.com/a/b", "1.2.3", "1.2.3"),
        ("github.com/a/b", "v0.0.0-20210101000000-abcdef123456", "0.0.0-20210101000000-abcdef123456"),
        ("github.com/a/b", "(devel)", "(devel)"),
        ("stdlib", "go1.21.3", "1.21.3"),
        ("stdlib", "1.21", "1.21.0"),
        ("stdlib", "go1.21rc2", "1.21.0-rc.2"),
        ("toolchain", "go1.18beta1", "1.18.0-beta.1"),
        ("stdlib", "go1.20.4 X:boringcrypto", "1.20.4"),
        ("stdlib", "go1.x", "1.x"),
        ("github.com/a/b", "v1.21", "1.21"),
    ],
)
def test_versions_of_go(name: str, version: str, expected: str) -> None:
    assert version_in("Go", name, version) == expected
    assert version_in("npm", name, version) == version


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.0.0+cu118", "2.0.0"),
        ("1!2.0rc1+ubuntu.1", "1!2.0rc1"),
        ("2.0.0", "2.0.0"),
        ("2013-01-21T20:33:09+0100", "2013-01-21T20:33:09+0100"),
        ("+", "+"),
    ],
)
def test_a_local_build_is_the_version_that_it_is_a_build_of(version: str, expected: str) -> None:
    assert version_in("PyPI", "torch", version) == expected
    assert version_in("crates.io", "torch", version) == version


def installed(
    kind: str, name: str, version: str, ecosystem: str, *, source_name: str = "", source_version: str = ""
) -> Package:
    return Package(
        type=kind,
        name=name,
        version=version,
        ecosystem=ecosystem,
        source_name=source_name,
        source_version=source_version,
    )


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        pytest.param(
            installed(
                "deb", "libssl3", "3.0.1-1+b1", "Debian:12", source_name="openssl", source_version="3.0.1-1"
            ),
            [Target("Debian", "12", "openssl", "3.0.1-1")],
            id="deb-by-source",
        ),
        pytest.param(
            installed("deb", "bash", "5.2-1", "Debian:12"),
            [Target("Debian", "12", "bash", "5.2-1")],
            id="deb-alone",
        ),
        pytest.param(
            installed("apk", "libssl1.1", "1.1.1g-r0", "Alpine:v3.10", source_name="openssl"),
            [Target("Alpine", "v3.10", "openssl", "1.1.1g-r0")],
            id="apk-by-origin",
        ),
        pytest.param(
            installed("apk", "kubectl-1.30", "1.30.8-r0", "Wolfi", source_name="kubernetes-1.30"),
            [
                Target("Wolfi", "", "kubernetes-1.30", "1.30.8-r0", origin=True),
                Target("Wolfi", "", "kubectl-1.30", "1.30.8-r0"),
            ],
            id="apk-by-both",
        ),
        pytest.param(
            installed("rpm", "openssl-libs", "1:3.0-1.el9", "AlmaLinux:9", source_name="openssl"),
            [Target("AlmaLinux", "9", "openssl-libs", "1:3.0-1.el9")],
            id="rpm-by-binary",
        ),
        pytest.param(
            installed(
                "rpm",
                "openssl-libs",
                "1:3.0-1.el9",
                "Rocky Linux:9",
                source_name="openssl",
                source_version="3.0-1.el9",
            ),
            [
                Target("Rocky Linux", "9", "openssl-libs", "1:3.0-1.el9"),
                Target("Rocky Linux", "9", "openssl", "3.0-1.el9", own=False),
            ],
            id="rpm-by-both",
        ),
        pytest.param(
            installed("pypi", "Jinja2", "3.0", "PyPI"),
            [Target("PyPI", "", "jinja2", "3.0")],
            id="pypi-normal-name",
        ),
        pytest.param(
            installed("golang", "stdlib", "go1.21.1", "Go"),
            [Target("Go", "", "stdlib", "1.21.1")],
            id="go-stdlib",
        ),
        pytest.param(
            installed(
                "deb",
                "linux-image-6.1.0-18-amd64",
                "6.1.76-1",
                "Debian:12",
                source_name="linux-signed-amd64",
                source_version="6.1.76+1",
            ),
            [
                Target("Debian", "12", "linux", "6.1.76-1"),
                Target("Debian", "12", "linux-signed-amd64", "6.1.76+1"),
            ],
            id="signed-kernel",
        ),
        pytest.param(
            installed(
                "deb",
                "linux-image-6.1.0-0.deb11.17-arm64",
                "6.1.69-1~deb11u1",
                "Debian:11",
                source_name="linux-signed-6.1-arm64",
                source_version="6.1.69+1~deb11u1",
            ),
            [
                Target("Debian", "11", "linux-6.1", "6.1.69-1~deb11u1"),
                Target("Debian", "11", "linux-signed-6.1-arm64", "6.1.69+1~deb11u1"),
            ],
            id="signed-kernel-of-another-series",
        ),
        pytest.param(
            installed(
                "deb",
                "linux-image-6.2.0-1018-aws",
                "6.2.0-1018.18~22.04.1",
                "Ubuntu:22.04",
                source_name="linux-signed-aws-6.2",
                source_version="6.2.0-1018.18~22.04.1",
            ),
            [
                Target("Ubuntu", "22.04", "linux-aws-6.2", "6.2.0-1018.18~22.04.1"),
                Target("Ubuntu", "22.04", "linux-signed-aws-6.2", "6.2.0-1018.18~22.04.1"),
            ],
            id="signed-kernel-of-ubuntu",
        ),
        pytest.param(installed("generic", "thing", "1", ""), [], id="no-ecosystem"),
    ],
)
def test_targets(package: Package, expected: list[Target]) -> None:
    assert targets(package) == expected


def test_the_modularity_label_is_a_qualifier() -> None:
    package = Package(
        type="rpm", name="nodejs", version="1", ecosystem="AlmaLinux:8", qualifiers=(("rpmmod", "nodejs:18"),)
    )
    assert targets(package) == [Target("AlmaLinux", "8", "nodejs", "1", "nodejs:18")]


def test_no_language_is_a_distribution() -> None:
    assert DISTRIBUTIONS.isdisjoint(
        {"PyPI", "npm", "Go", "Maven", "crates.io", "RubyGems", "NuGet", "Packagist"}
    )
