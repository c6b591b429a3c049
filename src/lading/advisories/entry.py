"""What the store keeps of an OSV record: facts to show, and rows to match by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from lading.advisories import alpine, github, severity
from lading.advisories.ecosystem import DISTRIBUTIONS, name_in, split
from lading.advisories.flaws import Flaws
from lading.advisories.modularity import is_modular, streams, upstream
from lading.advisories.osv import Affected, Range, Record, Reference, Score, Specific
from lading.advisories.ranges import Interval, Key, contains, intervals, point
from lading.advisories.severity import UNKNOWN, Rating
from lading.advisories.systems import spare_elf
from lading.errors import LimitError, MalformedError
from lading.model.severity import Status

MAX_SUMMARY_CHARS = 300
MAX_REFERENCES = 30
# An advisory about many flaws has pages for each; `merge` hands out those of one.
_MAX_SPLIT = 500
FIXED = 1  # the interval ends at a version with a fix
EXACT = 2  # the scheme cannot read this version: it matches by its very text
UNREADABLE = 4  # the scheme cannot read an event: what else is in the range is not known
BINARY = 8  # the name is that of a binary package, and says nothing of others from the same source
NO_ELF = 16  # no program in an ELF file has the flaw

# A binary package has an architecture, as in `pkg:apk/wolfi/libxml2?arch=x86_64`; of sources it is `source`.
_BUILT = re.compile(r"[?&]arch=(?!source(?:&|$))")
# Rocky's interest groups build packages of the same names for themselves: a cloud kernel `4.18.0-425.10.1.el8_7.cloud`
# is above the release's own of that number, which lacks nothing.
_OTHER_BUILD = re.compile(r"[?&]distro=rocky-linux-[0-9]+-sig-")
# In the source's own words: Wolfi's, Chainguard's and Red Hat's states, Debian's urgency.
_FATES = {
    "fix-not-planned": Status.WILL_NOT_FIX,
    "fix_not_planned": Status.WILL_NOT_FIX,
    "will-not-fix": Status.WILL_NOT_FIX,
    "will not fix": Status.WILL_NOT_FIX,
    "wont-fix": Status.WILL_NOT_FIX,
    "won't fix": Status.WILL_NOT_FIX,
    "out of support scope": Status.WILL_NOT_FIX,
    "end-of-life": Status.END_OF_LIFE,
}


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A record, ready to be shown.

    cves, split, names: see `flaws.Flaws`. words: categories that a source gives.
    references: advisory pages first. fate: a `Status` that the source states, or empty.
    streams: rpm modules and streams that an advisory is about (`nodejs:18`).
    """

    id: str
    cves: tuple[str, ...]
    split: bool
    names: tuple[str, ...]
    summary: str
    rating: Rating
    cwes: tuple[str, ...]
    words: tuple[str, ...]
    references: tuple[str, ...]
    published: str
    modified: str
    withdrawn: str
    fate: str
    streams: tuple[str, ...]


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What a record says for one package or release alone."""

    rating: Rating = UNKNOWN
    fate: str = ""


class Row(NamedTuple):
    r"""One affected interval of one package in one release.

    high: `NUL key` of the first version that is not affected, or `\1` for no end.
    low: `NUL key` of the first affected one, or `\2 text` for rows that match by text.
    flags: `FIXED`, `EXACT`, `UNREADABLE`, `BINARY`, `NO_ELF`. first, last: texts of the ends.
    note: a `Note` in MessagePack, or empty.
    """

    name: str
    release: str
    high: bytes
    low: bytes
    flags: int
    first: str
    last: str
    note: bytes


def entry(record: Record, named: Flaws) -> Entry:
    """Return what is kept of a record. named: the flaws that it speaks of."""
    affected = record.affected or []
    own = [record.database_specific] if record.database_specific else []
    specifics = [*own, *_specifics(affected)]
    summary = _one_line(record.summary or record.details or "")
    rating = severity.rating(record.severity, own, record.summary or "")
    return Entry(
        id=record.id,
        cves=named.cves,
        split=named.split,
        names=named.names,
        summary=summary,
        rating=rating if rating.known else severity.unrated(record.id),
        cwes=_cwes(specifics),
        words=_categories(specifics),
        references=_references(record.references or [], _MAX_SPLIT if named.split else MAX_REFERENCES),
        published=record.published or "",
        modified=record.modified,
        withdrawn=record.withdrawn or "",
        fate=_fate(own),
        streams=streams(record.summary or ""),
    )


def rows(record: Record, family: str, key: Key) -> Iterator[Row]:
    """Yield the rows that match packages; none for a withdrawn record.

    key: of the family's version scheme; a version that it cannot read makes a flagged row.
    Entries of other families are left out: their own export has the record too. So are those about builds that are
    none of the release's, and ranges of type GIT. SEMVER ranges are read by the family's scheme. For a record
    without `flaws.Flaws.security` this is not to be asked.
    """
    found = _rows(record, family, key)
    return _first_builds(found) if family in _REBUILDS else found


# Their errata list every build that has the fix: one for each point release that a module was built for again.
_REBUILDS = frozenset({"AlmaLinux", "Rocky Linux"})


def _first_builds(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield, of rows that end with different builds of one fix, that with the first: who has it lacks nothing."""
    first: dict[tuple[str, str, bytes, str, bool, bytes], Row] = {}
    for row in rows:
        if row.flags != FIXED:
            yield row
            continue
        same = (row.name, row.release, row.low, upstream(row.last), is_modular(row.last), row.note)
        if row.high < first.setdefault(same, row).high:
            first[same] = row
    yield from first.values()


