from __future__ import annotations

import re

import msgspec
import pytest

from lading.report.html_tables import Panel, panels
from report import factory


def by_id(parts: list[Panel]) -> dict[str, Panel]:
    return {part.id: part for part in parts}


def cells(part: Panel, row: int = 0) -> list[str]:
    (body,) = re.findall(r"<tbody>\n(.*)\n</tbody>", part.markup, flags=re.DOTALL)
    found = re.findall(r"<td[^>]*>(.*?)</td>", body.split("\n")[row])
    return [re.sub(r"<[^>]+>", "", cell) for cell in found]


def test_parts_that_have_something_to_show() -> None:
    assert [(part.id, part.count) for part in panels(factory.report())] == [
        ("findings", 5),
        ("packages", 4),
        ("suppressed", 1),
        ("removed", 1),
        ("skipped", 1),
        ("advisories", 4),
    ]
    assert [(part.id, part.count) for part in panels(factory.bare())] == [("findings", 0), ("packages", 0)]


def test_each_says_what_it_has() -> None:
    parts = by_id(panels(factory.report()))
    assert cells(parts["findings"])[0] == "Critical"
    assert cells(parts["findings"])[2:] == [
        "libssl3",
        "3.0.11-1~deb12u1",
        "3.0.15-1~deb12u1",
        "KEV94%",
        "code execution +1",
        "1",
    ]
    assert cells(parts["packages"]) == [
        "libssl3",
        "3.0.11-1~deb12u1",
        "deb",
        "Apache-2.0",
        "var/lib/dpkg/status",
        "1",
        "2",
    ]
    assert cells(parts["suppressed"]) == [
        "Low",
        "CVE-2019-1563",
        "openssl 3.0.11-1~deb12u1",
        "the function is never called",
        "ops@example.com",
        "2030-01-01",
        ".lading.yaml",
    ]
    assert cells(parts["removed"]) == ["pip", "9.0.1", "pypi", "2", "3"]
    assert cells(parts["skipped"]) == ["opt/app.jar", "not a zip file", "java/jar", "3"]
    assert cells(parts["advisories"])[:3] == ["Debian", "45,210", "2026-11-20T10:11:12Z"]


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        ({}, 'data-layer="1" data-sev="high"'),
        ({"kev": True}, 'data-layer="1" data-sev="high" data-kev'),
        ({"fixed_in": "2"}, 'data-layer="1" data-sev="high" data-fix'),
        ({"kev": True, "fixed_in": "2"}, 'data-layer="1" data-sev="high" data-kev data-fix'),
        ({"layer": "elsewhere"}, 'data-sev="high"'),
    ],
    ids=["plain", "exploited", "fixable", "both", "in-no-layer"],
)
def test_what_the_filters_go_by(change: dict[str, object], facts: str) -> None:
    finding = msgspec.structs.replace(factory.finding(), **change)
    part = panels(factory.report(findings=(finding,)))[0]
    assert f"<tr {facts}>" in part.markup


def test_no_more_than_eight_links_and_none_that_is_foreign_to_the_web() -> None:
    urls = ("javascript:alert(1)", *(f"https://example.com/{n}" for n in range(20)))
    part = panels(factory.report(findings=(factory.finding(references=urls),)))[0]
    assert len(re.findall("<a href", part.markup)) == 8
    assert "javascript" not in part.markup
