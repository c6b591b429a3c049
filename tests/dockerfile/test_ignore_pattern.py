from __future__ import annotations

import pytest

from lading.dockerfile.ignore_pattern import compiled
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "path", "fits"),
    [
        pytest.param("a.b", "a.b", True, id="plain"),
        pytest.param("a.b", "aXb", False, id="dot-is-a-dot"),
        pytest.param("a/**", "a/b/c", True, id="all-in-a-folder"),
        pytest.param("a/**", "a", False, id="not-the-folder"),
        pytest.param("a**", "abc/d", True, id="stars-behind-a-name"),
        pytest.param("**/a", "b/c/a", True, id="anywhere"),
        pytest.param("**/a", "a", True, id="anywhere-is-also-here"),
        pytest.param("**a", "b/ca", True, id="stars-before-a-name"),
        pytest.param("**", "x/y", True, id="all"),
        pytest.param("*.md", "d/a.md", False, id="star-stops-at-slash"),
        pytest.param("a/**/b", "a/b", True, id="no-folder-between"),
        pytest.param("a/**/b", "a/x/y/b", True, id="folders-between"),
        pytest.param("**/*.py[co]", "x/a.pyc", True, id="class"),
        pytest.param("[^a]b", "/b", True, id="class-takes-slash"),
        pytest.param("[[:digit:]]", "7", True, id="named-class"),
        pytest.param("[[:^digit:]]", "7", False, id="not-a-named-class"),
        pytest.param(r"x*[\d-]", "x-", True, id="set-before-hyphen"),
        pytest.param(r"\*a", "*a", True, id="escaped"),
        pytest.param(r"a\d", "a7", True, id="letters-mean-what-they-mean-to-regular-expressions"),
        pytest.param("a*[*]b", "a[/]b", True, id="star-between-brackets-repeats-them"),
        pytest.param("a^b", "a^b", True, id="start-mark-alone"),
        pytest.param("*^b", "a^b", False, id="start-mark-in-an-expression"),
        pytest.param("**/x/**/*y*", "x/y", True, id="followed-step-by-step"),
        pytest.param("**/x/**/*y*", "a/x/b/c/zyz", True, id="followed-far"),
        pytest.param("**/x/**/*y*", "a/x/b/yc/z", False, id="followed-in-vain"),
        pytest.param("**/x/**/*y*", "a\n/x/y", False, id="no-folder-has-a-line-end-in-go"),
    ],
)
def test_fits(text: str, path: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    assert compiled(text).fits(path) is fits


@pytest.mark.parametrize(
    "text", ["!", "[", "a*[z", "x*[z-a]", r"a\p", r"a\Q", "[]", r"x*\é", "a*[[:word:", "[[:d:]]", "*\\"]
)
def test_broken(text: str) -> None:
    with pytest.raises(MalformedError):
        compiled(text)


@pytest.mark.parametrize(
    ("text", "prefix"), [("a/b", "a/b"), ("a/b*", "a"), ("!a/**/b", "a"), ("*", ""), ("a/b?/c", "a")]
)
def test_prefix(text: str, prefix: str) -> None:
    assert compiled(text).prefix == prefix


@pytest.mark.parametrize("text", ["*a" * 60 + "b", "**/a/" * 60 + "b", "[a-z]*" * 60 + "0"])
def test_no_pattern_takes_its_time(text: str) -> None:
    """A regular expression that goes back and forth would not end here."""
    assert not compiled(text).fits("a/" * 300 + "a" * 300)
