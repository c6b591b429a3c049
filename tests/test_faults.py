from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import faults


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/a", "https://h/a"),
        ("https://u:p@h:1/a?b=c#d", "https://h:1/a?..."),
        ("https://u:p@h?x", "https://h?..."),
        ("https://h/a#f", "https://h/a?..."),
        ("https://u:p/w@h/a", "https://u:p/w@h/a"),  # a slash ends the host: nothing before it is a user
        ("https://u@x:p@h/a", "https://h/a"),
        ("/v2/x?sig=1", "/v2/x?..."),
        ("https://h/\x1b[31m\n", "https://h/?[31m?"),
    ],
)
def test_redact(url: str, shown: str) -> None:
    assert faults.redact(url) == shown


@given(st.text(max_size=60), st.text("abc", min_size=3, max_size=9))
@settings(deadline=None)
def test_redact_hides_the_query(rest: str, secret: str) -> None:
    shown = faults.redact(f"https://host/?{rest}{secret}")
    assert shown == "https://host/?..."


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "9" * 100}, 999999999.0),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "\u0663"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "Wed, 21 Oct 2015 07:27:00 GMT"}, 60.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "Wed, 21 Oct 2015 07:29:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 99 Oct 99999 07:28:00", "Date": "x"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert faults.retry_after_s(headers) == seconds


@given(st.binary(max_size=200), st.sampled_from(["", "text/plain", "application/json"]))
@settings(deadline=None)
def test_reason_stands_any_body(body: bytes, kind: str) -> None:
    text = faults.reason(body, kind)
    assert len(text) <= 200
    assert all(char.isprintable() for char in text)
