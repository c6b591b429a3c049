from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.advisories.entry import entry
from lading.advisories.flaws import Flaws, flaws
from lading.advisories.merge import groups
from lading.advisories.osv import Record

A, B, C, D = "CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003", "CVE-2024-0004"
Merged = dict[str, tuple[set[str], set[str]]]


def merged(*records: Record) -> Merged:
    """Return ID -> (other names, IDs of the records)."""
    entries = {n: entry(record, flaws(record, "Debian")) for n, record in enumerate(records)}
    return {
        group.id: (group.names - {group.id}, {records[n].id for n in group.members})
        for group in groups(entries)
    }


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([], {}, id="none"),
        pytest.param(
            [Record("GHSA-1", aliases=[A]), Record("PYSEC-1", aliases=[A, "GHSA-1"])],
            {A: ({"GHSA-1", "PYSEC-1"}, {"GHSA-1", "PYSEC-1"})},
            id="one-cve",
        ),
        pytest.param(
            [Record("DSA-1", upstream=[A, B]), Record("DEBIAN-" + A, upstream=[A])],
            {A: ({"DSA-1", "DEBIAN-" + A}, {"DSA-1", "DEBIAN-" + A}), B: ({"DSA-1"}, {"DSA-1"})},
            id="advisory-about-several",
        ),
        pytest.param(
            [Record("GO-1", aliases=[B, A])], {B: ({A, "GO-1"}, {"GO-1"})}, id="several-numbers-of-one-flaw"
        ),
        pytest.param(
            [Record("GO-1", aliases=[A, B]), Record("GHSA-1", aliases=[B, A])],
            {B: ({A, "GO-1", "GHSA-1"}, {"GO-1", "GHSA-1"})},
            id="same-numbers-in-two-records",
        ),
        pytest.param(
            [Record("GO-1", aliases=[A, B]), Record("GHSA-1", aliases=[B])],
            {A: ({"GO-1"}, {"GO-1"}), B: ({"GO-1", "GHSA-1"}, {"GO-1", "GHSA-1"})},
            id="spoken-of-alone-by-another",
        ),
        pytest.param(
            [Record("R-1", aliases=[A, B]), Record("R-2", aliases=[B, C]), Record("R-3", aliases=[C, D])],
            {A: ({"R-1"}, {"R-1"}), B: ({"R-1", "R-2"}, {"R-1", "R-2"}), C: ({"R-2", "R-3"}, {"R-2", "R-3"})}
            | {D: ({"R-3"}, {"R-3"})},
            id="a-chain-hides-nothing",
        ),
        pytest.param(
            [Record("GHSA-1"), Record("PYSEC-1", aliases=["GHSA-1"]), Record("X-1", aliases=["PYSEC-1"])],
            {"GHSA-1": ({"PYSEC-1", "X-1"}, {"GHSA-1", "PYSEC-1", "X-1"})},
            id="no-cve-joined-by-names",
        ),
        pytest.param(
            [
                Record("X-1", aliases=["X-2"]),
                Record("X-3", aliases=["X-2", "X-4"]),
                Record("X-4"),
                Record("X-9"),
            ],
            {"X-1": ({"X-2", "X-3", "X-4"}, {"X-1", "X-3", "X-4"}), "X-9": (set(), {"X-9"})},
            id="lowest-own-id",
        ),
        pytest.param(
            [Record("GHSA-1"), Record("PYSEC-1", aliases=["GHSA-1", A])],
            {A: ({"GHSA-1", "PYSEC-1"}, {"GHSA-1", "PYSEC-1"})},
            id="no-cve-joins-one-with",
        ),
        pytest.param(
            [Record("GHSA-1"), Record("P-1", aliases=["GHSA-1", A]), Record("P-2", aliases=["GHSA-1", B])],
            {A: ({"GHSA-1", "P-1"}, {"GHSA-1", "P-1"}), B: ({"GHSA-1", "P-2"}, {"GHSA-1", "P-2"})},
            id="no-cve-joins-two-with",
        ),
    ],
)
def test_groups(records: list[Record], expected: Merged) -> None:
    for order in permutations(records):
        assert merged(*order) == expected


NAMES = st.lists(st.sampled_from([A, B, C, "GHSA-1", "GHSA-2", "X"]), max_size=3)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=5))
def test_nothing_is_hidden(named: list[tuple[list[str], list[str]]]) -> None:
    records = [Record(f"R-{n}", aliases=one, upstream=two) for n, (one, two) in enumerate(named)]
    found = merged(*records)
    shown = {name for flaw, (names, _) in found.items() for name in {flaw, *names}}
    sources = {name for _, members in found.values() for name in members}
    assert sources == {record.id for record in records}
    kept: list[Flaws] = [flaws(record, "Debian") for record in records]
    assert shown >= {cve for one in kept for cve in one.cves}
    for one in kept:
        if one.split:
            assert found.keys() >= set(one.cves)
