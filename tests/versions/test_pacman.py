from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.pacman import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

PART = st.text("0019aZ._+~", max_size=7).map(lambda text: text.rstrip("._+~"))
VERSION = st.builds(
    lambda epoch, first, version, release: epoch + first + version + "-" + release,
    st.sampled_from(["", "", "0:", "1:", ":", "a:"]),
    st.sampled_from(["1", "a", ".1"]),
    PART,
    st.sampled_from(["1", "2", "1.1", "10", "1a"]),
)


@pytest.fixture(scope="module")
def vercmp(oracle: Start) -> Compare:
    return oracle("sh", "{oracles}/vercmp.sh")


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("vercmp")
def test_all_pairs_in_the_list_are_as_vercmp_says(vercmp: Compare, rising: Rising) -> None:
    texts = [text for text in itertools.chain(*rising("pacman")) if "-" in text]
    pairs = list(itertools.combinations(texts, 2))
    assert [pair for pair in pairs if vercmp(*pair) != sign(*pair)] == []


@needs.tool("vercmp")
@settings(max_examples=400, deadline=None)
@given(one=VERSION, two=VERSION)
def test_vercmp_agrees(vercmp: Compare, one: str, two: str) -> None:
    assert sign(one, two) == vercmp(one, two)


@needs.tool("vercmp")
@settings(max_examples=150, deadline=None)
@given(one=PART, two=PART)
def test_vercmp_agrees_without_pkgrel(vercmp: Compare, one: str, two: str) -> None:
    assume(one and two)
    assert sign(one, two) == vercmp(one, two)


@needs.tool("vercmp")
def test_a_missing_pkgrel_is_no_order_there(vercmp: Compare) -> None:
    assert [vercmp("1-1", "1"), vercmp("1", "1-2"), vercmp("1-1", "1-2")] == [0, 0, -1]
    assert key("1") < key("1-1") < key("1-2") < key("1.1")


@needs.tool("vercmp")
def test_separators_at_the_end_are_no_order_there(vercmp: Compare) -> None:
    assert [vercmp("1a1", "1a.b"), vercmp("1a.b", "1a."), vercmp("1a.", "1a1")] == [-1, -1, -1]
    assert key("1a") < key("1a.") == key("1a..") < key("1a1") < key("1a.b")


@pytest.mark.parametrize("text", ["1:", "-1", "0:-1", "1\x00-1", "1.0-é"])
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not an Arch version: "):
        key(text)
