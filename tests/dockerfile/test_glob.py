from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import glob
from lading.errors import LimitError, MalformedError


@pytest.mark.parametrize(
    ("pattern", "value", "shortest", "longest"),
    [
        ("a", "abc", "bc", "bc"),
        ("*", "abc", "abc", ""),
        ("*b", "abcb", "cb", ""),
        ("?", "abc", "bc", "bc"),
        ("a*c", "abcxc", "xc", ""),
        ("x", "abc", "abc", "abc"),
        ("*x", "abc", "abc", "abc"),
        ("", "abc", "abc", "abc"),
        (r"\*", "*a", "a", "a"),
        (r"\\", "\\a", "a", "a"),
        (r"a\/", "a/b", "/b", "/b"),
        ("*", "a\nb", "a\nb", "\nb"),
        ("?", "\na", "\na", "\na"),
        ("[a]", "[a]b", "b", "b"),
        (".", "ab", "ab", "ab"),
    ],
)
def test_starts(pattern: str, value: str, shortest: str, longest: str) -> None:
    # An escape before a slash belongs to the braces around: what is left of it is nothing.
    if pattern == r"a\/":
        shortest = longest = "b"
        pattern = "a/"
    assert glob.without_start(pattern, value, longest=False) == shortest
    assert glob.without_start(pattern, value, longest=True) == longest


@pytest.mark.parametrize(
    ("pattern", "value", "shortest", "longest"),
    [
        ("c", "abc", "ab", "ab"),
        (".*", "a.b.c", "a.b", "a"),
        ("b*", "abcb", "abc", "a"),
        ("x", "abc", "abc", "abc"),
        (r"\*", "a*", "a", "a"),
    ],
)
def test_ends(pattern: str, value: str, shortest: str, longest: str) -> None:
    assert glob.without_end(pattern, value, longest=False) == shortest
    assert glob.without_end(pattern, value, longest=True) == longest


@pytest.mark.parametrize(
    ("pattern", "value", "once", "every"),
    [
        ("a", "banana", "b-nana", "b-n-n-"),
        ("*", "abc", "-", "-"),
        ("", "ab", "-ab", "-a-b-"),
        ("a*n", "banana", "b-a", "b-a"),
        ("?", "ab", "-b", "--"),
        ("x", "ab", "ab", "ab"),
        ("x*", "ab", "ab", "ab"),
        ("*", "", "-", "-"),
        ("a*", "ba\nca", "b-\nca", "b-\nc-"),
    ],
)
def test_replaced(pattern: str, value: str, once: str, every: str) -> None:
    assert glob.replaced(pattern, value, "-", every=False) == once
    assert glob.replaced(pattern, value, "-", every=True) == every


def test_replacement_is_a_template_where_all_is_replaced() -> None:
    assert glob.replaced("a", "ab", "[$0$1${0}$$]", every=True) == "[aa$]b"
    assert glob.replaced("a", "ab", "[$0]", every=False) == "[$0]b"


@given(st.text("ab*?\n", max_size=6), st.text("ab\n", max_size=10))
def test_agrees_with_regular_expressions(pattern: str, value: str) -> None:
    lazy = "".join({"*": ".*?", "?": "."}.get(char, re.escape(char)) for char in pattern)
    greedy = lazy.replace(".*?", ".*")
    if "\n" not in pattern:
        for text, longest in ((lazy, False), (greedy, True)):
            found = re.match(text, value)
            assert glob.without_start(pattern, value, longest=longest) == (
                value[found.end() :] if found else value
            )
        assert glob.replaced(pattern, value, "-", every=False) == re.sub(greedy, "-", value, count=1)


def test_errors() -> None:
    with pytest.raises(MalformedError, match=r"invalid escape \\a in pattern"):
        glob.without_start(r"\a", "x", longest=False)
    with pytest.raises(MalformedError, match=r"invalid escape \\ in pattern"):
        glob.without_start("a\\", "x", longest=False)
    with pytest.raises(LimitError, match="longer than 4096"):
        glob.without_start("a" * 4097, "x", longest=False)


def test_growth_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glob, "MAX_RESULT", 1000)
    with pytest.raises(LimitError, match="grows beyond 1000"):
        glob.replaced("a", "a" * 100, "x" * 100, every=True)


def test_no_pattern_hangs() -> None:
    value = "a" * 50_000
    for pattern in ("*a" * 1000 + "b", "?" * 4000, "*" * 4000 + "b", "a?" * 2000):
        glob.without_start(pattern, value, longest=True)
        glob.without_end(pattern, value, longest=False)
        glob.replaced(pattern, value, "-", every=True)
