from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisories import bulk
from lading import versions
from lading.advisories.entry import (
    BINARY,
    EXACT,
    FIXED,
    MAX_SUMMARY_CHARS,
    UNREADABLE,
    Entry,
    Note,
    entry,
    rows,
)
from lading.advisories.flaws import flaws
from lading.advisories.osv import Record, decode
from lading.advisories.ranges import after
from lading.advisories.severity import Rating

key = versions.scheme("pep440")
Seen = tuple[str, str, bytes, bytes, int, str, str]


def read(value: bulk.Json) -> Record:
    record, whole = decode(msgspec.json.encode(value))
    assert whole
    return record


def kept(value: bulk.Json, family: str = "PyPI") -> Entry:
    record = read(value)
    return entry(record, flaws(record, family))


def seen(value: bulk.Json, family: str = "PyPI") -> list[Seen]:
    return [row[:7] for row in rows(read(value), family, key)]


def affected(**fields: Any) -> bulk.Json:  # noqa: ANN401 -- any JSON value
    return {"id": "X-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, **fields}]}


def at(version: str) -> bytes:
    return b"\0" + key(version)


def past(version: str) -> bytes:
    return b"\0" + after(key(version))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            bulk.record("X-1", "PyPI", "My_Pkg", *bulk.span("0", "1.0"), *bulk.span("2", "3")),
            [
                ("my-pkg", "", at("1.0"), b"\0", FIXED, "0", "1.0"),
                ("my-pkg", "", at("3"), at("2"), FIXED, "2", "3"),
            ],
            id="two-intervals",
        ),
        pytest.param(bulk.record("X-1", "PyPI", "a"), [("a", "", b"\1", b"\0", 0, "0", "")], id="no-fix"),
        pytest.param(
            affected(versions=["1.0", "1.0.0", "2.0"]),
            [
                ("a", "", past("1.0"), at("1.0"), 0, "1.0", "1.0"),
                ("a", "", past("1.0"), at("1.0"), 0, "1.0.0", "1.0.0"),
                ("a", "", past("2.0"), at("2.0"), 0, "2.0", "2.0"),
            ],
            id="versions-listed",
        ),
        pytest.param(
            affected(
                ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}],
                versions=["1", "3"],
            ),
            [("a", "", at("2"), b"\0", FIXED, "0", "2"), ("a", "", past("3"), at("3"), 0, "3", "3")],
            id="only-those-that-no-range-covers",
        ),
        pytest.param(
            affected(
                ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}], versions=["1", "bulbasaur"]
            ),
            [("a", "", b"\1", b"\0", 0, "0", "")],
            id="a-range-of-everything-covers-all",
        ),
        pytest.param(
            affected(versions=["bulbasaur"]),
            [("a", "", b"\1", b"\2bulbasaur", EXACT, "bulbasaur", "bulbasaur")],
            id="unreadable-version",
        ),
        pytest.param(
            affected(ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "2004d"}, {"fixed": "2"}]}]),
            [
                ("a", "", b"\1", b"\2", UNREADABLE, "2004d", "2"),
                ("a", "", b"\1", b"\x022004d", EXACT, "2004d", "2004d"),
            ],
            id="unreadable-event",
        ),
        pytest.param(
            affected(ranges=[{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}]),
            [],
            id="git-is-left-out",
        ),
        pytest.param(
            affected(ranges=[{"type": "SEMVER", "events": [{"introduced": "0"}]}]),
            [("a", "", b"\1", b"\0", 0, "0", "")],
            id="semver",
        ),
        pytest.param(
            {**bulk.record("X-1", "PyPI", "a"), "withdrawn": "2024-01-01T00:00:00Z"}, [], id="withdrawn"
        ),
        pytest.param(bulk.record("X-1", "npm", "a"), [], id="another-ecosystem"),
        pytest.param({"id": "X-1", "affected": [{"ranges": []}]}, [], id="no-package"),
        pytest.param({"id": "X-1"}, [], id="nothing-affected"),
    ],
)
def test_rows(value: bulk.Json, expected: list[Seen]) -> None:
    assert seen(value) == expected


@pytest.mark.parametrize(
    ("versions", "points"),
    [
        (["1-1", "1-2", "1-9"], []),
        (["1-1"], []),
        (["1-1", "2-1", "3-1"], ["2-1", "3-1"]),
        (["3-1", "1-1"], ["3-1"]),
        ([], []),
    ],
)
def test_what_a_distribution_lists_beside_its_range(versions: list[str], points: list[str]) -> None:
    value = bulk.record("UBUNTU-CVE-1", "Ubuntu:22.04:LTS", "a", *bulk.span("0", "2-1"))
    value["affected"][0]["versions"] = versions
    assert [one[5] for one in seen(value, "Ubuntu")] == ["0", *points]


def test_the_release_is_in_normal_form() -> None:
    found = list(rows(read(bulk.record("X-1", "Ubuntu:22.04:LTS", "a")), "Ubuntu", versions.scheme("dpkg")))
    assert [(row.name, row.release) for row in found] == [("a", "22.04")]


