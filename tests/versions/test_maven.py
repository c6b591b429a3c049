from __future__ import annotations

import itertools
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.maven import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

PIECE = st.sampled_from(
    [
        *("0", "0", "1", "2", "10", "00", "a", "b", "m", "alpha", "rc", "CR", "snapshot", "ga", "final"),
        *("sp", "foo", "xyz", "1a", "rc1", "_", "+b"),
    ]
)
VERSION = st.builds(
    lambda first, rest: first + "".join(itertools.chain(*rest)),
    st.sampled_from(["1", "1", "0", "2", "a"]),
    st.lists(st.tuples(st.sampled_from([".", "-", ""]), PIECE), max_size=4),
)
NUMBERS = st.lists(st.sampled_from(["0", "1", "2", "10", "00", "01"]), min_size=1, max_size=5).map(".".join)
# The marks of a key. What is below the end and what is above it, and a mark that is of one kind with another.
BELOW, ABOVE = range(0x01, 0x09), range(0x0A, 0x10)
OTHER_WORD, NUMBER_MARK = 0x0C, 0x0F
SAME_KIND = {0x0A: 0x06, 0x0D: 0x07, 0x0E: 0x08}
KIND = {0x07: 1, 0x0D: 1, 0x08: 2, 0x0E: 2, 0x0F: 2}  # lists are above words (0), numbers above both


@pytest.fixture(scope="module")
def maven(oracle: Start) -> Compare:
    home = Path(shutil.which("mvn") or "").resolve().parents[1]
    jar = next((home / "lib").glob("maven-artifact-3*.jar"))
    with zipfile.ZipFile(jar) as archive:
        properties = archive.read("META-INF/maven/org.apache.maven/maven-artifact/pom.properties").decode()
    if "version=3.8." not in properties:
        pytest.skip(f"another order than that of Maven 3.8: {properties!r}")
    return oracle("java", "-cp", str(jar), "{oracles}/Maven.java")


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


def marks(sort_key: bytes) -> Iterator[tuple[int, bytes]]:
    """Take a key apart: marks, each with the number or word that it carries."""
    at = 0
    while at < len(sort_key):
        mark, end = sort_key[at], at + 1
        if mark == NUMBER_MARK:
            end += sort_key[end]
        elif mark == OTHER_WORD:
            end = sort_key.index(0, end) + 1
        yield mark, sort_key[at + 1 : end]
        at = end


def in_a_circle(one: str, two: str) -> bool:
    """Tell whether the end stands between the two, where Maven looks only at what kind they are."""
    for (mark_1, carried_1), (mark_2, carried_2) in zip(marks(key(one)), marks(key(two)), strict=False):
        if (SAME_KIND.get(mark_1, mark_1), carried_1) != (SAME_KIND.get(mark_2, mark_2), carried_2):
            low, high = sorted((mark_1, mark_2))
            return low in BELOW and high in ABOVE and KIND.get(low, 0) > KIND.get(high, 0)
    return False


@needs.tool("java", "mvn")
def test_all_pairs_in_the_list_are_as_maven_says(maven: Compare, rising: Rising) -> None:
    pairs = list(itertools.combinations(itertools.chain(*rising("maven")), 2))
    assert [pair for pair in pairs if maven(*pair) != sign(*pair)] == []


@needs.tool("java", "mvn")
@settings(max_examples=800, deadline=None)
@given(one=VERSION, two=VERSION)
def test_maven_agrees(maven: Compare, one: str, two: str) -> None:
    assert in_a_circle(one, two) or sign(one, two) == maven(one, two)


@needs.tool("java", "mvn")
@settings(max_examples=300, deadline=None)
@given(one=NUMBERS, two=NUMBERS)
def test_maven_agrees_on_numbers(maven: Compare, one: str, two: str) -> None:
    assert not in_a_circle(one, two)
    assert sign(one, two) == maven(one, two)


@needs.tool("java", "mvn")
@pytest.mark.parametrize(
    "circle",
    [("1-alpha", "1", "1.foo.1"), ("1.0.rc.1", "1", "1-1"), ("1.0.rc.1", "1", "1.foo.1")],
    ids=["list-and-word", "zero-and-list", "zero-and-word"],
)
def test_maven_goes_in_a_circle(maven: Compare, circle: tuple[str, str, str]) -> None:
    low, end, high = circle
    assert [maven(low, end), maven(end, high), maven(high, low)] == [-1, -1, -1]
    assert key(low) < key(end) < key(high)


@pytest.mark.parametrize("text", [" ", "1 0", "1\t0", "1\x000", "1.é"])
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a Maven version: "):
        key(text)


def test_deep_nesting() -> None:
    deep = "1a" * 2**14
    assert key(deep[:-1]) < key(deep)
