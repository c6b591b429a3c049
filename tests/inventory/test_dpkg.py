from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deb_samples
import needs
import reading
from lading.inventory.dpkg import DPKG
from lading.model.fact import Skipped
from lading.model.package import Location, Package

PATH = "var/lib/dpkg/status"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="dpkg unpacks as root only")
BASH = """\
Package: bash
Essential: yes
Status: install ok installed
Priority: required
Installed-Size: 7164
Architecture: amd64
Multi-Arch: foreign
Source: bash-source (5.2.15-2)
Version: 5.2.15-2+b7
Description: GNU Bourne Again SHell
 Bash is an sh-compatible command language interpreter.
 .
 Version: 1 of this text.

"""


def skipped(reason: str, path: str = PATH) -> Skipped:
    return Skipped("os/dpkg", path, reason)


def test_whole_package() -> None:
    assert reading.facts(DPKG, PATH, "\n" + BASH) == [
        Package(
            type="deb",
            name="bash",
            version="5.2.15-2+b7",
            source_name="bash-source",
            source_version="5.2.15-2",
            arch="amd64",
            locations=(Location(PATH, 2),),
            key="bash",
            reader="os/dpkg",
        )
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("Source: src", ("src", "1"), id="name-only"),
        pytest.param("Source: src (2:0.9-1)", ("src", "2:0.9-1"), id="with-version"),
        pytest.param("Source: src(0.9)", ("src", "0.9"), id="no-blank"),
        pytest.param("Source: src ( 0.9 )", ("src", "0.9"), id="blanks-inside"),
        pytest.param("Source: src ()", ("src", "1"), id="no-version-in-it"),
        pytest.param("Source: src (0.9", ("src", "1"), id="not-closed"),
        pytest.param("Source:", ("a", "1"), id="empty"),
        pytest.param("Section: x", ("a", "1"), id="none"),
    ],
)
def test_source(field: str, expected: tuple[str, str]) -> None:
    [package] = reading.packages(DPKG, PATH, f"Package: a\nVersion: 1\n{field}\n")
    assert (package.source_name, package.source_version) == expected


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("install ok installed", True),
        ("hold ok installed", True),
        ("deinstall ok installed", True),
        ("install user installed", True),  # opkg's
        ("install ok unpacked", True),
        ("install reinstreq half-installed", True),
        ("install ok half-configured", True),
        ("install ok triggers-awaited", True),
        ("install ok triggers-pending", True),
        ("deinstall ok config-files", False),
        ("unknown ok not-installed", False),
        ("purge ok NOT-INSTALLED", False),
    ],
)
def test_states(status: str, *, there: bool) -> None:
    assert bool(reading.packages(DPKG, PATH, f"Package: a\nStatus: {status}\nVersion: 1\n")) is there


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param("Architecture: amd64\nMulti-Arch: same", "a:amd64", id="same"),
        pytest.param("Architecture: amd64\nMulti-Arch: Same", "a:amd64", id="case"),
        pytest.param("Architecture: amd64\nMulti-Arch: foreign", "a", id="foreign"),
        pytest.param("Architecture: amd64\nMulti-Arch: allowed", "a", id="allowed"),
        pytest.param("Multi-Arch: same", "a", id="no-architecture"),
    ],
)
def test_key_is_what_file_lists_are_called_by(fields: str, key: str) -> None:
    [package] = reading.packages(DPKG, PATH, f"Package: a\nVersion: 1\n{fields}\n")
    assert package.key == key


@pytest.mark.parametrize(
    ("path", "foreign"),
    [
        pytest.param(PATH, True, id="dpkg"),
        pytest.param("usr/lib/opkg/status", False, id="opkg-names-licences-itself"),
    ],
)
def test_another_maker_s_package(path: str, *, foreign: bool) -> None:
    text = f"Package: a\nVersion: 1\nMaintainer: Us <us@corp.example>\nLicense: {'MIT ' * 400}\n"
    assert [one.foreign for one in reading.facts(DPKG, path, text) if isinstance(one, Package)] == [foreign]


