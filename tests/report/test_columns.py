from __future__ import annotations

import pytest

from lading.model.severity import Severity
from lading.report.columns import fit, headings, row
from lading.report.text import width
from report import factory

FINDINGS = factory.report().findings


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (40, ["SEVERITY", "VULNERABILITY", "FIXED IN"]),
        (56, ["SEVERITY", "VULNERABILITY", "FIXED IN", "EXPLOIT"]),
        (80, ["SEVERITY", "VULNERABILITY", "FIXED IN", "EXPLOIT", "IMPACT"]),
        (100, ["SEVERITY", "VULNERABILITY", "FIXED IN", "EXPLOIT", "IMPACT", "SUMMARY"]),
    ],
)
def test_the_last_columns_go_first(columns: int, shown: list[str]) -> None:
    widths = fit(FINDINGS, columns)
    assert [column.heading for column, _ in widths] == shown
    assert 2 + sum(held for _, held in widths) + 2 * (len(widths) - 1) <= columns


def test_no_column_is_wider_than_its_longest_text() -> None:
    assert [held for _, held in fit(FINDINGS, 1000)] == [8, 14, 17, 7, 17, 53]


def test_columns_of_nothing_are_left_out() -> None:
    plain = (factory.finding("CVE-1", severity=Severity.LOW),)
    assert [column.heading for column, _ in fit(plain, 200)] == ["SEVERITY", "VULNERABILITY", "FIXED IN"]


@pytest.mark.parametrize("columns", range(30, 140, 7))
def test_rows_and_headings_are_as_wide_as_the_columns(columns: int) -> None:
    hostile = factory.hostile().findings
    widths = fit(hostile, columns)
    total = 2 + sum(held for _, held in widths) + 2 * (len(widths) - 1)
    assert sum(width(text) for text, _ in headings(widths)) <= total
    for finding in hostile:
        assert sum(width(text) for text, _ in row(finding, widths)) <= total


def test_a_row() -> None:
    assert row(FINDINGS[0], fit(FINDINGS, 56)) == [
        ("  ", ""),
        ("CRITICAL", "critical"),
        ("  ", ""),
        ("CVE-2022-3602", "bold"),
        ("   ", ""),
        ("3.0.15-1~deb12u1", "good"),
        ("   ", ""),
        ("KEV 94%", "alarm"),
    ]
