from __future__ import annotations

import datetime as dt

import pytest

from lading.cli import listing
from lading.report.text import width

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("created", "text"),
    [
        ("2025-01-01T00:00:00Z", "moments ago"), ("2024-12-31T23:59:01Z", "moments ago"),
        ("2024-12-31T23:59:00Z", "1 minute ago"), ("2024-12-31T23:58:01Z", "1 minute ago"),
        ("2024-12-31T23:58:00Z", "2 minutes ago"), ("2024-12-31T22:00:00Z", "2 hours ago"),
        ("2024-12-31T22:00:01Z", "119 minutes ago"), ("2024-12-30T00:00:00Z", "2 days ago"),
        ("2024-12-20T00:00:00Z", "12 days ago"), ("2024-12-18T00:00:00Z", "2 weeks ago"),
        ("2024-11-01T00:00:00Z", "2 months ago"), ("2023-01-02T00:00:00Z", "2 years ago"),
        ("2023-01-03T00:00:00Z", "24 months ago"), ("1970-01-01T00:00:00Z", "55 years ago"),
        ("2020-01-23T16:53:06.686519038Z", "4 years ago"), ("2025-01-01T02:00:00+02:00", "moments ago"),
        ("2024-12-30T00:00:00", "2 days ago"), ("2026-03-04T00:00:00Z", "2026-03-04"), ("", ""), ("yesterday", ""),
    ],
)  # fmt: skip
def test_ago(created: str, text: str) -> None:
    assert listing.ago(created, NOW) == text


def test_a_table() -> None:
    text = listing.table(["NAME", " SIZE", "X"], [["a", "1 B", ""], ["a long name", "1,000 MB", "\x1b[2J"]])
    assert text.splitlines() == [
        "NAME             SIZE  X",
        "a                 1 B",
        "a long name  1,000 MB  \\x1b[2J",
    ]
    assert listing.table(["A", " B"], []) == "A  B\n"


@pytest.mark.parametrize("limit", range(1, 60))
def test_a_table_that_fits(limit: int) -> None:
    text = listing.table(["NAME", " SIZE"], [["n" * 40, "s" * 20], ["日本" * 10, "1"]], limit)
    assert all(width(line) <= limit for line in text.splitlines())
    assert len(text.splitlines()) == 3
    if limit > 40:
        assert "s" * 10 in text
