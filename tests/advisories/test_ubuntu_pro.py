"""Fixes for who pays, beside those of the release. The redis of 2023 is as Ubuntu's record has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisories import bulk
from advisories.looking import Look, deb
from lading.advisories.store import open_stores
from lading.model.severity import Status

SOON = bulk.span("0", "5:6.0.16-1ubuntu1+esm1")
OLD = bulk.span("0", "5:4.0.9-1ubuntu0.2+esm4")


def record(*affected: tuple[str, tuple[dict[str, str], ...]], **more: Any) -> bulk.Json:  # noqa: ANN401 -- any field
    return {
        "id": "UBUNTU-CVE-2023-25155",
        "modified": "2025-10-16T17:09:38Z",
        "upstream": ["CVE-2023-25155"],
        "affected": [
            {
                "package": {"ecosystem": f"Ubuntu:{release}:LTS", "name": "redis"},
                "ranges": [{"type": "ECOSYSTEM", "events": list(events) or [{"introduced": "0"}]}],
            }
            for release, events in affected
        ],
        **more,
    }


REDIS = record(
    ("Pro:18.04", OLD),
    ("22.04", ()),
    ("Pro:22.04", SOON),
    ("Pro:FIPS:20.04", bulk.span("0", "5:9-1")),
)


def found(
    look: Look, version: str, release: str, *more: str, ended: bool = False, with_record: bulk.Json = REDIS
) -> list[tuple[str | None, Status]]:
    """more: versions of other packages of the system."""
    ecosystem = f"Ubuntu:{release}"
    others = [deb(f"other{n}", one, ecosystem=ecosystem) for n, one in enumerate(more)]
    package = deb("redis-server", version, "redis", version, ecosystem=ecosystem)
    return [(one.fixed_in, one.status) for one in look([with_record], package, *others, ended=ended)]


@pytest.mark.parametrize(
    ("version", "release", "expected"),
    [
        ("5:6.0.16-1ubuntu1", "22.04", [(None, Status.AFFECTED)]),
        ("5:6.0.16-1ubuntu1.1", "22.04", [(None, Status.AFFECTED)]),
        ("5:6.0.16-1ubuntu1+esm1", "22.04", []),
        ("5:6.0.16-1ubuntu1+esm2", "22.04", []),
        ("5:6.0.16-1ubuntu0.1~esm1", "22.04", [("5:6.0.16-1ubuntu1+esm1", Status.FIXED)]),
        ("5:4.0.9-1ubuntu0.2", "18.04", [(None, Status.AFFECTED)]),
        ("5:4.0.9-1ubuntu0.2+esm3", "18.04", [("5:4.0.9-1ubuntu0.2+esm4", Status.FIXED)]),
        ("5:4.0.9-1ubuntu0.2+esm4", "18.04", []),
        ("5:5.0.7-2", "20.04", []),
        ("5:7.0.15-1", "24.04", []),
    ],
)
def test_each_line_of_versions_by_its_own_rows(
    look: Look, version: str, release: str, expected: list[tuple[str | None, Status]]
) -> None:
    assert found(look, version, release) == expected


def test_a_fix_that_can_be_had_is_told(look: Look) -> None:
    assert found(look, "5:4.0.9-1ubuntu0.2", "18.04", "1-1+esm1") == [
        ("5:4.0.9-1ubuntu0.2+esm4", Status.FIXED)
    ]
    # Pro's is the lower version here: who has this one has no fix.
    assert found(look, "5:6.0.16-1ubuntu1.1", "22.04", "1-1+esm1") == [(None, Status.AFFECTED)]


def test_a_release_that_has_ended(look: Look) -> None:
    assert found(look, "5:4.0.9-1ubuntu0.2", "18.04", ended=True) == [(None, Status.END_OF_LIFE)]


def test_a_record_of_the_release_alone_is_about_the_packages_of_pro_too(look: Look) -> None:
    record_of_release = record(("22.04", bulk.span("0", "2-1")))
    assert found(look, "1-1+esm1", "22.04", with_record=record_of_release) == [("2-1", Status.FIXED)]
    assert found(look, "2-1+esm1", "22.04", with_record=record_of_release) == []


def test_a_version_that_cannot_be_compared(look: Look) -> None:
    skipped: list[Any] = []
    package = deb("redis", "not a version", "redis", "not a version", ecosystem="Ubuntu:18.04")
    assert look([REDIS], package, skipped=skipped) == []
    assert ["1 advisories not judged" in one.reason for one in skipped] == [True]


def test_a_release_that_only_pro_speaks_of_is_known(look: Look, tmp_path: Path) -> None:
    found(look, "1-1", "22.04")
    with open_stores(tmp_path, ["Ubuntu"]) as stores:
        told = {
            release: stores.knows(f"Ubuntu:{release}") for release in ("18.04", "22.04", "20.04", "24.04")
        }
    assert told == {"18.04": True, "22.04": True, "20.04": False, "24.04": False}


def test_other_lines_are_no_ones(look: Look) -> None:
    assert found(look, "1-1", "20.04") == []
