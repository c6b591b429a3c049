from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from lading.errors import MalformedError
from lading.versions.pep440 import key

Rising = Callable[[str], list[list[str]]]

NUMBER = st.sampled_from(["", "0", "1", "2", "09", "10"])
SEPARATOR = st.sampled_from(["", ".", "-", "_"])


def spelled(words: list[str]) -> st.SearchStrategy[str]:
    part = st.builds(lambda *pieces: "".join(pieces), SEPARATOR, st.sampled_from(words), SEPARATOR, NUMBER)
    return st.one_of(st.just(""), part)


VERSION = st.builds(
    lambda *pieces: "".join(pieces),
    st.sampled_from(["", "", "v", " "]),
    st.sampled_from(["", "", "0!", "1!"]),
    st.lists(st.sampled_from(["0", "1", "2", "10", "01"]), min_size=1, max_size=3).map(".".join),
    spelled(["a", "b", "rc", "c", "alpha", "BETA", "pre", "preview"]),
    st.one_of(spelled(["post", "r", "rev"]), st.sampled_from(["-1", "-0", "-10"])),
    spelled(["dev", "DEV"]),
    st.one_of(
        st.just(""),
        st.lists(st.sampled_from(["1", "a", "10", "1a", "B"]), min_size=1).map(lambda p: "+" + ".".join(p)),
    ),
)
NEAR = st.text("01.abcrpostdev+-_! v", max_size=12)


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


def said(one: str, two: str) -> int:
    return (Version(one) > Version(two)) - (Version(one) < Version(two))


def test_all_pairs_in_the_list_are_as_packaging_says(rising: Rising) -> None:
    pairs = list(itertools.combinations(itertools.chain(*rising("pep440")), 2))
    assert [pair for pair in pairs if said(*pair) != sign(*pair)] == []


@settings(max_examples=600, deadline=None)
@given(one=VERSION, two=VERSION)
def test_packaging_agrees(one: str, two: str) -> None:
    assert sign(one, two) == said(one, two)


@settings(max_examples=600, deadline=None)
@given(text=st.one_of(NEAR, VERSION))
def test_what_packaging_refuses_is_malformed(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion:
        with pytest.raises(MalformedError, match=r"^not a PEP 440 version: "):
            key(text)
    else:
        assert key(text)


@pytest.mark.parametrize(
    "text", ["2004d", "1.0-final", "0.1-bulbasaur", "0.3m1", "1.0beta6.1", "1.0 1", "1.", "1.0+", "1.0+a..b"]
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a PEP 440 version: "):
        key(text)
