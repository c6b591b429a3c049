from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile.duration import nanoseconds
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("30s", 30 * 10**9),
        ("1m30s", 90 * 10**9),
        ("1.5h", 5400 * 10**9),
        (".5s", 5 * 10**8),
        ("1.s", 10**9),
        ("500ms", 5 * 10**8),
        ("1us", 1000),
        ("1µs", 1000),
        ("1h1m1s1ms", 3661001 * 10**6),
        ("-2s", -2 * 10**9),
        ("+2s", 2 * 10**9),
    ],
)
def test_nanoseconds(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "30", "s", ".s", "1x", "1s ", "1 s", "--1s", "1.2.3s", "9999999h", "1s" * 999]
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match="not a duration"):
        nanoseconds(text)


@given(st.text("0123456789.hmsnuµ+-", max_size=12))
def test_any_text(text: str) -> None:
    with contextlib.suppress(MalformedError):
        assert isinstance(nanoseconds(text), int)
