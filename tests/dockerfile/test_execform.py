from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import execform
from lading.dockerfile.execform import Other
from lading.dockerfile.source import Joined


def _read(text: str) -> list[str] | Other:
    found = execform.read(Joined(text, ((0, 0),)))
    return found if isinstance(found, Other) else [word.value for word in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        (' [ "a" , "b" ]\t', ["a", "b"]),
        (r'["\u00e9\n\"", "\ud83d\ude00", "\ud83d"]', ['é\n"', "😀", "\ufffd"]),
        ("a", Other.SHELL),
        ("", Other.SHELL),
        ("[", Other.SHELL),
        ('["a"', Other.SHELL),
        ('["a",]', Other.SHELL),
        ('["a"] b', Other.SHELL),
        ("['a']", Other.SHELL),
        ("[NaN]", Other.SHELL),
        ("[-Infinity]", Other.SHELL),
        ('["\t"]', Other.SHELL),
        ("[ -f a ]", Other.SHELL),
        ("[1]", Other.MIXED),
        ('["a", null]', Other.MIXED),
        ('[["a"]]', Other.MIXED),
        ("[" + "9" * 5000 + "]", Other.MIXED),
        ("[" * 100_000, Other.SHELL),
    ],
)
def test_read(text: str, expected: list[str] | Other) -> None:
    assert _read(text) == expected


def test_spans_have_the_quotes() -> None:
    text = '[ "a", "b\\n" ]'
    found = execform.read(Joined(text, ((0, 10),)))
    assert not isinstance(found, Other)
    assert [text[word.span.start - 10 : word.span.end - 10] for word in found] == ['"a"', '"b\\n"']


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=4), st.booleans())
def test_agrees_with_json(words: list[str], ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    assert _read(json.dumps(words, ensure_ascii=ascii_only)) == words


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=4))
def test_what_is_written_is_read_again(words: list[str]) -> None:
    text = execform.written(words)
    assert text == json.dumps(words, ensure_ascii=False)
    assert _read(text) == words


@given(st.text('[]",\\{}:1nu ab', max_size=20))
def test_any_text(text: str) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        assert _read(text) is Other.SHELL
        return
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        assert _read(text) == value
    else:
        assert isinstance(_read(text), Other)
