from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.composer import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

# php-composer-semver of Debian; another place is nobody's habit on a system that tests run on.
SEMVER = Path("/usr/share/php/Composer/Semver/autoload.php")
NUMBERS = st.lists(st.sampled_from(["0", "1", "2", "10", "01", "2024"]), min_size=1, max_size=4).map(".".join)
DATES = st.sampled_from(["20240101", "2024-01-02", "2024.01.02.10", "202401021530", "2024:01"])
STABILITY = st.sampled_from(["alpha", "a", "beta", "B", "rc", "RC", "pl", "p", "patch", "stable"])
VERSION = st.builds(
    lambda *pieces: "".join(pieces),
    st.sampled_from(["", "", "v"]),
    st.one_of(NUMBERS, NUMBERS, NUMBERS, DATES),
    st.one_of(
        st.just(""),
        st.builds(
            lambda *pieces: "".join(pieces),
            st.sampled_from(["", "-", ".", "_"]),
            STABILITY,
            st.sampled_from(["", "1", "2", ".2", "-10", "1.1"]),
        ),
    ),
    st.sampled_from(["", "", "", "-dev", ".dev", "dev", ".x-dev", "+build", "@beta"]),
)
NEAR = st.text("01.xv-abdevrcp+@", max_size=8)


@pytest.fixture(scope="module")
def composer(oracle: Start, must_exist: Callable[[Path, str], Path]) -> Compare:
    return oracle("php", "{oracles}/composer.php", str(must_exist(SEMVER, "php-composer-semver")))


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("php")
def test_all_pairs_in_the_list_are_as_composer_says(composer: Compare, rising: Rising) -> None:
    pairs = list(itertools.combinations(itertools.chain(*rising("composer")), 2))
    assert [pair for pair in pairs if composer(*pair) != sign(*pair)] == []


@needs.tool("php")
@settings(max_examples=700, deadline=None)
@given(one=VERSION, two=VERSION)
def test_composer_agrees(composer: Compare, one: str, two: str) -> None:
    expected = composer(one, two)
    if expected is None:
        with pytest.raises(MalformedError, match=r"^not a Composer version: "):  # noqa: PT012 - either
            key(one)
            key(two)
    else:
        assert sign(one, two) == expected


@needs.tool("php")
@settings(max_examples=500, deadline=None)
@given(text=NEAR)
def test_what_composer_refuses_is_malformed(composer: Compare, text: str) -> None:
    if composer(text, text) is None or text.lower().startswith("dev-"):
        with pytest.raises(MalformedError, match=r"^not a Composer version: "):
            key(text)
    else:
        assert key(text)


@pytest.mark.parametrize(
    "text",
    [
        "dev-main",
        "dev-1.0",
        "master",
        "trunk",
        "feature-dev",
        "1.0 as 2.0",
        "1.0-1",
        "1.0.0.0.1",
        "1.0-foo",
        "^1.0",
        "12345678901234567890123",
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a Composer version: "):
        key(text)
