"""Events of an OSV range -> intervals of version keys.

The evaluation that the schema gives (https://ossf.github.io/osv-schema/#evaluation) walks the
sorted events for every version asked about. Here the walk is made once, when advisories are
stored: between two events the answer does not change, so a range is a list of half-open
intervals `[low, high)`. "Up to and with v" is `high = key(v) + NUL`: no byte string lies between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from lading import versions
from lading.advisories.osv import Event

Key = Callable[[str], bytes]


class Interval(NamedTuple):
    """Versions that are affected.

    low: key of the first one. high: key of the first that is not; None for no end.
    first, last: the texts of these events. fixed: the end is a version with a fix.
    """

    low: bytes
    high: bytes | None
    first: str
    last: str
    fixed: bool


class _Step(NamedTuple):
    """From `key` on versions are affected or not; `text` said so."""

    key: bytes
    affected: bool
    text: str
    fixed: bool


def after(key: bytes) -> bytes:
    """Return the lowest byte string above a key."""
    return key + b"\0"


def intervals(events: Sequence[Event], key: Key) -> list[Interval]:
    """Return the affected intervals, rising, without overlap.

    key: reads a version; what it raises comes through. `introduced: 0` stands before every
    version, and so does `fixed: 0`, by which some sources say "never affected".
    Events of one version count in the order in which they are listed.
    """
    if len(events) == 2 and events[0].introduced is not None and events[1].fixed is not None:  # noqa: PLR2004 -- a pair
        # nine of ten ranges; gives what the walk below gives
        low, high = _event_key(events[0], key), _event_key(events[1], key)
        if low <= high and events[0].fixed is None and events[1].introduced is None:
            return [Interval(low, high, events[0].introduced, events[1].fixed, True)] if low < high else []
    found: list[Interval] = []
    start: _Step | None = None
    for step in _steps(events, key):
        if step.affected:
            start = start or step
        elif start:
            if start.key < step.key:
                found.append(Interval(start.key, step.key, start.text, step.text, step.fixed))
            start = None
    if start:
        found.append(Interval(start.key, None, start.text, "", fixed=False))
    return _limited(found, events, key)


def start(text: str, key: Key) -> bytes:
    """Return the key of a version at which something begins or ends; `0` is before all versions."""
    return versions.LOWEST if text == "0" else key(text)


def point(text: str, key: bytes) -> Interval:
    """Return the interval that holds one version."""
    return Interval(key, after(key), text, text, fixed=False)


def contains(found: Iterable[Interval], key: bytes) -> bool:
    """Tell whether a version lies in one of the intervals."""
    return any(one.low <= key and (one.high is None or key < one.high) for one in found)


def _steps(events: Sequence[Event], key: Key) -> list[_Step]:
    """Return where the answer may change, rising: the last event up to there decides."""
    keyed = sorted(((_event_key(event, key), event) for event in events if _moves(event)), key=lambda e: e[0])
    found = []
    for at, group in groupby(keyed, key=lambda e: e[0]):
        here = [event for _, event in group]
        early = [event for event in here if event.last_affected is None]
        if early:
            found.append(_step(at, early[-1]))
        if len(early) < len(here):
            found.append(_step(after(at), here[-1]))
    return found


def _moves(event: Event) -> bool:
    return any(text is not None for text in (event.introduced, event.fixed, event.last_affected))


def _event_key(event: Event, key: Key) -> bytes:
    if event.introduced is not None:
        return start(event.introduced, key)
    if event.fixed is not None:
        return start(event.fixed, key)
    return key(event.last_affected or "")


def _step(at: bytes, event: Event) -> _Step:
    if event.introduced is not None:
        return _Step(at, affected=True, text=event.introduced, fixed=False)
    text = event.fixed if event.fixed is not None else event.last_affected
    return _Step(at, affected=False, text=text or "", fixed=event.fixed is not None)


def _limited(found: list[Interval], events: Sequence[Event], key: Key) -> list[Interval]:
    """Cut the intervals at the highest `limit`; without one, or with `*`, they stay."""
    limits = [event.limit for event in events if event.limit is not None]
    if not limits or "*" in limits:
        return found
    end, text = max((key(limit), limit) for limit in limits)
    kept = [one for one in found if one.low < end]
    return [
        one if one.high is not None and one.high <= end else one._replace(high=end, last=text, fixed=False)
        for one in kept
    ]
