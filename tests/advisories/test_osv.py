from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.advisories.osv import Affected, Event, PackageName, Range, Record, decode
from lading.errors import LadingError, MalformedError

GOOD: dict[str, Any] = {
    "id": "X-1",
    "modified": "2024-01-01T00:00:00Z",
    "aliases": ["CVE-2024-1"],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "a"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1"}]}],
        }
    ],
    "something": {"new": [1, 2, 3]},
}
READ = Record(
    id="X-1",
    modified="2024-01-01T00:00:00Z",
    aliases=["CVE-2024-1"],
    affected=[
        Affected(PackageName("PyPI", "a"), [Range("ECOSYSTEM", [Event(introduced="0"), Event(fixed="1")])])
    ],
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def changed(**fields: Any) -> bytes:  # noqa: ANN401 -- any JSON value
    return json.dumps({**GOOD, **fields}).encode()


def test_the_needed_fields_are_read() -> None:
    assert decode(json.dumps(GOOD).encode()) == (READ, True)


@pytest.mark.parametrize(
    ("fields", "expected", "whole"),
    [
        pytest.param({"aliases": None}, {"aliases": None}, True, id="null"),
        pytest.param({"references": "none"}, {"references": None}, True, id="references-a-text"),
        pytest.param({"summary": ["a"]}, {"summary": None}, True, id="summary-a-list"),
        pytest.param(
            {"aliases": ["CVE-2024-1", 7]}, {"aliases": ["CVE-2024-1"]}, False, id="one-alias-a-number"
        ),
        pytest.param({"affected": "all"}, {"affected": None}, False, id="affected-a-text"),
        pytest.param(
            {"affected": [*GOOD["affected"], {"package": 7}]},
            {"affected": READ.affected},
            False,
            id="one-affected-broken",
        ),
        pytest.param({"database_specific": ["x"]}, {"database_specific": None}, False, id="specific-a-list"),
        pytest.param({"withdrawn": 7}, {"withdrawn": None}, False, id="withdrawn-a-number"),
    ],
)
def test_a_field_of_a_wrong_type_costs_that_field(
    fields: dict[str, Any], expected: dict[str, Any], *, whole: bool
) -> None:
    record, complete = decode(changed(**fields))
    assert {name: getattr(record, name) for name in expected} == expected
    assert complete is whole
    assert record.modified == READ.modified


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an OSV record"),
        (b"{", "not an OSV record"),
        (b"[]", "without an id"),
        (b"{}", "without an id"),
        (b'{"id": ""}', "without an id"),
        (b'{"id": 7}', "without an id"),
        (b'{"id": "X", "affected": 7, "id": 8}', "without an id"),
        (b'{"id": "\xff"}', "not an OSV record"),
        (b'{"id": "X", "related": "\xff"}', "not an OSV record"),
        (b'{"id": "X", "x": ' + b"[" * 100_000, "not an OSV record"),
        (json.dumps(GOOD).encode()[:-1], "not an OSV record"),
    ],
    ids=str,
)
def test_what_is_no_record_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message) as error:
        decode(data, "here")
    assert error.value.where == "here"


@given(st.sampled_from([*READ.__struct_fields__, "x"]), VALUES)
def test_any_value_in_any_field(name: str, value: object) -> None:
    try:
        record, _ = decode(json.dumps({**GOOD, name: value}).encode())
    except LadingError:
        assert name == "id"
    else:
        assert isinstance(record, Record)


@given(st.integers(0, len(json.dumps(GOOD)) - 1), st.integers(0, 255))
def test_any_byte_changed(place: int, byte: int) -> None:
    data = bytearray(json.dumps(GOOD).encode())
    data[place] = byte
    with suppress(MalformedError):
        decode(bytes(data))
