from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.report.markup import address, escape, mono
from lading.report.text import clean


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("<b a='1'>&\"", "&lt;b a=&#x27;1&#x27;&gt;&amp;&quot;"),
        ("\x1b\u202e", r"\x1b\u202e"),
        ("x" * 1001, "x" * 999 + "…"),
        ("x" * 1000, "x" * 1000),
    ],
    ids=["markup", "unprintable", "too-long", "not-too-long"],
)
def test_escape(raw: str, written: str) -> None:
    assert escape(raw) == written


@given(st.text(max_size=200))
def test_it_is_shown_as_it_is(raw: str) -> None:
    written = escape(raw)
    assert not set(written) & set("<>\"'")
    assert html.unescape(written) == clean(raw)


def test_mono() -> None:
    assert mono("<") == '<span class="mono">&lt;</span>'


def test_an_address_is_never_cut() -> None:
    url = "https://example.com/?a=1&b=" + "x" * 1900
    assert html.unescape(address(url)) == url