def test_distroless() -> None:
    path = "var/lib/dpkg/status.d/libssl1"
    [package] = reading.packages(DPKG, path, "Package: libssl1.1\nVersion: 1.1.1n\nArchitecture: amd64")
    assert (package.name, package.version, package.key) == ("libssl1.1", "1.1.1n", "libssl1")
    assert reading.facts(DPKG, path + ".md5sums", "Package: no\nVersion: 1\n") == []


def test_bad_packages_are_skipped_and_the_others_read() -> None:
    text = "Package: nothing\n\nVersion: 1\n\nPackage: gone\nStatus: unknown ok not-installed\n\n" + BASH
    found = reading.facts(DPKG, PATH, text)
    assert found[:2] == [
        skipped("line 1: a package without version: 'nothing'"),
        skipped("line 3: a package without name: '1'"),
    ]
    assert [fact.name for fact in found[2:] if isinstance(fact, Package)] == ["bash"]


def test_not_utf_8_and_too_long() -> None:
    content = b"Package: a\xff\nVersion: 1\n\nPackage: b\nVersion: " + b"1" * 2000 + b"\n"
    found = reading.facts(DPKG, PATH, content)
    assert isinstance(found[0], Package)
    assert found[0].name == "a\ufffd"
    assert found[1:] == [skipped("line 4: a field of more than 1024 characters")]


def test_too_many_packages() -> None:
    found = reading.facts(DPKG, PATH, "Package: a\nVersion: 1\n\n" * 100_001)
    assert found[-1] == skipped("more than 100000 packages: the rest is not read")
    assert len(found) == 100_001


def test_cut_at_every_byte() -> None:
    for end in range(1, len(BASH)):
        found = reading.facts(DPKG, PATH, BASH[:end])
        cut = skipped("ends within a line: packages may be missing")
        assert (cut in found) is (BASH[end - 1] != "\n")


@settings(max_examples=200)
@given(st.binary(max_size=120))
def test_any_bytes(data: bytes) -> None:
    reading.survives(DPKG, PATH, data)
    reading.survives(DPKG, PATH, b"Package: a\nVersion: 1\n" + data + BASH.encode())


FORM = "${Package} ${Version} ${source:Package} ${source:Version} ${Architecture}"


def told(admin: Path) -> list[str]:
    return sorted(
        f"{one.name} {one.version} {one.source_name} {one.source_version} {one.arch}"
        for one in reading.packages(DPKG, PATH, (admin / "status").read_bytes())
    )


@needs.tool("dpkg", "dpkg-deb", "dpkg-query")
@AS_ROOT
def test_as_dpkg_itself_says(tmp_path: Path) -> None:
    admin = deb_samples.installed_root(tmp_path) / "var/lib/dpkg"
    lines = deb_samples.query(admin, "${db:Status-Status}|" + FORM)
    states = {line.partition("|")[0] for line in lines}
    assert states == {"installed", "unpacked", "half-configured", "config-files"}
    there = [line.partition("|")[2] for line in lines if not line.startswith("config-files|")]
    assert told(admin) == sorted(there)


@needs.tool("dpkg-query")
@pytest.mark.parametrize("image", ["debian.tar", "old-debian.tar"])
@pytest.mark.big
def test_real_images_as_dpkg_itself_says(tmp_path: Path, image: str) -> None:
    path = needs.big_images() / image
    with tarfile.open(path) as archive:
        members = [one for one in archive if one.name.startswith("./var/lib/dpkg/")]
        archive.extractall(tmp_path, members, filter="data")
    admin = tmp_path / "var/lib/dpkg"
    assert told(admin) == sorted(deb_samples.query(admin, FORM))
    assert len(told(admin)) > 80


def test_the_machine_itself_as_dpkg_says() -> None:
    admin = Path("/var/lib/dpkg")
    if not (admin / "status").is_file():
        pytest.skip("this machine is no Debian")
    lines = deb_samples.query(admin, "${db:Status-Status}|" + FORM)
    gone = ("config-files|", "not-installed|")
    assert told(admin) == sorted(line.partition("|")[2] for line in lines if not line.startswith(gone))