def _rows(record: Record, family: str, key: Key) -> Iterator[Row]:
    if record.withdrawn:
        return
    for affected in record.affected or ():
        if (
            affected.package is None
            or not affected.package.name
            or _OTHER_BUILD.search(affected.package.purl)
        ):
            continue
        own_family, release = _split(affected.package.ecosystem)
        if own_family == family:
            name = name_in(family, affected.package.name)
            specifics = tuple(_specifics([affected]))
            note = _note(affected.severity, specifics)
            kind = BINARY if _BUILT.search(affected.package.purl) else 0
            kind |= NO_ELF if spare_elf(specifics) else 0
            told = alpine.righted(affected, key) if family == alpine.FAMILY else affected
            for high, low, flags, first, last in _bounds(github.ended(told, key), key):
                yield Row(name, release, high, low, flags | kind, first, last, note)


def binaries(record: Record, family: str) -> Iterator[tuple[str, str, str]]:
    """Yield the binary packages that a record names, with their release and source package, as Ubuntu's do."""
    for affected in record.affected or ():
        told = affected.ecosystem_specific.binaries if affected.ecosystem_specific else None
        if affected.package is None or not isinstance(told, list):
            continue
        own_family, release = _split(affected.package.ecosystem)
        for one in told if own_family == family else ():
            name = one.get("binary_name") if isinstance(one, dict) else None
            if isinstance(name, str):
                yield name, release, affected.package.name


def low_bound(key: bytes) -> bytes:
    """Return a key as the columns `low` and `high` hold it."""
    return b"\0" + key


_Bounds = tuple[bytes, bytes, int, str, str]


def _bounds(affected: Affected, key: Key) -> Iterator[_Bounds]:
    found: list[Interval] = []
    for versions in affected.ranges or ():
        if versions.type == "GIT":
            continue
        try:
            found += intervals(versions.events, key)
        except (MalformedError, LimitError):
            yield from _unread(versions)
    listed = affected.versions or []
    if listed and not any(one.low == b"" and one.high is None for one in found):
        exact, points = _enumerated(_telling(listed, affected, found, key), found, key)
        found += points
        yield from ((b"\1", b"\2" + text.encode(), EXACT, text, text) for text in exact)
    for one in found:
        high = b"\1" if one.high is None else low_bound(one.high)
        yield high, low_bound(one.low), FIXED if one.fixed else 0, one.first, one.last


def _telling(listed: list[str], affected: Affected, found: list[Interval], key: Key) -> list[str]:
    """Return the listed versions that may say more than the intervals.

    A distribution's list is its range once more, in order: with both ends in one interval all of it is there. To read
    each took a third of the time for records like Ubuntu's.
    """
    package = affected.package
    if not (package and _split(package.ecosystem)[0] in DISTRIBUTIONS and len(found) == 1):
        return listed
    ends = [listed[0], listed[-1]]
    return listed if any(_enumerated(ends, found, key)) else []


