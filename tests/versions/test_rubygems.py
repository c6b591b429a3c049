from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.rubygems import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

SEGMENT = st.sampled_from(["0", "0", "1", "2", "10", "01", "a", "B", "rc1", "pre", "1a0"])
VERSION = st.builds(
    lambda first, rest, pre: ".".join([first, *rest]) + pre,
    st.sampled_from(["0", "1", "2"]),
    st.lists(SEGMENT, max_size=5),
    st.sampled_from(["", "", "", "-1", "-a.0", "-0-b"]),
)
NEAR = st.text("01.a-B ", max_size=8)


@pytest.fixture(scope="module")
def gem(oracle: Start) -> Compare:
    return oracle("ruby", "{oracles}/gem.rb")


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("ruby")
def test_all_pairs_in_the_list_are_as_rubygems_says(gem: Compare, rising: Rising) -> None:
    pairs = list(itertools.combinations(itertools.chain(*rising("rubygems")), 2))
    assert [pair for pair in pairs if gem(*pair) != sign(*pair)] == []


@needs.tool("ruby")
@settings(max_examples=700, deadline=None)
@given(one=VERSION, two=VERSION)
def test_rubygems_agrees(gem: Compare, one: str, two: str) -> None:
    assert sign(one, two) == gem(one, two)


@needs.tool("ruby")
@settings(max_examples=500, deadline=None)
@given(text=NEAR.filter(lambda text: text.strip() != ""))
def test_what_rubygems_refuses_is_malformed(gem: Compare, text: str) -> None:
    if gem(text, text) is None:
        with pytest.raises(MalformedError, match=r"^not a RubyGems version: "):
            key(text)
    else:
        assert key(text)


@pytest.mark.parametrize("text", ["a", "1.", "1..2", "1a", "1.0_2", "1-", "1.0+x", "~> 1.0", " "])
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a RubyGems version: "):
        key(text)
