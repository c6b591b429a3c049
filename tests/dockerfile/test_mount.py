from __future__ import annotations

import contextlib
import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import mount
from lading.dockerfile.mount import Mount
from lading.errors import MalformedError


def test_parse() -> None:
    made = mount.parse("TYPE=Cache,dst=/x,src=a,ro,sharing=locked,colour=red,id=a=b")
    assert made == Mount(
        {
            "type": "Cache",
            "target": "/x",
            "source": "a",
            "readonly": None,
            "sharing": "locked",
            "colour": "red",
            "id": "a=b",
        },
        ("colour",),
    )
    assert made.type == "cache"
    assert mount.parse("target=/x").type == mount.parse("type").type == "bind"


def test_from_takes_no_variable() -> None:
    with pytest.raises(MalformedError, match="from= takes no variable"):
        mount.parse("from=$x")
    assert mount.parse("from=x$,target=$y").options == {"from": "x$", "target": "$y"}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ("a",)),
        ("a,b", ("a", "b")),
        ("a,,", ("a", "", "")),
        ('"a,""b"', ('a,"b',)),
        ('a,"b",c', ("a", "b", "c")),
    ],
)
def test_fields(text: str, fields: tuple[str, ...]) -> None:
    assert mount.fields(text) == fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing is given"),
        ('a"b', "a quote within"),
        ('"a', "not closed"),
        ('"a"b', "other than a comma"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        mount.fields(text)


@given(st.text('ab",= ', max_size=16))
def test_agrees_with_csv(text: str) -> None:
    with contextlib.suppress(MalformedError):
        assert list(mount.fields(text)) == next(csv.reader([text], strict=True))
