from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.dpkg import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

FRAGMENT = st.text("0019aZ.+~", min_size=1, max_size=7)
VERSION = st.builds(
    lambda epoch, upstream, revision: epoch + "1" + upstream + revision,
    st.sampled_from(["", "", "0:", "1:", "12:"]),
    st.text("0019aZ.+~-:", max_size=8).map(lambda text: text.replace(":", ".").rstrip("-")),
    st.one_of(st.just(""), FRAGMENT.map(lambda text: "-" + text)),
)


@pytest.fixture(scope="module")
def dpkg(oracle: Start) -> Compare:
    return oracle("sh", "{oracles}/dpkg.sh")


@pytest.fixture(scope="module")
def dpkg_perl(oracle: Start) -> Compare:
    return oracle("perl", "{oracles}/dpkg.pl")


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("dpkg")
def test_neighbours_in_the_list_are_as_dpkg_says(dpkg: Compare, rising: Rising) -> None:
    texts = list(itertools.chain(*rising("dpkg")))
    pairs = [*itertools.pairwise(texts), *zip(texts, reversed(texts), strict=True)]
    assert [(*pair, dpkg(*pair)) for pair in pairs] == [(*pair, sign(*pair)) for pair in pairs]


@needs.tool("perl", "dpkg-parsechangelog")
def test_all_pairs_in_the_list_are_as_libdpkg_perl_says(dpkg_perl: Compare, rising: Rising) -> None:
    # Perl's numbers round from 2**53 on; dpkg's own do not.
    texts = [text for text in itertools.chain(*rising("dpkg")) if not re.search("[0-9]{16}", text)]
    pairs = list(itertools.combinations(texts, 2))
    assert [pair for pair in pairs if dpkg_perl(*pair) != sign(*pair)] == []


@needs.tool("dpkg")
@settings(max_examples=150, deadline=None)
@given(one=VERSION, two=VERSION)
def test_dpkg_agrees(dpkg: Compare, one: str, two: str) -> None:
    assert sign(one, two) == dpkg(one, two)


@needs.tool("perl", "dpkg-parsechangelog")
@settings(max_examples=500, deadline=None)
@given(one=VERSION, two=VERSION)
def test_libdpkg_perl_agrees(dpkg_perl: Compare, one: str, two: str) -> None:
    assert sign(one, two) == dpkg_perl(one, two)


@pytest.mark.parametrize(
    "text",
    ["a:1", ":1", "1:", "-1:1", "2147483648:1", "1-", "-1", "1 0", "1.0\n-1", "1\x00", "1.0-é", "0x1:1"],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a Debian version: "):
        key(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        pytest.param(" 1.0-1\n", "1.0-1", id="white space around"),
        pytest.param("0" * 5000 + "1:1", "1:1", id="zeros before the epoch"),
        pytest.param("1.0-1-0", "1.0-1-00", id="the last hyphen begins the revision"),
    ],
)
def test_same(text: str, same: str) -> None:
    assert key(text) == key(same)


def test_what_policy_forbids_and_dpkg_compares() -> None:
    assert key("1.0_1") > key("1.0.1") > key("1.0a") > key("1.0")
    assert key("a") > key("1")