def _enumerated(texts: Iterable[str], found: list[Interval], key: Key) -> tuple[list[str], list[Interval]]:
    """Return listed versions that cannot be read, and intervals for those that no range covers."""
    exact: list[str] = []
    points: list[Interval] = []
    for text in dict.fromkeys(texts):
        try:
            at = key(text)
        except (MalformedError, LimitError):
            exact.append(text)
            continue
        if not contains(found, at):
            points.append(point(text, at))
    return exact, points


def _unread(versions: Range) -> Iterator[_Bounds]:
    """Yield a row that says "not known", and one for each version that is affected for certain."""
    ends = [event.fixed or event.last_affected or event.limit or "" for event in versions.events]
    starts = [event.introduced for event in versions.events if event.introduced]
    first, last = (starts or [""])[0], ([end for end in ends if end] or [""])[-1]
    yield b"\1", b"\2", UNREADABLE, first, last
    certain = starts + [event.last_affected for event in versions.events if event.last_affected]
    for text in dict.fromkeys(certain):
        if text != "0":
            yield b"\1", b"\2" + text.encode(), EXACT, text, text


def _note(scores: list[Score] | None, specifics: tuple[Specific, ...]) -> bytes:
    if not specifics and not scores:
        return b""
    note = Note(severity.rating(scores, specifics), _fate(specifics))
    return b"" if note == _NO_NOTE else msgspec.msgpack.encode(note)


_NO_NOTE = Note()
_split = lru_cache(maxsize=2**10)(split)


def _specifics(affected: list[Affected]) -> Iterator[Specific]:
    for one in affected:
        if one.ecosystem_specific:
            yield one.ecosystem_specific
        if one.database_specific:
            yield one.database_specific


def _fate(specifics: Iterable[Specific]) -> str:
    for specific in specifics:
        for word in (specific.status, specific.urgency, _state(specific.components)):
            fate = _FATES.get(word.strip().lower()) if isinstance(word, str) else None
            if fate:
                return fate.value
    return ""


def _state(components: object) -> object:
    """Return what Chainguard says of each component of a package that has the flaw, if it is the same of all."""
    parts = components if isinstance(components, list) else []
    states = [part.get("latest_event_status") if isinstance(part, dict) else None for part in parts]
    return states[0] if states and states.count(states[0]) == len(states) else None


def _cwes(specifics: list[Specific]) -> tuple[str, ...]:
    """Return CWE numbers, sorted, from the three forms in use: text, `{cweId: ...}`, `{id: ...}`."""
    found: set[str] = set()
    for specific in specifics:
        for value in (specific.cwe_ids, specific.cwes, specific.CWE):
            if value:
                found.update(_cwe(one) for one in (value if isinstance(value, list) else [value]))
    return tuple(sorted(found - {""}, key=lambda cwe: (len(cwe), cwe)))


def _cwe(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("cweId") or value.get("id")
    if not isinstance(value, str) or not value.startswith("CWE-"):
        return ""
    return value if value[4:].isdecimal() and value.isascii() and len(value) <= 9 else ""  # noqa: PLR2004 -- CWE-12345


def _categories(specifics: list[Specific]) -> tuple[str, ...]:
    found: list[str] = []
    for specific in specifics:
        if isinstance(specific.categories, list):
            found += [word for word in specific.categories[:20] if isinstance(word, str)]
    return tuple(dict.fromkeys(found))


def _references(references: list[Reference], max_count: int) -> tuple[str, ...]:
    """Return web pages, advisories first."""
    wanted = [one for one in references if one.url.startswith(("https://", "http://"))]
    ordered = sorted(wanted, key=lambda one: one.type != "ADVISORY")
    return tuple(dict.fromkeys(one.url for one in ordered))[:max_count]


def _one_line(text: str) -> str:
    """Return the first paragraph as one line, cut at a word."""
    paragraph = text[: 4 * MAX_SUMMARY_CHARS].strip().split("\n\n", 1)[0]
    line = " ".join(paragraph.replace("#", " ").split()) if "#" in paragraph else " ".join(paragraph.split())
    if len(line) <= MAX_SUMMARY_CHARS:
        return line
    return line[: MAX_SUMMARY_CHARS - 4].rsplit(" ", 1)[0] + " ..."
