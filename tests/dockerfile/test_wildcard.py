from __future__ import annotations

import pytest

from lading.dockerfile.wildcard import Wildcard, is_wildcard
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        pytest.param("*.go", "a.go", True, id="star"),
        pytest.param("*.go", "d/a.go", False, id="star-stops-at-slash"),
        pytest.param("d*/*", "d1/a", True, id="two-parts"),
        pytest.param("a?c", "a/c", False, id="mark-stops-at-slash"),
        pytest.param("a[b/]c", "a/c", True, id="class-takes-slash"),
        pytest.param("[^a-c]x", "dx", True, id="not-these"),
        pytest.param("[^a-c]x", "bx", False, id="these"),
        pytest.param("[b-a]", "a", False, id="empty-range"),
        pytest.param("[^b-a]", "a", True, id="not-an-empty-range"),
        pytest.param("arr[[]0].txt", "arr[0].txt", True, id="bracket-in-brackets"),
        pytest.param(r"a\*b", "a*b", True, id="escaped-star"),
        pytest.param(r"a\\?b", "a\\xb", True, id="escaped-backslash"),
        pytest.param("*a*b", "xaxbxb", True, id="last-star-goes-on"),
        pytest.param("*", "", True, id="nothing"),
        pytest.param("**/a", "x/y/a", False, id="two-stars-are-one"),
        pytest.param("?", "\udcff", True, id="byte-that-is-no-text"),
        pytest.param("*\n", "a\n", True, id="line-end"),
        pytest.param("b*[", "a", False, id="broken-where-nobody-looks"),
    ],
)
def test_fits(pattern: str, path: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Wildcard(pattern).fits(path) is fits


@pytest.mark.parametrize("pattern", ["[", "[]a]", "[a", "[a-]", "[-a]", "a\\", "[^]", "*[", "[\\", "[a-"])
def test_broken(pattern: str) -> None:
    with pytest.raises(MalformedError, match="not a pattern"):
        Wildcard(pattern).fits("a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a*", True), ("a?", True), ("a[", True), (r"a\*\?\[", False), (r"a\\*", True), ("a]", False)],
)
def test_is_wildcard(text: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_wildcard(text) is expected


def test_many_stars_cost_nothing() -> None:
    assert not Wildcard("*a" * 100 + "b").fits("a" * 4000)
