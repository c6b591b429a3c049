from __future__ import annotations

import zipfile
from datetime import date

import msgspec
import pytest

import needs
import reading
from lading.inventory import distro
from lading.inventory.os_release import OS_RELEASE
from lading.model.fact import OsRelease

# os-release in short; namespace, `distro` qualifier, OSV's ecosystem, end of life.
CASES = [
    ("ID=debian VERSION_ID=12", "debian", "debian-12", "Debian:12", "2028-06-30"),
    ("ID=debian VERSION_ID=11", "debian", "debian-11", "Debian:11", "2026-08-31"),
    ("ID=debian VERSION_CODENAME=forky", "debian", "debian-forky", "Debian:14", None),
    ("ID=debian VERSION_CODENAME=trixie", "debian", "debian-trixie", "Debian:13", "2030-06-30"),
    ("ID=debian VERSION_CODENAME=sid", "debian", "debian-sid", "Debian:sid", None),
    ("ID=debian", "debian", "debian", "", None),
    ("ID=ubuntu VERSION_ID=22.04", "ubuntu", "ubuntu-22.04", "Ubuntu:22.04:LTS", "2027-06-01"),
    ("ID=ubuntu VERSION_ID=14.04", "ubuntu", "ubuntu-14.04", "Ubuntu:14.04:LTS", "2019-04-25"),
    ("ID=ubuntu VERSION_ID=6.06", "ubuntu", "ubuntu-6.06", "Ubuntu:6.06:LTS", None),
    ("ID=ubuntu VERSION_ID=23.04", "ubuntu", "ubuntu-23.04", "Ubuntu:23.04", "2024-01-25"),
    ("ID=ubuntu VERSION_ID=24.10", "ubuntu", "ubuntu-24.10", "Ubuntu:24.10", "2025-07-10"),
    ("ID=ubuntu VERSION_ID=x", "ubuntu", "ubuntu-x", "", None),
    ("ID=alpine VERSION_ID=3.10.4", "alpine", "alpine-3.10.4", "Alpine:v3.10", "2021-05-01"),
    ("ID=alpine VERSION_ID=3.9.0_alpha1", "alpine", "alpine-3.9.0_alpha1", "Alpine:v3.9", "2020-11-01"),
    ("ID=alpine VERSION_ID=3.23_alpha20251016", "alpine", "alpine-3.23_alpha20251016", "Alpine:v3.23", "2027-11-01"),
    ("ID=wolfi VERSION_ID=20230201", "wolfi", "wolfi-20230201", "Wolfi", None),
    ("ID=chainguard VERSION_ID=20230214", "chainguard", "chainguard-20230214", "Chainguard", None),
    ("ID=minimos VERSION_ID=20241031", "minimos", "minimos-20241031", "MinimOS", None),
    ("ID=echo", "echo", "echo", "Echo", None),
    ("ID=alpaquita VERSION_ID=23", "alpaquita", "alpaquita-23", "Alpaquita:23", None),
    ("ID=alpaquita VERSION_ID=stream", "alpaquita", "alpaquita-stream", "Alpaquita:stream", None),
    (
        "ID=bellsoft-hardened-containers VERSION_ID=stream",
        "bellsoft-hardened-containers",
        "bellsoft-hardened-containers-stream",
        "BellSoft Hardened Containers:stream",
        None,
    ),
    ("ID=rhel VERSION_ID=9.4", "redhat", "rhel-9.4", "Red Hat:enterprise_linux:9", "2032-05-31"),
    ("ID=rhel VERSION_ID=10.0", "redhat", "rhel-10.0", "Red Hat:enterprise_linux:10", "2035-05-31"),
    ("ID=rhel", "redhat", "rhel", "", None),
    ("ID=centos VERSION_ID=7 NAME=CentOS~Linux", "centos", "centos-7", "Red Hat:enterprise_linux:7", "2024-06-30"),
    ("ID=centos VERSION_ID=8 NAME=CentOS~Linux", "centos", "centos-8", "Red Hat:enterprise_linux:8", "2021-12-31"),
    ("ID=centos VERSION_ID=8 NAME=CentOS~Stream", "centos", "centos-8", "", "2024-05-31"),
    ("ID=centos VERSION_ID=9 NAME=CentOS~Stream", "centos", "centos-9", "", "2027-05-31"),
    ("ID=almalinux VERSION_ID=9.4", "almalinux", "almalinux-9.4", "AlmaLinux:9", "2032-05-31"),
    ("ID=rocky VERSION_ID=8.10", "rocky", "rocky-8.10", "Rocky Linux:8", "2029-05-31"),
    ("ID=ol VERSION_ID=8.9", "oracle", "ol-8.9", "", "2029-07-31"),
    ("ID=fedora VERSION_ID=40", "fedora", "fedora-40", "", "2025-05-13"),
    ("ID=fedora VERSION_ID=47 SUPPORT_END=2028-05-17", "fedora", "fedora-47", "", "2028-05-17"),
    ("ID=fedora VERSION_ID=47 SUPPORT_END=never", "fedora", "fedora-47", "", None),
    ("ID=amzn VERSION_ID=2", "amazon", "amzn-2", "", "2026-06-30"),
    ("ID=amzn VERSION_ID=2023", "amazon", "amzn-2023", "", "2029-06-30"),
    ("ID=amzn VERSION_ID=2018.03", "amazon", "amzn-2018.03", "", "2023-12-31"),
    (
        "ID=opensuse-leap VERSION_ID=15.6 PRETTY_NAME=openSUSE~Leap~15.6",
        "opensuse",
        "opensuse-leap-15.6",
        "openSUSE:Leap 15.6",
        "2026-04-30",
    ),
    (
        "ID=opensuse-tumbleweed VERSION_ID=20240612 PRETTY_NAME=openSUSE~Tumbleweed",
        "opensuse",
        "opensuse-tumbleweed-20240612",
        "openSUSE:Tumbleweed",
        None,
    ),
    (
        "ID=opensuse-leap-micro VERSION_ID=5.5 PRETTY_NAME=openSUSE~Leap~Micro~5.5",
        "opensuse",
        "opensuse-leap-micro-5.5",
        "openSUSE:Leap Micro 5.5",
        None,
    ),
    (
        "ID=sles VERSION_ID=15.5 PRETTY_NAME=SUSE~Linux~Enterprise~Server~15~SP5",
        "suse",
        "sles-15.5",
        "SUSE:Linux Enterprise Server 15 SP5",
        "2024-12-31",
    ),
    (
        "ID=sles_sap VERSION_ID=12.5 PRETTY_NAME=SUSE~Linux~Enterprise~Server~for~SAP~Applications~12~SP5",
        "suse",
        "sles_sap-12.5",
        "SUSE:Linux Enterprise Server for SAP Applications 12 SP5",
        "2024-10-31",
    ),
    ("ID=sles VERSION_ID=15.5", "suse", "sles-15.5", "", "2024-12-31"),
    ("ID=mageia VERSION_ID=8", "mageia", "mageia-8", "Mageia:8", "2023-11-30"),
    ("ID=mageia VERSION_ID=9", "mageia", "mageia-9", "Mageia:9", None),
    ("ID=photon VERSION_ID=4.0", "photon", "photon-4.0", "Photon OS:4.0", "2027-10-11"),
    ("ID=mariner VERSION_ID=2.0", "mariner", "mariner-2.0", "Azure Linux:2", "2025-07-31"),
    ("ID=azurelinux VERSION_ID=3.0", "azurelinux", "azurelinux-3.0", "Azure Linux:3", "2027-08-31"),
    (
        "ID=openEuler VERSION_ID=24.03 PRETTY_NAME=openEuler~24.03~(LTS)",
        "openeuler",
        "openeuler-24.03",
        "openEuler:24.03-LTS",
        "2026-05-31",
    ),
    (
        "ID=openEuler VERSION_ID=22.03 PRETTY_NAME=openEuler~22.03~(LTS-SP3)",
        "openeuler",
        "openeuler-22.03",
        "openEuler:22.03-LTS-SP3",
        "2025-12-31",
    ),
    ("ID=openEuler VERSION_ID=25.09 PRETTY_NAME=openEuler~25.09", "openeuler", "openeuler-25.09", "openEuler:25.09", "2026-03-31"),
    ("ID=arch", "arch", "arch", "", None),
    ("ID=gentoo VERSION_ID=2.14", "gentoo", "gentoo-2.14", "", None),
    ("NAME=X", "linux", "linux", "", None),
]  # fmt: skip


