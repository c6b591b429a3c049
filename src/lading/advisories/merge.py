"""Several records of one flaw -> one finding, under the name people know first.

Records of one package are put together by these rules:
1. Records that name one CVE are of that CVE.
2. A record of several flaws (`flaws.Flaws.split`) counts for each of its CVEs, alone.
3. A record of one flaw with several CVEs is one finding under the first of them, with the others
   as aliases; but if any other record speaks of one of these CVEs by itself, they are evidently
   not one flaw: then it counts for each of its CVEs. So no CVE is ever hidden in a chain of aliases.
4. A record without CVE joins those with which it shares an identifier (GHSA, PYSEC, GO ...), however
   many; those that are left are joined among themselves, under a GHSA if there is one, else
   the lowest ID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from lading.advisories.entry import Entry


class Group(msgspec.Struct):
    """Records of one flaw. members: numbers of the records, rising."""

    id: str
    names: set[str]
    members: list[int]


def groups(entries: Mapping[int, Entry]) -> list[Group]:
    """Return one group per flaw, by ID. entries: by number, those that match a package."""
    found: dict[str, Group] = {}
    whole: list[int] = []
    unnamed: list[int] = []
    for n, entry in entries.items():
        if not entry.cves:
            unnamed.append(n)
        elif entry.split or len(entry.cves) == 1:
            for cve in entry.cves:
                _join(found, cve, n, entry.names)
        else:
            whole.append(n)
    _join_whole(found, entries, whole)
    _join_unnamed(found, entries, unnamed)
    for group in found.values():
        group.members.sort()
    return [found[name] for name in sorted(found)]


def _join(found: dict[str, Group], name: str, n: int, names: Sequence[str]) -> None:
    group = found.get(name)
    if group is None:
        found[name] = Group(name, set(names), [n])
    else:
        group.names.update(names)
        group.members.append(n)


def _join_whole(found: dict[str, Group], entries: Mapping[int, Entry], whole: list[int]) -> None:
    """Rule 3. Records with the same CVEs, in any order, are about the same."""
    sets: dict[frozenset[str], list[int]] = {}
    for n in sorted(whole, key=lambda n: entries[n].id):
        sets.setdefault(frozenset(entries[n].cves), []).append(n)
    spoken = [cve for cves in (*sets, found) for cve in cves]
    for cves, members in sets.items():
        first = entries[members[0]].cves[0]
        alone = all(spoken.count(cve) == 1 for cve in cves)
        for n in members:
            if alone:
                _join(found, first, n, (*entries[n].names, *(cve for cve in entries[n].cves if cve != first)))
            else:
                for cve in entries[n].cves:
                    _join(found, cve, n, entries[n].names)


def _join_unnamed(found: dict[str, Group], entries: Mapping[int, Entry], unnamed: list[int]) -> None:
    """Rule 4."""
    known: dict[str, list[Group]] = {}
    for group in found.values():
        for name in group.names:
            known.setdefault(name, []).append(group)
    left: list[tuple[set[str], list[int]]] = []
    for n in sorted(unnamed, key=lambda n: entries[n].id):
        names = set(entries[n].names)
        joined = {group.id: group for name in names for group in known.get(name, ())}
        for group in joined.values():
            group.names |= names
            group.members.append(n)
        if not joined:
            left = _united(left, names, n)
    for names, members in left:
        advisories = sorted(name for name in names if name.startswith("GHSA-"))
        name = (advisories or sorted(entries[n].id for n in members))[0]
        found[name] = Group(name, names, members)


def _united(
    parts: list[tuple[set[str], list[int]]], names: set[str], n: int
) -> list[tuple[set[str], list[int]]]:
    """Return the parts with one more record, which joins all parts that share a name with it."""
    apart = [part for part in parts if not part[0] & names]
    members = [n]
    for part in parts:
        if part[0] & names:
            names = names | part[0]
            members = part[1] + members
    return [*apart, (names, members)]
