from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import words
from lading.dockerfile.source import Joined


def _joined(text: str) -> Joined:
    return Joined(text, ((0, 100),))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a b", ["a", "b"]),
        ("  a  ", ["a"]),
        ("a='b c' d", ["a='b c'", "d"]),
        ('a="b\\" c" d', ['a="b\\" c"', "d"]),
        ("a='b\\' c", ["a='b\\'", "c"]),
        ("a\\ b c", ["a\\ b", "c"]),
        ("a='b c", ["a='b c"]),
        ("a\\", ["a\\"]),
        ("a\u2003b", ["a", "b"]),
        ("", []),
    ],
)
def test_by_quotes(text: str, parts: list[str]) -> None:
    assert [part.text for part in words.by_quotes(_joined(text), "\\")] == parts


def test_by_quotes_with_backtick() -> None:
    assert [part.text for part in words.by_quotes(_joined("a` b c\\ d"), "`")] == ["a` b", "c\\", "d"]


@pytest.mark.parametrize(
    ("text", "flags", "rest"),
    [
        ("--a --b=c d --e", ["--a", "--b=c"], "d --e"),
        ("a --b", [], "a --b"),
        ("--a='b c' d", ["--a=b c"], "d"),
        ('--a="b\\"c" d', ['--a=b"c'], "d"),
        ("--a=b\\ c d", ["--a=b c"], "d"),
        ("-- --a", [], " --a"),
        ("--a -- --b", ["--a"], " --b"),
        ("--a", ["--a"], ""),
        ("--a='b", ["--a=b"], ""),
        ("--a\\", ["--a"], ""),
        ("-a", [], "-a"),
        ("", [], ""),
    ],
)
def test_flags(text: str, flags: list[str], rest: str) -> None:
    found = words.flags(_joined(text), "\\")
    assert [word.value for word in found.words] == flags
    assert text[found.rest :] == rest


def test_spans() -> None:
    text = "--a='b c'  d"
    (flag,) = words.flags(_joined(text), "\\").words
    assert text[flag.span.start - 100 : flag.span.end - 100] == "--a='b c'"
    assert [text[one.span.start - 100 : one.span.end - 100] for one in words.by_blanks(_joined("x  yz"))] == [
        text[0:1],
        text[3:5],
    ]
    first, rest = words.first(_joined("a  b c"))
    assert (first.text, rest.text, rest.at(0)) == ("a", "b c", 103)
    first, rest = words.first(_joined("a"))
    assert (first.text, rest.text) == ("a", "")


@given(st.text("a-='\"\\ \t", max_size=20))
def test_any_text(text: str) -> None:
    found = words.flags(_joined(text), "\\")
    assert 0 <= found.rest <= len(text)
    parts = words.by_quotes(_joined(text), "\\")
    assert "".join("".join(part.text.split()) for part in parts) == "".join(text.split())
    assert [one.value for one in words.by_blanks(_joined(text))] == text.split()
