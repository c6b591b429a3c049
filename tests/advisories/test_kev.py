from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from lading.advisories.kev import parse
from lading.errors import LadingError, MalformedError

GOOD = json.dumps(
    {
        "dateReleased": "2025-01-01T00:00:00Z",
        "vulnerabilities": [
            {"cveID": "CVE-2024-0002", "x": 1},
            {"cveID": "CVE-2024-0001"},
            {"cveID": "no"},
            {},
        ],
    }
).encode()


def test_parse() -> None:
    assert parse(GOOD) == ([("CVE-2024-0001", 1.0), ("CVE-2024-0002", 1.0)], "2025-01-01T00:00:00Z")


def test_the_real_catalogue() -> None:
    values, released = parse((needs.mirror() / "kev" / "known_exploited_vulnerabilities.json").read_bytes())
    assert (len(values), released) == (1404, "2025-08-25T17:04:19.9796Z")
    assert ("CVE-2021-44228", 1.0) in values


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a catalogue"),
        (b"<html>", "not a catalogue"),
        (b"{}", "not a catalogue"),
        (b'{"vulnerabilities": []}', "lists none"),
        (b'{"vulnerabilities": [{"cveID": "x"}]}', "lists none"),
        (b'{"vulnerabilities": [7]}', "not a catalogue"),
        (GOOD[:-1], "not a catalogue"),
        (b"[" * 100_000, "not a catalogue"),
        (b'{"\xff": 1}', "not a catalogue|lists none"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_catalogue_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        parse(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_any_byte_changed(place: int, byte: int) -> None:
    data = bytearray(GOOD)
    data[place] = byte
    with suppress(LadingError):
        assert parse(bytes(data))[0]