def test_an_entry_has_what_is_shown() -> None:
    value = bulk.record(
        "GHSA-x",
        "PyPI",
        "a",
        aliases=["CVE-2024-0001"],
        summary="A  flaw\nin a",
        published="2024-01-01T00:00:00Z",
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        references=[
            {"type": "WEB", "url": "https://b.example"},
            {"type": "ADVISORY", "url": "https://a.example"},
            {"type": "WEB", "url": "javascript:alert(1)"},
            {"type": "WEB", "url": "https://b.example"},
        ],
        database_specific={"cwe_ids": ["CWE-79", "CWE-100", "CWE-x", 7], "severity": "LOW"},
    )
    assert kept(value) == Entry(
        id="GHSA-x",
        cves=("CVE-2024-0001",),
        split=False,
        names=("GHSA-x",),
        summary="A flaw in a",
        rating=Rating("critical", 9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        cwes=("CWE-79", "CWE-100"),
        words=(),
        references=("https://a.example", "https://b.example"),
        published="2024-01-01T00:00:00Z",
        modified="2024-01-01T00:00:00Z",
        withdrawn="",
        fate="",
        streams=(),
    )


@pytest.mark.parametrize(
    ("specific", "expected"),
    [
        ({"cwe_ids": ["CWE-1"]}, ("CWE-1",)),
        ({"cwes": [{"cweId": "CWE-2", "name": "x"}]}, ("CWE-2",)),
        ({"CWE": {"id": "CWE-3", "desc": "x"}}, ("CWE-3",)),
        ({"cwes": ["CWE-10", "CWE-9"]}, ("CWE-9", "CWE-10")),
        ({"cwe_ids": "CWE-4"}, ("CWE-4",)),
        ({"cwe_ids": [["CWE-5"], {}, {"id": 7}, "CWE-1234567"]}, ()),
    ],
)
def test_cwes_in_their_forms(specific: bulk.Json, expected: tuple[str, ...]) -> None:
    assert kept({"id": "X", "database_specific": specific}).cwes == expected


def test_what_is_said_of_one_package_stays_with_its_rows() -> None:
    value = affected(
        ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        ecosystem_specific={"urgency": "end-of-life"},
        severity=[{"type": "Ubuntu", "score": "low"}],
    )
    (row,) = rows(read(value), "PyPI", key)
    assert msgspec.msgpack.decode(row.note, type=Note) == Note(Rating("low"), "end-of-life")
    assert kept(value).fate == ""


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("fix-not-planned", "will-not-fix"),
        ("Will not fix", "will-not-fix"),
        ("detection", ""),
        ("fixed", ""),
        (7, ""),
    ],
)
def test_fate(status: object, expected: str) -> None:
    assert kept({"id": "X", "database_specific": {"status": status}}, "Wolfi").fate == expected


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ([{"latest_event_status": "fix_not_planned"}], "will-not-fix"),
        ([{"latest_event_status": "fix_not_planned"}] * 2, "will-not-fix"),
        ([{"latest_event_status": "fix_not_planned"}, {"latest_event_status": ""}], ""),
        ([{"latest_event_status": ["fix_not_planned"]}], ""),
        ([{}], ""),
        (["fix_not_planned"], ""),
        ([], ""),
        ("fix_not_planned", ""),
    ],
)
def test_fate_of_the_components_of_a_package(components: object, expected: str) -> None:
    """As CGA-9945-9hmh-rmgw has it of nodejs-18."""
    value = bulk.record("CGA-9945-9hmh-rmgw", "Wolfi", "nodejs-18")
    value["affected"][0]["ecosystem_specific"] = {"components": components}
    (row,) = rows(read(value), "Wolfi", versions.scheme("apk"))
    note = msgspec.msgpack.decode(row.note, type=Note) if row.note else Note()
    assert note.fate == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"summary": "short"}, "short"),
        ({"details": "### Impact\n\nA flaw"}, "Impact"),
        ({"details": "One\ntwo.\n\nThree"}, "One two."),
        ({"summary": "", "details": "d"}, "d"),
        ({}, ""),
    ],
)
def test_summary(record: bulk.Json, expected: str) -> None:
    assert kept({"id": "X", **record}).summary == expected


def test_a_long_summary_is_cut_at_a_word() -> None:
    summary = kept({"id": "X", "details": "word " * 1000}).summary
    assert len(summary) <= MAX_SUMMARY_CHARS
    assert summary.endswith("word ...")


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:apk/wolfi/libxml2?arch=x86_64", BINARY),
        ("pkg:apk/chainguard/libxml2?distro=x&arch=aarch64", BINARY),
        ("pkg:apk/alpine/libxml2?arch=source", 0),
        ("pkg:rpm/mageia/perl?arch=source&distro=mageia-9", 0),
        ("pkg:apk/wolfi/libxml2", 0),
        ("", 0),
    ],
)
def test_what_names_a_binary_package(purl: str, expected: int) -> None:
    value = bulk.record("X-1", "Wolfi", "libxml2")
    value["affected"][0]["package"]["purl"] = purl
    assert [row.flags for row in rows(read(value), "Wolfi", versions.scheme("apk"))] == [expected]


@pytest.mark.parametrize(("distro", "expected"), [("rocky-linux-8-sig-cloud", 0), ("rocky-linux-8", 1)])
def test_builds_that_are_none_of_the_release(distro: str, expected: int) -> None:
    """As RXSA-2023:0101 has it."""
    fix = bulk.span("0", "0:4.18.0-425.10.1.el8_7.cloud")
    value = bulk.record("RXSA-2023:0101", "Rocky Linux:8", "kernel", *fix)
    value["affected"][0]["package"]["purl"] = f"pkg:rpm/rocky-linux/kernel?distro={distro}&epoch=0"
    assert len(list(rows(read(value), "Rocky Linux", versions.scheme("rpm")))) == expected
