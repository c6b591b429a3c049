from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.inventory import java_text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"A: b\nC-D: e f\n", {"a": "b", "c-d": "e f"}, id="plain"),
        pytest.param(b"A: b\r\n c\r\n d\r\nE: f", {"a": "bcd", "e": "f"}, id="continued"),
        pytest.param(b"A: \xc3\r \xa9\r", {"a": "\xe9"}, id="continued-within-a-letter"),
        pytest.param(b"A: b\n\nName: x/Y.class\nC: d\n", {"a": "b"}, id="only-the-main-attributes"),
        pytest.param(b"\n\nA: b\n", {"a": "b"}, id="empty-lines-first"),
        pytest.param(b"\xef\xbb\xbfA: b: c", {"a": "b: c"}, id="byte-order-mark"),
        pytest.param(b"A: b\na: c\nnonsense\n", {"a": "b"}, id="first-wins"),
        pytest.param(b" x\nA: b", {"a": "b"}, id="continues-nothing"),
        pytest.param(b"A: \xff", {"a": "\ufffd"}, id="not-utf8"),
    ],
)
def test_manifest(content: bytes, expected: dict[str, str]) -> None:
    assert java_text.manifest(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"#Created by Apache Maven 3.6\nversion=1.0\r\ngroupId=a.b\n",
            {"version": "1.0", "groupId": "a.b"},
            id="maven",
        ),
        pytest.param(b"a : b\n! c\n\nd\n=e\n", {"a": "b"}, id="colon-comment-and-nonsense"),
        pytest.param(b"a=https\\://b=c", {"a": "https://b=c"}, id="escaped"),
    ],
)
def test_properties(content: bytes, expected: dict[str, str]) -> None:
    assert java_text.properties(content) == expected


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes(junk: bytes) -> None:
    java_text.manifest(junk)
    java_text.properties(junk)
