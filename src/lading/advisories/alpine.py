"""Records of Alpine: the fix is Alpine's own, what OSV says of the first affected version is another's guess.

Since 2026 that version comes from NVD, which may list several branches; one of them is taken, whatever branch the fix
is for. ALPINE-CVE-2023-3817 has openssl from 3.0.0 to 1.1.1v-r0 for v3.16, ALPINE-CVE-2022-1292 from 1.0.2 to 0, by
which Alpine says that it never had the flaw. Read as they are, such ranges have no end, and miss what is fixed.
"""

from __future__ import annotations

import msgspec

from lading.advisories.osv import Affected, Event, Range
from lading.advisories.ranges import Key, start
from lading.errors import LimitError, MalformedError

FAMILY = "Alpine"


def righted(affected: Affected, key: Key) -> Affected:
    """Return an entry whose ranges begin before their fix: where one does not, it begins with the first version.

    key: reads a version. The list of versions is OSV's too, made from such a range, and is left out with it.
    """
    ranges = [_righted(one, key) for one in affected.ranges or ()]
    if ranges == (affected.ranges or []):
        return affected
    return msgspec.structs.replace(affected, ranges=ranges, versions=None)


def _righted(one: Range, key: Key) -> Range:
    first = [event.introduced for event in one.events if event.introduced is not None]
    fixes = [event.fixed for event in one.events if event.fixed is not None]
    others = len(one.events) != len(first) + len(fixes)
    if others or not len(first) == len(fixes) == 1 or first == ["0"]:
        return one
    try:
        if key(first[0]) <= start(fixes[0], key):
            return one
    except (MalformedError, LimitError):
        return one
    return msgspec.structs.replace(one, events=[Event(introduced="0"), Event(fixed=fixes[0])])
