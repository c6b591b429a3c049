from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reading
from lading.inventory.rpm_manifest import RPM_MANIFEST
from lading.model.fact import Skipped
from lading.model.package import Location, Package

PATH = "var/lib/rpmmanifest/container-manifest-2"
GLIBC = "glibc\t2.35-4.cm2\t1683\t1682\tMicrosoft Corporation\t(none)\t10855265\tx86_64\t0\tglibc-2.35-4.cm2.src.rpm\n"
BIND = "bind-libs\t9.16-2.cm2\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t32\tbind-9.16-2.cm2.src.rpm\n"


def test_packages() -> None:
    key = "gpg-pubkey\t3135ce90-5e6fda74\t1\t1\t(none)\t(none)\t0\t(none)\t0\t(none)\n"
    assert reading.facts(RPM_MANIFEST, PATH, GLIBC + key + BIND) == [
        Package(
            type="rpm",
            name="glibc",
            version="2.35-4.cm2",
            source_name="glibc",
            source_version="2.35-4.cm2",
            arch="x86_64",
            locations=(Location(PATH, 1),),
            key="glibc-2.35-4.cm2.x86_64",
            reader="os/rpm-manifest",
        ),
        Package(
            type="rpm",
            name="bind-libs",
            version="32:9.16-2.cm2",
            source_name="bind",
            source_version="9.16-2.cm2",
            arch="x86_64",
            locations=(Location(PATH, 3),),
            key="bind-libs-9.16-2.cm2.x86_64",
            reader="os/rpm-manifest",
        ),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("bash-5.1.8-1.cm2.x86_64", id="first-manifest"),
        pytest.param(GLIBC.strip() + "\tmore", id="eleven-fields"),
        pytest.param(GLIBC.replace("glibc\t", "\t"), id="no-name"),
        pytest.param(GLIBC.replace("2.35-4.cm2\t", "(none)\t", 1), id="no-version"),
        pytest.param("x" * 5000 + GLIBC, id="too-long"),
    ],
)
def test_other_lines_are_skipped(line: str) -> None:
    found = reading.facts(RPM_MANIFEST, PATH, line.strip("\n") + "\n\n" + GLIBC)
    assert found[0] == Skipped("os/rpm-manifest", PATH, "line 1: not the ten fields of a package")
    assert [fact.locations[0].line for fact in found[1:] if isinstance(fact, Package)] == [3]


def test_cut_at_every_byte() -> None:
    for end in range(1, len(GLIBC) - 1):
        found = reading.facts(RPM_MANIFEST, PATH, GLIBC[:end])
        assert len(found) == 1


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(RPM_MANIFEST, PATH, data)
    reading.survives(RPM_MANIFEST, PATH, GLIBC.encode() + b"\t".join([data] * 10))
