from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.rpm import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

NO_VERSION = re.compile("[0-9]*:(-|$)")
VERSION = st.builds(
    lambda epoch, first, version, release: epoch + first + version + release,
    st.sampled_from(["", "", "0:", "1:", ":", "a:"]),
    st.sampled_from("1a~^"),
    st.text("0019aZ.+~^_:-", max_size=8).map(lambda text: text.rstrip("-")),
    st.one_of(st.just(""), st.text("0019aZ.+~^_", min_size=1, max_size=7).map(lambda text: "-" + text)),
).filter(lambda text: not NO_VERSION.match(text))


@pytest.fixture(scope="module")
def rpm(oracle: Start) -> Compare:
    return oracle("sh", "-c", """exec rpm --eval "%{lua: $(sed '/^--/d' "$0")}" """, "{oracles}/rpm.lua")


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("rpm")
def test_all_pairs_in_the_list_are_as_rpm_says(rpm: Compare, rising: Rising) -> None:
    pairs = list(itertools.combinations(itertools.chain(*rising("rpm")), 2))
    assert [pair for pair in pairs if rpm(*pair) != sign(*pair)] == []


@needs.tool("rpm")
@settings(max_examples=500, deadline=None)
@given(one=VERSION, two=VERSION)
def test_rpm_agrees(rpm: Compare, one: str, two: str) -> None:
    assert sign(one, two) == rpm(one, two)


@pytest.mark.parametrize("text", ["1:", "-1", "0:-1", "1\x00-1", "1.0-é"])
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not an RPM version: "):
        key(text)


@pytest.mark.parametrize(
    ("installed", "fixed", "is_fixed"),
    [
        pytest.param("1.2-3.el9", "1.2", True, id="advisory without release"),
        pytest.param("1.2-3.el9", "0:1.2-3.el9", True, id="epoch 0 is no epoch"),
        pytest.param("1.2-3.el9", "1.2-3.el9_1", False, id="minor release"),
        pytest.param("1.2-3.el9", "1:1.0-1.el9", False, id="epoch"),
        pytest.param("1.2~rc1-3.el9", "1.2", False, id="release candidate"),
        pytest.param("1.2^git1-3.el9", "1.2-4", True, id="snapshot after the release"),
    ],
)
def test_against_an_advisory(installed: str, fixed: str, *, is_fixed: bool) -> None:
    assert (key(installed) >= key(fixed)) is is_fixed
