"""XML from outside: what is handed on, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import elements
from lading.elements import Element, Limits
from lading.errors import LadingError, LimitError, MalformedError

LIMITS = Limits(max_depth=3, max_text_chars=5)


def read(data: bytes, between: str | None = None) -> list[Element | str]:
    found: list[Element | str] = []
    elements.read(data, "a.xml", found.append, found.append, limits=LIMITS, between=between)
    return found


def test_elements_come_with_their_lines_and_texts() -> None:
    text = b"<a>\n<b k='1&lt;'>x&amp;<!-- no --><![CDATA[<]]></b> y\n<p:c/>z</a>"
    assert read(text) == [
        Element("a", {}, 1),
        Element("b", {"k": "1<"}, 2),
        "x&<",
        Element("p:c", {}, 3),
        "",
        "z",
    ]


def test_namespaces_are_told_where_they_are_asked_for() -> None:
    text = b"<a xmlns='urn:x' xmlns:p='urn:y'><p:b/></a>"
    assert [one.tag for one in read(text, "|") if isinstance(one, Element)] == ["urn:x|a", "urn:y|b"]


def test_a_long_text_is_cut() -> None:
    assert read(b"<a>123&amp;" + b"4" * 10**6 + b"</a>") == [Element("a", {}, 1), "123&4"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(b"", "not XML: no element found", id="empty"),
        pytest.param(b"<a><b></a>", "not XML: mismatched tag", id="mismatched"),
        pytest.param(b"<a>", "not XML: no element found", id="cut"),
        pytest.param(b"<a/><b/>", "not XML: junk after document element", id="two"),
        pytest.param(b"<a>\xff</a>", "not XML: not well-formed", id="no-utf-8"),
        pytest.param(b"<a>&b;</a>", "not XML: undefined entity", id="entity"),
        pytest.param(b"<?xml version='1.0' encoding='klingon'?><a/>", "unknown encoding", id="encoding"),
        pytest.param(b"<!DOCTYPE a><a/>", "has a document type definition", id="doctype"),
        pytest.param(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "has a document type", id="bomb"),
        pytest.param(b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "has a document type", id="external"),
    ],
)
def test_what_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=said) as raised:
        read(text)
    assert raised.value.where == "a.xml"


def test_depth_has_a_limit() -> None:
    assert len(read(b"<a><a><a/></a><a/></a>")) == 8
    with pytest.raises(LimitError, match="elements nested over 3 deep"):
        read(b"<a>" * 10**6)


def test_what_a_handler_raises_comes_out() -> None:
    def refuse(element: Element) -> None:
        raise LimitError("one too many", element.tag)

    with pytest.raises(LimitError, match="one too many"):
        elements.read(b"<a/>", "a.xml", refuse, lambda _: None, limits=LIMITS)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet="<>/na='\"&;!?- ]", max_size=60).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    try:
        found = read(data)
    except LadingError:
        return
    assert sum(isinstance(one, Element) for one in found) * 2 == len(found)
