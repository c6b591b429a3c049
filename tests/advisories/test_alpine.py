"""Records of Alpine, with figures of real ones: https://github.com/google/osv.dev/issues/5634."""

from __future__ import annotations

from functools import partial

import pytest

from advisories import bulk
from advisories.looking import Look
from lading import versions
from lading.advisories.alpine import righted
from lading.advisories.osv import Affected, Event, Range
from lading.model.package import Package

RELEASE = "Alpine:v3.16"


def installed(name: str, version: str) -> Package:
    return Package(type="apk", name=name, version=version, purl=f"pkg:apk/alpine/{name}", ecosystem=RELEASE)


@pytest.mark.parametrize(
    ("first", "fix", "expected"),
    [
        ("5.28.0", "5.26.3-r0", "0"),
        ("1.0.2", "0", "0"),
        ("5.0.6", "5.0.6-r2", "5.0.6"),
        ("1.9.5", "1.14.1-r0", "1.9.5"),
        ("1.0", "1.0", "1.0"),
        ("0", "0", "0"),
        ("v2", "1.0-r0", "v2"),
    ],
)
def test_where_ranges_begin(first: str, fix: str, expected: str) -> None:
    one = Range("ECOSYSTEM", [Event(introduced=first), Event(fixed=fix)])
    found = righted(Affected(ranges=[one], versions=["1-r0"]), partial(versions.key_of, "apk"))
    assert found.ranges == [Range("ECOSYSTEM", [Event(introduced=expected), Event(fixed=fix)])]
    assert found.versions == (["1-r0"] if expected == first else None)


@pytest.mark.parametrize(
    "events",
    [
        [Event(introduced="2")],
        [Event(introduced="2"), Event(last_affected="1")],
        [Event(introduced="0"), Event(fixed="1"), Event(introduced="2")],
        [Event(introduced="0"), Event(fixed="1"), Event(introduced="2"), Event(fixed="3")],
    ],
)
def test_ranges_that_are_no_pairs_are_left_as_they_are(events: list[Event]) -> None:
    affected = Affected(ranges=[Range("ECOSYSTEM", events)], versions=["2-r0"])
    assert righted(affected, partial(versions.key_of, "apk")) is affected


def test_an_entry_without_ranges() -> None:
    affected = Affected(versions=["1-r0"])
    assert righted(affected, partial(versions.key_of, "apk")) is affected


@pytest.mark.parametrize(
    ("record", "name", "first", "fix", "affected", "free"),
    [
        ("ALPINE-CVE-2018-18311", "perl", "5.28.0", "5.26.3-r0", "5.26.2-r0", "5.34.0-r1"),
        ("ALPINE-CVE-2023-3817", "openssl", "3.0.0", "1.1.1v-r0", "1.1.1t-r0", "1.1.1v-r0"),
        ("ALPINE-CVE-2022-1292", "openssl", "1.0.2", "0", "", "1.1.1t-r0"),
        ("ALPINE-CVE-2018-16844", "nginx", "1.9.5", "1.14.1-r0", "1.14.0-r0", "1.9.4-r0"),
    ],
)
def test_the_fix_is_what_counts(
    look: Look, record: str, name: str, first: str, fix: str, affected: str, free: str
) -> None:
    one = bulk.record(record, RELEASE, name, *bulk.span(first, fix))
    if affected and versions.key_of("apk", first) > versions.key_of("apk", fix):
        one["affected"][0]["versions"] = [free]
    packages = [installed(name, version) for version in (affected, free) if version]
    found = [(finding.package.version, finding.fixed_in) for finding in look([one], *packages)]
    assert found == ([(affected, fix)] if affected else [])
