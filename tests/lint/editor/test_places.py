from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, Range

from lading.dockerfile.source import Span
from lading.lint.editor.places import Places, whole

CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
# What may be on a line, and what may end one, some of what Python's own lines end with among the former.
TEXTS = st.lists(st.sampled_from("a# \u00e9\u4e2d\U0001f600\u2028\x0b\x0c\x85\x1c\0\t\n\r"), max_size=30).map(
    "".join
)


def position_by_hand(text: str, offset: int, encoding: str) -> Position:
    """Walk there, a character at a time."""
    line = column = at = 0
    while at < offset:
        if text[at] == "\n" or text[at] == "\r":
            step = 2 if text.startswith("\r\n", at) else 1
            if at + step > offset:
                break
            at, line, column = at + step, line + 1, 0
        else:
            column += len(text[at].encode(CODECS[encoding])) // SIZES[encoding]
            at += 1
    return Position(line, column)


@pytest.mark.parametrize(
    ("text", "offset", "encoding", "place"),
    [
        ("", 0, "utf-16", (0, 0)),
        ("ab\ncd", 4, "utf-16", (1, 1)),
        ("ab\n", 3, "utf-16", (1, 0)),
        ("ab\r\ncd", 3, "utf-16", (0, 2)),  # between the two that end the line
        ("ab\r\ncd", 4, "utf-16", (1, 0)),
        ("a\rb\r\nc", 2, "utf-16", (1, 0)),
        ("a\rb\r\nc", 5, "utf-16", (2, 0)),
        ("a\u2028b\x0cc\n", 4, "utf-16", (0, 4)),  # none of these ends a line
        ("\ufeffFROM", 1, "utf-16", (0, 1)),
        ("\U0001f600x", 1, "utf-16", (0, 2)),
        ("\U0001f600x", 1, "utf-8", (0, 4)),
        ("\U0001f600x", 1, "utf-32", (0, 1)),
        ("\u00e9x", 1, "utf-8", (0, 2)),
        ("\U0001f600x", 1, "an-encoding-that-nobody-has", (0, 2)),
    ],
)
def test_position(text: str, offset: int, encoding: str, place: tuple[int, int]) -> None:
    assert Places(text, encoding).position(offset) == Position(*place)


@pytest.mark.parametrize(
    ("text", "place", "encoding", "offset"),
    [
        ("ab\ncd", (0, 99), "utf-16", 2),
        ("ab\r\ncd", (0, 3), "utf-16", 2),
        ("ab\ncd", (9, 0), "utf-16", 5),
        ("ab\n", (1, 0), "utf-16", 3),
        ("", (0, 5), "utf-16", 0),
        ("\U0001f600x", (0, 1), "utf-16", 0),  # in the middle of a character
        ("\U0001f600x", (0, 3), "utf-8", 0),
        ("\U0001f600x", (0, 4), "utf-8", 1),
        ("\U0001f600x", (0, 99), "utf-8", 2),
    ],
)
def test_offset(text: str, place: tuple[int, int], encoding: str, offset: int) -> None:
    assert Places(text, encoding).offset(Position(*place)) == offset


@given(TEXTS, st.sampled_from(sorted(CODECS)), st.data())
def test_there_and_back(text: str, encoding: str, data: st.DataObject) -> None:
    places = Places(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    position = places.position(offset)
    assert position == position_by_hand(text, offset, encoding)
    inside = offset > 0 and text[offset - 1 : offset + 1] == "\r\n"
    assert places.offset(position) == offset - inside


def test_ranges() -> None:
    places = Places("ab\ncd\n")
    assert places.range(Span(1, 4)) == Range(Position(0, 1), Position(1, 1))
    assert places.span(Range(Position(0, 1), Position(1, 1))) == Span(1, 4)
    assert places.span(Range(Position(1, 1), Position(0, 1))) == Span(4, 4), "the wrong way round"


@pytest.mark.parametrize(
    ("text", "made"),
    [("plain", "plain"), ("\u00e9\U0001f600", "\u00e9\U0001f600"), ("a\ud83dz\udc80", "a\ufffdz\ufffd")],
)
def test_halves_of_characters(text: str, made: str) -> None:
    assert whole(text) == made
    whole(text).encode()
