"""What holds for every scheme: rising lists, all pairs both ways, and hostile text."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import versions
from lading.errors import LimitError, MalformedError

Rising = Callable[[str], list[list[str]]]
SCHEMES = sorted(versions.SCHEMES)
# What versions are made of, so that random text gets past the first check of a parser.
PIECES = st.sampled_from([*"01.-_+~^:va!", "09", "10", "rc", "dev"])
HOSTILE = st.one_of(st.text(max_size=20), st.lists(PIECES, max_size=12).map("".join))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_all_pairs_of_a_rising_list(scheme: str, rising: Rising) -> None:
    key = versions.scheme(scheme)
    ranks = [(rank, text, key(text)) for rank, line in enumerate(rising(scheme)) for text in line]
    wrong = [
        (one, two)
        for (rank, one, key_1), (other, two, key_2) in itertools.product(ranks, ranks)
        if (rank < other, rank == other) != (key_1 < key_2, key_1 == key_2)
    ]
    assert wrong == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_rising_list_is_long_enough(scheme: str, rising: Rising) -> None:
    lines = len(rising(scheme))
    assert lines * (lines - 1) // 2 >= 300


@pytest.mark.parametrize("scheme", SCHEMES)
def test_sqlite_sorts_keys_as_versions(scheme: str, rising: Rising) -> None:
    first = [line[0] for line in rising(scheme)]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE t (key BLOB PRIMARY KEY, version TEXT) WITHOUT ROWID")
    rows = [(versions.key_of(scheme, text), text) for text in reversed(first)]
    database.executemany("INSERT INTO t VALUES (?, ?)", rows)
    assert [text for (text,) in database.execute("SELECT version FROM t ORDER BY key")] == first
    database.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lowest_is_below_every_version(scheme: str, rising: Rising) -> None:
    keys = [versions.key_of(scheme, text) for line in rising(scheme) for text in line if text != "0"]
    assert min(keys) > versions.LOWEST


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=150, deadline=None)
@given(text=HOSTILE)
def test_any_text_gives_a_key_or_an_error(scheme: str, text: str) -> None:
    try:
        key = versions.key_of(scheme, text)
    except MalformedError:
        return
    assert isinstance(key, bytes)
    assert len(key) <= 8 * len(text) + 32


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "text", ["", "é1.0", "1.0\u0661", "1\udc80"], ids=["empty", "latin", "digit", "surrogate"]
)
def test_no_version_at_all(scheme: str, text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not an? .* version: "):
        versions.key_of(scheme, text)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "unit", ["1", "0", "1.", "1a", "1-", "-", "~", "1_p", "a", "1.0-rc", "1+", "x", " ", "\t1"], ids=repr
)
def test_long_text_ends_soon(scheme: str, unit: str) -> None:
    text = (unit * 2**15)[: 2**15]
    for version in (text, text[:-1] + "!", "1." + text[:-2], "1-" + text[:-2], "1+" + text[:-2]):
        try:
            key = versions.key_of(scheme, version)
        except MalformedError as error:
            key = error.message.encode()
        assert len(key) < 2**18


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_limit(scheme: str) -> None:
    longest = "1" * 2**15
    assert scheme == "composer" or versions.key_of(scheme, longest) > versions.key_of(scheme, longest[1:])
    with pytest.raises(LimitError, match="version of 32769 characters; the limit is 32768"):
        versions.key_of(scheme, longest + "1")
