from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.report.links import advisory, web


@pytest.mark.parametrize(
    ("id_", "url"),
    [
        pytest.param("CVE-2024-1", "https://osv.dev/vulnerability/CVE-2024-1", id="cve"),
        pytest.param("TEMP-0000000-A1B2C3", "https://osv.dev/vulnerability/TEMP-0000000-A1B2C3", id="debian"),
        pytest.param("RHSA-2024:1", "https://osv.dev/vulnerability/RHSA-2024%3A1", id="colon"),
        pytest.param("../../x", "", id="path"),
        pytest.param("CVE-1\n", "", id="line-end"),
        pytest.param("CVE 1", "", id="space"),
        pytest.param("A" * 100, "", id="long"),
        pytest.param("", "", id="empty"),
    ],
)
def test_advisory(id_: str, url: str) -> None:
    assert advisory(id_) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://example.com/a?b=c#d", "https://example.com/a?b=c#d", id="whole"),
        pytest.param("http://example.com:8080", "http://example.com:8080", id="port"),
        pytest.param("https://example.com/é <b>", "https://example.com/%C3%A9%20%3Cb%3E", id="escaped"),
        pytest.param("https://example.com/%20", "https://example.com/%20", id="escaped-already"),
        pytest.param("https://example.com/a'b\"", "https://example.com/a%27b%22", id="quotes"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("JavaScript://x/%0aalert(1)", "", id="script-like-an-address"),
        pytest.param("data:text/html,x", "", id="data"),
        pytest.param("https://user:pass@example.com/", "", id="credentials"),
        pytest.param("https://example.com\\@evil.example", "", id="backslash"),
        pytest.param("https://ex\u0430mple.com", "", id="homograph"),
        pytest.param("https://example.com/\u202e", "", id="override"),
        pytest.param("https://example.com/\n", "", id="line-end"),
        pytest.param("https://example.com/" + "a" * 2000, "", id="long"),
        pytest.param("//example.com", "", id="no-scheme"),
        pytest.param("", "", id="empty"),
    ],
)
def test_web(url: str, shown: str) -> None:
    assert web(url) == shown


@given(st.text() | st.text().map("https://example.com/".__add__))
def test_an_address_is_ascii_without_quotes_and_brackets(url: str) -> None:
    assert not set(web(url)) & set("<>\"'` \\\n")
    assert web(url).isascii()
