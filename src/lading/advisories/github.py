"""Advisories of GitHub whose affected versions end, but not with a fix that can be had.

An event `fixed` is for a version that the registry has. Without one, "below 0.20.2" is told in a field of GitHub's own,
and the range goes on without end: of xlsx 0.20.3, which its makers publish themselves, GHSA-5pgg-2g8v-p4x9 would hold
for ever, and GHSA-75v8-2h7p-7m2m, about formidable 2.1.0 to 2.1.3, of every formidable 3.
"Up to 1.2.17" is an event `last_affected`; where it is in that field only, it tells what was known, and is no end.
https://github.com/github/advisory-database/issues/470
"""

from __future__ import annotations

import re

import msgspec

from lading.advisories.osv import Affected, Event, Range
from lading.advisories.ranges import Key, start
from lading.errors import LimitError, MalformedError

_BOUND = re.compile(r"\s*<\s*([^\s<>=,|]+)\s*")


def ended(affected: Affected, key: Key) -> Affected:
    """Return an entry whose one range ends where GitHub says; any other is returned as it is.

    key: reads a version. The list of versions is OSV's, made from the range without end, and is left out with it.
    """
    specific = affected.database_specific
    told = specific.last_known_affected_version_range if specific else None
    found = _BOUND.fullmatch(told) if isinstance(told, str) else None
    ranges = affected.ranges or []
    if not found or len(ranges) != 1 or not _is_open(ranges[0], found[1], key):
        return affected
    cut = msgspec.structs.replace(ranges[0], events=[*ranges[0].events, Event(limit=found[1])])
    return msgspec.structs.replace(affected, ranges=[cut], versions=None)


def _is_open(one: Range, end: str, key: Key) -> bool:
    """Tell whether a range has nothing but a beginning, and that below an end that can be read."""
    first = one.events[0].introduced if len(one.events) == 1 else None
    if first is None:
        return False
    try:
        return start(first, key) < key(end)
    except (MalformedError, LimitError):
        return False
