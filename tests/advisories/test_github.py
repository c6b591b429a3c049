"""Advisories of GitHub, with figures of real ones."""

from __future__ import annotations

from functools import partial

import pytest

from advisories import bulk
from advisories.looking import Look
from lading import versions
from lading.advisories.github import ended
from lading.advisories.osv import Affected, Event, Range, Specific
from lading.model.package import Package

KEY = partial(versions.key_of, "semver")
OPEN = Event(introduced="2.1.0")


def entry(told: object, *events: Event) -> Affected:
    return Affected(
        ranges=[Range("SEMVER", list(events or (OPEN,)))],
        versions=["2.9.9"],
        database_specific=Specific(last_known_affected_version_range=told),
    )


@pytest.mark.parametrize("told", ["< 2.1.3", " <2.1.3 "])
def test_where_a_range_ends(told: str) -> None:
    found = ended(entry(told), KEY)
    assert found.ranges == [Range("SEMVER", [OPEN, Event(limit="2.1.3")])]
    assert found.versions is None


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "< 2.1.0",
        "<= 2.1.3",
        "2.1.3",
        "> 2.1.3",
        "< 2.1.3 || < 3.0.1",
        "< 2, < 3",
        "< no-version",
        3,
        ["< 3"],
    ],
)
def test_what_tells_no_end(told: object) -> None:
    one = entry(told)
    assert ended(one, KEY) is one


@pytest.mark.parametrize(
    "one",
    [
        entry("< 2.5.0", OPEN, Event(fixed="3.0.0")),
        entry("< 2.5.0", OPEN, Event(last_affected="2.4.0")),
        entry("< 2.5.0", Event(introduced="no-version")),
        entry("< 2.5.0", Event(fixed="3.0.0")),
        Affected(ranges=[Range("SEMVER", [OPEN])], database_specific=Specific()),
        Affected(ranges=[Range("SEMVER", [OPEN])]),
        Affected(
            versions=["1"], database_specific=Specific(last_known_affected_version_range="< 2"), ranges=[]
        ),
    ],
)
def test_other_entries_are_left_as_they_are(one: Affected) -> None:
    assert ended(one, KEY) is one


def advisory(record: str, name: str, first: str, told: str, **more: object) -> bulk.Json:
    one = bulk.record(record, "npm", name, {"introduced": first})
    one["affected"][0] |= {"database_specific": {"last_known_affected_version_range": told}, **more}
    return one


@pytest.mark.parametrize(
    ("record", "name", "first", "told", "affected", "free"),
    [
        ("GHSA-5pgg-2g8v-p4x9", "xlsx", "0", "< 0.20.2", "0.18.5", "0.20.3"),
        ("GHSA-75v8-2h7p-7m2m", "formidable", "2.1.0", "< 2.1.3", "2.1.2", "3.5.4"),
        ("GHSA-5f7q-jpqc-wp7h", "next", "15.5.1-canary.0", "< 15.5.1", "15.5.1-canary.3", "16.2.2"),
    ],
)
def test_an_end_without_a_fix(
    look: Look, record: str, name: str, first: str, told: str, affected: str, free: str
) -> None:
    packages = [
        Package(type="npm", name=name, version=version, purl=f"pkg:npm/{name}@{version}", ecosystem="npm")
        for version in (affected, free)
    ]
    found = look([advisory(record, name, first, told, versions=[affected, free])], *packages)
    assert [(one.package.version, one.fixed_in) for one in found] == [(affected, None)]
