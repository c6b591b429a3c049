from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.report import text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param(
            "漢字 é \N{CHART WITH UPWARDS TREND}", "漢字 é \N{CHART WITH UPWARDS TREND}", id="printable"
        ),
        pytest.param("a\nb\tc\r\nd\xa0e", "a b c  d e", id="spaces"),
        pytest.param("\x1b[31m\x07\x7f", r"\x1b[31m\x07\x7f", id="ansi"),
        pytest.param("\x9b31m\x80", r"\x9b31m\x80", id="c1"),
        pytest.param("a\u202eb\u2066\u200b\ufeff", r"a\u202eb\u2066\u200b\ufeff", id="bidi"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag"),
        pytest.param("caf\udce9", r"caf\xe9", id="byte-that-is-not-utf-8"),
        pytest.param("\ud800", r"\ud800", id="half-a-pair"),
    ],
)
def test_clean(raw: str, shown: str) -> None:
    assert text.clean(raw) == shown


@given(st.text(st.characters(), max_size=50))
def test_clean_gives_one_printable_line(raw: str) -> None:
    shown = text.clean(raw)
    assert shown.isprintable()
    assert shown.encode("utf-8", "strict").decode() == shown
    assert text.clean(shown) == shown


@pytest.mark.parametrize(
    ("raw", "columns"),
    [("", 0), ("abc", 3), ("漢字", 4), ("e\u0301", 1), ("ＡＢ", 4), ("ö", 1)],
)
def test_width(raw: str, columns: int) -> None:
    assert text.width(raw) == columns


@pytest.mark.parametrize(
    ("raw", "columns", "shown"),
    [
        pytest.param("abcdef", 6, "abcdef", id="fits"),
        pytest.param("abcdef", 5, "abcd…", id="cut"),
        pytest.param("ab cdef", 4, "ab…", id="no-space-before-the-ellipsis"),
        pytest.param("漢字漢字", 8, "漢字漢字", id="wide-fits"),
        pytest.param("漢字漢字", 7, "漢字漢…", id="wide-cut"),
        pytest.param("漢字漢字", 6, "漢字…", id="wide-cut-in-the-middle-of-a-character"),
        pytest.param("abc", 1, "…", id="one"),
        pytest.param("abc", 0, "", id="none"),
    ],
)
def test_clip(raw: str, columns: int, shown: str) -> None:
    assert text.clip(raw, columns) == shown


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=60), st.integers(0, 30))
def test_clip_and_pad_keep_to_the_columns(raw: str, columns: int) -> None:
    raw = text.clean(raw)
    assert text.width(text.clip(raw, columns)) <= columns
    assert text.width(text.pad(raw, columns)) == columns
    assert text.width(text.pad(raw, columns, right=True)) == columns


def test_marks_without_width_are_limited() -> None:
    zalgo = "a" + "\u0301" * 10_000
    assert unicodedata.category("\u0301") == "Mn"
    assert len(text.clip(zalgo, 10)) <= 41


@pytest.mark.parametrize(
    ("columns", "lines", "wrapped"),
    [
        pytest.param(30, 0, ["one two three four"], id="one-line"),
        pytest.param(9, 0, ["one two", "three", "four"], id="at-spaces"),
        pytest.param(9, 2, ["one two", "three fo…"], id="last-line-clipped"),
        pytest.param(4, 0, ["one", "two", "thr…", "four"], id="long-word"),
    ],
)
def test_wrap(columns: int, lines: int, wrapped: list[str]) -> None:
    assert text.wrap("one two three four", columns, lines=lines) == wrapped


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (74_800_000, "74.8 MB"),
        (5_000_000_000, "5.0 GB"),
        (5_000_000_000_000_000, "5000.0 TB"),
    ],
)
def test_size(count: int, shown: str) -> None:
    assert text.size(count) == shown


@pytest.mark.parametrize(
    ("count", "noun", "many", "shown"),
    [
        (1, "finding", "", "1 finding"),
        (0, "finding", "", "0 findings"),
        (1200, "entry", "entries", "1,200 entries"),
    ],
)
def test_plural(count: int, noun: str, many: str, shown: str) -> None:
    assert text.plural(count, noun, many) == shown
