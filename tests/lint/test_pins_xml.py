from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.lint.pins_xml import Start, events

NONE: frozenset[str] = frozenset()


def read(text: bytes, starts: str = "", texts: str = "", size: int = 7) -> list[object]:
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    return list(events(pieces, "x", frozenset(starts.split()), frozenset(texts.split())))


def test_what_is_wanted_in_order() -> None:
    text = b"<r xmlns='urn:a' xmlns:p='urn:b'><n>a&amp;b</n><p:v k='1'>t</p:v><o><n> c\n</n></o><v/><n/></r>"
    expected: list[object] = [("n", "a&b"), Start("v", {"k": "1"}), ("n", " c\n"), Start("v", {}), ("n", "")]
    assert read(text, "v", "n") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not XML: no element found"),
        (b"<a>", "not XML: no element found"),
        (b"<a></b>", "not XML: mismatched tag"),
        (b"junk", "not XML: syntax error"),
        (b"<!DOCTYPE a><a/>", "has a document type"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "has a document type"),
        (b"<a>&undefined;</a>", "not XML: undefined entity"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "not XML: unknown encoding"),
    ],
)
def test_refused(text: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=f"x: {said}"):
        read(text, "a", "b")


def test_a_text_without_end_ends() -> None:
    with pytest.raises(LimitError, match="<n> has over 4096 characters"):
        read(b"<n>" + b"y " * 5000 + b"</n>", "", "n", 100)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet="<>/na='\"&;!?- ]", max_size=60).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    try:
        read(data, "a", "n")
    except LadingError:
        return
