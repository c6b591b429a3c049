"""Intervals against the schema's own evaluation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import versions
from lading.advisories.osv import Event
from lading.advisories.ranges import Interval, after, contains, intervals, point
from lading.errors import MalformedError

key = versions.scheme("pep440")
KINDS = ("introduced", "fixed", "last_affected", "limit")
VERSIONS = st.sampled_from(["0", "0.1", "1.0a1", "1.0", "1.0.post1", "1.1", "2.0", "2.0rc1", "3", "10"])


def events(*pairs: str) -> list[Event]:
    return [Event(**{kind: text}) for kind, text in (pair.split(" ") for pair in pairs)]


def literal(version: str, listed: list[Event]) -> bool:
    """The pseudo-code of the schema, word for word."""
    at = key(version)

    def where(event: Event) -> bytes:
        text = event.introduced or event.fixed or event.last_affected or ""
        return b"" if text == "0" and event.last_affected is None else key(text)

    limits = [event.limit for event in listed if event.limit is not None]
    if limits and not any(limit == "*" or at < key(limit) for limit in limits):
        return False
    vulnerable = False
    for event in sorted((one for one in listed if one.limit is None), key=where):
        if event.introduced is not None and at >= where(event):
            vulnerable = True
        elif (event.fixed is not None and at >= where(event)) or (
            event.last_affected is not None and at > where(event)
        ):
            vulnerable = False
    return vulnerable


@settings(max_examples=600)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), VERSIONS | st.just("*")), max_size=7),
    VERSIONS | st.sampled_from(["0.0.1", "0.5", "1.5", "2.5", "99", "0.dev0"]),
)
def test_as_the_schema_evaluates(pairs: list[tuple[str, str]], version: str) -> None:
    listed = [Event(**{kind: text}) for kind, text in pairs if text != "*" or kind == "limit"]
    found = intervals(listed, key)
    assert contains(found, key(version)) is literal(version, listed)
    bounds = [bound for one in found for bound in (one.low, one.high) if bound is not None]
    assert bounds == sorted(bounds)
    assert all(one.high is not None for one in found[:-1])


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param(["introduced 0", "fixed 1.0"], [(b"", key("1.0"), "0", "1.0", True)], id="pair"),
        pytest.param(["introduced 1.0"], [(key("1.0"), None, "1.0", "", False)], id="no-fix"),
        pytest.param(
            ["introduced 1.0", "last_affected 1.2"],
            [(key("1.0"), after(key("1.2")), "1.0", "1.2", False)],
            id="last-affected-is-affected",
        ),
        pytest.param(
            ["introduced 1.0", "last_affected 1.0"],
            [(key("1.0"), after(key("1.0")), "1.0", "1.0", False)],
            id="one-version",
        ),
        pytest.param(
            ["fixed 3", "introduced 2", "fixed 1.0", "introduced 0"],
            [(b"", key("1.0"), "0", "1.0", True), (key("2"), key("3"), "2", "3", True)],
            id="unsorted",
        ),
        pytest.param(
            ["introduced 0", "fixed 1.0", "introduced 1.0", "fixed 2"],
            [(b"", key("2"), "0", "2", True)],
            id="fixed-and-introduced-at-once-goes-on",
        ),
        pytest.param(["introduced 1.0", "fixed 1.0"], [], id="empty"),
        pytest.param(["introduced 2.0", "fixed 1.0"], [(key("2.0"), None, "2.0", "", False)], id="backwards"),
        pytest.param(["introduced 0", "fixed 0"], [], id="never"),
        pytest.param(["fixed 1.0"], [], id="no-introduced"),
        pytest.param(["introduced 0", "limit 2"], [(b"", key("2"), "0", "2", False)], id="limit"),
        pytest.param(["introduced 0", "limit *"], [(b"", None, "0", "", False)], id="limit-star"),
        pytest.param(
            ["introduced 0", "fixed 1.0", "introduced 3", "limit 2"],
            [(b"", key("1.0"), "0", "1.0", True)],
            id="beyond-the-limit",
        ),
        pytest.param(
            ["introduced 0", "fixed 3", "limit 2"], [(b"", key("2"), "0", "2", False)], id="cut-by-limit"
        ),
        pytest.param([], [], id="no-events"),
    ],
)
def test_intervals(listed: list[str], expected: list[tuple[object, ...]]) -> None:
    assert [tuple(one) for one in intervals(events(*listed), key)] == expected


def test_what_cannot_be_read_comes_through() -> None:
    with pytest.raises(MalformedError, match="not a PEP 440 version"):
        intervals(events("introduced 0", "fixed bulbasaur"), key)


def test_a_point_holds_one_version() -> None:
    one = point("1.0", key("1.0"))
    assert one == Interval(key("1.0"), after(key("1.0")), "1.0", "1.0", fixed=False)
    assert contains([one], key("1.0.0"))
    assert not contains([one], key("1.0.post1"))
    assert not contains([one], key("1.0rc1"))
