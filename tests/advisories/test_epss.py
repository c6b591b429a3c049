from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.advisories import epss
from lading.errors import LadingError, LimitError, MalformedError

PLAIN = b"""#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z
cve,epss,percentile
CVE-1999-0001,0.01141,0.77688
CVE-2021-44228,0.94358,0.99957
"""
READ = ([("CVE-1999-0001", 0.01141), ("CVE-2021-44228", 0.94358)], "2025-08-25T12:55:00Z")
PACKED = gzip.compress(PLAIN)


@pytest.mark.parametrize(
    "data", [PLAIN, PACKED, PLAIN.replace(b"\n", b"\r\n")], ids=["plain", "gzip", "crlf"]
)
def test_parse(data: bytes) -> None:
    assert epss.parse(data) == READ


def test_without_a_comment_there_is_no_date() -> None:
    assert epss.parse(PLAIN.partition(b"\n")[2]) == (READ[0], "")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a list"),
        (b"<html></html>", "not a list"),
        (PLAIN.partition(b"CVE")[0], "without a score"),
        (PLAIN + b"CVE-2024-0001,1.5,0\n", "not a line"),
        (PLAIN + b"CVE-2024-0001,nan,0\n", "not a line"),
        (PLAIN + b"CVE-2024-0001\n", "not a line"),
        (PLAIN + b"GHSA-x,0.5,0.5\n", "not a line"),
        (PACKED[:-1], "ends too early"),
        (PACKED[:40], "ends too early"),
        (PACKED[:-8] + b"\0" * 8, "broken gzip"),
        (b"\x1f\x8b", "ends too early"),
    ],
    ids=lambda value: repr(value)[-20:],
)
def test_what_is_no_list_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        epss.parse(data)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epss, "MAX_BYTES", 1000)
    with pytest.raises(LimitError, match="more than 1000 bytes"):
        epss.parse(gzip.compress(b"\0" * 10_000_000))


@given(place=st.integers(0, len(PACKED) - 1), byte=st.integers(0, 255), packed=st.booleans())
def test_any_byte_changed(place: int, byte: int, *, packed: bool) -> None:
    data = bytearray(PACKED if packed else PLAIN)
    data[place] = byte
    with suppress(LadingError):
        assert epss.parse(bytes(data))[0]