def system(short: str) -> OsRelease:
    """Return what the reader makes of an os-release in short: blanks end lines, `~` is a blank."""
    text = "".join('{}="{}"\n'.format(*pair.replace("~", " ").split("=", 1)) for pair in short.split())
    [fact] = reading.facts(OS_RELEASE, "etc/os-release", text)
    assert isinstance(fact, OsRelease)
    return fact


@pytest.mark.parametrize(
    ("short", "namespace", "qualifier", "ecosystem", "end"), CASES, ids=[case[0] for case in CASES]
)
def test_names(short: str, namespace: str, qualifier: str, ecosystem: str, end: str | None) -> None:
    os = system(short)
    assert distro.purl_namespace(os) == namespace
    assert distro.distro_qualifier(os) == qualifier
    assert distro.ecosystem(os) == ecosystem
    assert distro.end_of_life(os) == (date.fromisoformat(end) if end else None)


class _Package(msgspec.Struct):
    ecosystem: str


class _Affected(msgspec.Struct):
    package: _Package


class _Record(msgspec.Struct):
    affected: list[_Affected] = []


@pytest.mark.parametrize(
    ("family", "shorts"),
    [
        ("Debian", ["ID=debian VERSION_ID=11", "ID=debian VERSION_ID=12", "ID=debian VERSION_ID=13"]),
        ("Alpine", [f"ID=alpine VERSION_ID=3.{minor}.1" for minor in range(3, 12)]),
        ("AlmaLinux", [f"ID=almalinux VERSION_ID={major}.1" for major in (8, 9, 10)]),
        ("Wolfi", ["ID=wolfi VERSION_ID=20230201"]),
    ],
)
def test_the_advisories_have_these_names(family: str, shorts: list[str]) -> None:
    decoder = msgspec.json.Decoder(_Record)
    with zipfile.ZipFile(needs.mirror() / "osv" / family / "all.zip") as archive:
        records = [decoder.decode(archive.read(name)) for name in archive.namelist()[::10]]
    named = {affected.package.ecosystem for record in records for affected in record.affected}
    assert named == {distro.ecosystem(system(short)) for short in shorts}
