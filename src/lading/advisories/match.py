"""Packages and advisories -> findings.

A package is looked up under the name, release and version that its ecosystem's advisories use
(`ecosystem.targets`); what comes back are intervals of versions that end above it. Those that begin
at or below it match. Their records are merged into one finding per flaw (`merge`), and enriched:
severity, impact, KEV, EPSS, risk.

The version with the fix is the lowest one that an interval of the group ends with and that lies in
none of its other intervals: to install it closes the flaw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import NamedTuple

import msgspec

from lading import versions
from lading.advisories import centos, epochs, modularity, severity, ubuntu_pro
from lading.advisories.ecosystem import Target, targets
from lading.advisories.entry import BINARY, EXACT, FIXED, NO_ELF, UNREADABLE, Entry, Note, low_bound
from lading.advisories.flaws import CVE, is_cve
from lading.advisories.impact import impacts
from lading.advisories.merge import Group, groups
from lading.advisories.meta import EPSS, KEV
from lading.advisories.risk import risk
from lading.advisories.severity import Rating
from lading.advisories.store import Hit, Store, Stores, decode_note
from lading.errors import LimitError, MalformedError
from lading.model.fact import Skipped
from lading.model.finding import Finding, PackageRef
from lading.model.package import Package
from lading.model.severity import Impact, Severity, Status

_OS_TYPES = frozenset({"alpm", "apk", "deb", "rpm"})
_MAX_REFERENCES = 30
# Who tells of versions that cannot be compared.
READER = "advisories"


class Matches(NamedTuple):
    """findings: by falling risk, then ID, package name, version, path. skipped: what cannot be judged."""

    findings: list[Finding]
    skipped: list[Skipped]


def findings(packages: Iterable[Package], stores: Stores, *, ended: bool = False) -> Matches:
    """Return one finding for each package and flaw that it has.

    packages: any number, any order. One that belongs to another (`owner`), or whose ecosystem has no
        open store, is passed over. One with an unreadable version gives a `Skipped`, if there are
        advisories for its name; it is then compared by text alone.
    ended: the operating system gets no more fixes; tells "end of life" from "affected".

    Of records that say nothing of severity or kind, as Debian's, both are taken from records of the same
    CVE in other open stores. Raises `MalformedError` for a store that is damaged.
    """
    packages = tuple(packages)
    pro = ubuntu_pro.subscribed(packages)
    asked: dict[tuple[Target, ...], _Answer] = {}
    found: list[Finding] = []
    skipped: list[Skipped] = []
    for package in packages:
        wanted = () if package.owner else tuple(targets(package))
        store = stores.of(wanted[0].family) if wanted else None
        if store is None:
            continue
        if package.type == "deb" and not package.source_name:
            wanted = _by_source(wanted[0], store)
        answer = asked.get(wanted)
        if answer is None:
            answer = asked[wanted] = _Answer(*_answer(wanted, _Context(store, stores, pro)))
        found += _findings(package, wanted[0], answer.flaws, ended=ended and package.type in _OS_TYPES)
        skipped += (_skipped(package, reason) for reason in answer.reasons)
    found.sort(key=lambda one: (-one.risk, one.id, one.package.name, one.package.version, one.package.path))
    return Matches(found, skipped)


def _by_source(target: Target, store: Store) -> tuple[Target, ...]:
    """Return what to ask for a package that does not say what it is built from."""
    sources = store.sources(target.name, target.release) or [target.name]
    return tuple(msgspec.structs.replace(target, name=source) for source in sources)


class _Flaw(msgspec.Struct, frozen=True):
    """A finding but for the package; fields as in `Finding`. fate: `Status` that a source states."""

    id: str
    aliases: tuple[str, ...]
    fixed_in: str | None
    severity: Severity
    score: float | None
    vector: str
    impact: tuple[Impact, ...]
    kev: bool
    epss: float | None
    fate: str
    risk: float
    summary: str
    cwes: tuple[str, ...]
    references: tuple[str, ...]
    sources: tuple[str, ...]
    published: str


class _Answer(NamedTuple):
    flaws: list[_Flaw]
    reasons: list[str]


class _Matched(NamedTuple):
    """hits: all intervals that end above the version. notes: of the records that match, by number."""

    hits: list[Hit]
    notes: dict[int, list[Note]]
    reasons: list[str]


def _answer(wanted: tuple[Target, ...], context: _Context) -> tuple[list[_Flaw], list[str]]:
    store = context.store
    hits: dict[int, list[Hit]] = {}
    notes: dict[int, list[Note]] = {}
    reasons: list[str] = []
    for target in wanted:
        matched = _matched(target, context)
        reasons += matched.reasons
        for hit in matched.hits:
            hits.setdefault(hit.n, []).append(hit)
        for n, said in matched.notes.items():
            notes.setdefault(n, []).extend(said)
    if not notes:
        return [], reasons
    entries = {n: store.entry(n) for n in notes}
    flaws = [_flaw(group, entries, notes, hits, context) for group in groups(entries)]
    return flaws, reasons


def _matched(target: Target, context: _Context) -> _Matched:
    """Ask the store, and sort out which rows apply."""
    store = context.store
    reasons: list[str] = []
    try:
        least, place = _place(target, store)
        rows = _rows(target, context, partial(store.hits, target.name, key=least))
        rows = [row for row in rows if place(row) < row.high]
    except (MalformedError, LimitError):
        rows, place = _rows(target, context, partial(store.texts, target.name)), None
        if rows:
            reasons.append(
                f"this version cannot be compared: {len({row.n for row in rows})} advisories not judged"
            )
    passed = (BINARY if target.origin else 0) | (NO_ELF if target.elf else 0)
    rows = [row for row in rows if not row.flags & passed]
    if store.scheme == "rpm":
        rows = [row for row in rows if _same_module(target, row, store)]
    text = b"\2" + target.version.encode("utf-8", "surrogateescape")
    notes: dict[int, list[Note]] = {}
    unknown: dict[int, None] = {}
    for row in rows:
        if row.flags & UNREADABLE:
            unknown[row.n] = None
        elif row.low == text if row.flags & EXACT else place and row.low <= place(row):
            notes.setdefault(row.n, []).append(decode_note(row.note))
    if place:
        unjudged = [store.entry(n).id for n in unknown if n not in notes]
        reasons += [f"{name} names a version that cannot be read" for name in unjudged]
    return _Matched(rows, notes, reasons)


def _place(target: Target, store: Store) -> tuple[bytes, Callable[[Hit], bytes]]:
    """Return the lowest key that a version may have, and what tells its place beside a row, as in `Hit.low`.

    Raises what `versions.key_of` raises.
    """
    if store.scheme != "rpm" or (target.has_epoch and not target.rebuilt):
        key = versions.key_of(store.scheme, target.version)
        bound = low_bound(key)
        return key, lambda _row: bound

    @cache
    def place(fix: str) -> bytes:
        if target.has_epoch:
            version = centos.beside(target.version, fix)
        else:
            version = epochs.beside(target.version, fix, named=target.own)
        return low_bound(versions.key_of(store.scheme, version))

    # A fix that cannot be read must not make the version unreadable as well: nothing of it is taken.
    unread = EXACT | UNREADABLE
    least = target.version if target.has_epoch else epochs.without(target.version)
    return versions.key_of(store.scheme, least), lambda row: place("" if row.flags & unread else row.last)


def _rows(target: Target, context: _Context, ask: Callable[[str], list[Hit]]) -> list[Hit]:
    if target.family == ubuntu_pro.FAMILY:
        return ubuntu_pro.rows(target, context.store, ask, offered=context.pro)
    return ask(target.release)


def _same_module(target: Target, row: Hit, store: Store) -> bool:
    if not (modularity.is_modular(row.last) or modularity.is_modular(target.version)):
        return True
    return modularity.applies(target.version, target.label, row.last, store.entry(row.n).streams)


class _Context(NamedTuple):
    """pro: whether the system has Ubuntu Pro."""

    store: Store
    stores: Stores
    pro: bool


def _flaw(
    group: Group,
    entries: dict[int, Entry],
    notes: dict[int, list[Note]],
    hits: dict[int, list[Hit]],
    context: _Context,
) -> _Flaw:
    """Return what is known of a flaw, from its records and, where they are silent, from others."""
    records = [entries[n] for n in group.members]
    cves = [name for name in (group.id, *sorted(group.names)) if is_cve(name)]
    own = [entry for entry in records if not entry.split]
    rating = severity.best(_ratings(group, entries, notes))
    summary = next((entry.summary for entry in records if entry.summary), "")
    cwes = _cwes(own)
    if cves and not (rating.known and summary and (cwes or rating.vector)):
        others = _elsewhere(cves, context)
        rating = rating if rating.known else severity.best(entry.rating for entry in others)
        cwes = cwes or _cwes(others)
        summary = summary or next((entry.summary for entry in others if entry.summary), "")
        own += others
    kev = bool(context.stores.values(KEV, cves))
    epss = max(context.stores.values(EPSS, cves).values(), default=None)
    level = Severity(rating.severity)
    return _Flaw(
        id=group.id,
        aliases=tuple(sorted(group.names - {group.id})),
        fixed_in=_fixed_in([hit for n in group.members for hit in hits.get(n, ())]),
        severity=level,
        score=rating.score,
        vector=rating.vector,
        impact=impacts(cwes, rating.vector, summary, {word for entry in own for word in entry.words}),
        kev=kev,
        epss=epss,
        fate=_fate(group, entries, notes),
        risk=risk(level, rating.score, epss, kev=kev),
        summary=summary,
        cwes=cwes,
        references=_references(group.id, records),
        sources=tuple(sorted(entry.id for entry in records)),
        published=min((entry.published for entry in records if entry.published), default=""),
    )


def _elsewhere(cves: list[str], context: _Context) -> list[Entry]:
    """Return records of other stores that speak of one of these CVEs alone, and are not withdrawn."""
    found = []
    for store in context.stores.others(context.store.family):
        for cve in cves:
            found += [entry for entry in store.named(cve) if not (entry.split or entry.withdrawn)]
    return found


def _ratings(group: Group, entries: dict[int, Entry], notes: dict[int, list[Note]]) -> list[Rating]:
    """Return the ratings of a group: for the package where a record has one, else for all."""
    found = []
    for n in group.members:
        special = [note.rating for note in notes[n] if note.rating.known]
        found += special or [entries[n].rating]
    return found


def _fate(group: Group, entries: dict[int, Entry], notes: dict[int, list[Note]]) -> str:
    for n in group.members:
        for fate in (*(note.fate for note in notes[n]), entries[n].fate):
            if fate:
                return fate
    return ""


def _cwes(entries: list[Entry]) -> tuple[str, ...]:
    return tuple(sorted({cwe for entry in entries for cwe in entry.cwes}, key=lambda cwe: (len(cwe), cwe)))


def _references(flaw: str, records: list[Entry]) -> tuple[str, ...]:
    """Return web pages; of advisories about several flaws, not those that are about another CVE."""
    found: dict[str, None] = {}
    for entry in records:
        for url in entry.references:
            if not entry.split or not (named := CVE.findall(url)) or flaw in named:
                found[url] = None
    return tuple(found)[:_MAX_REFERENCES]


def _fixed_in(hits: list[Hit]) -> str | None:
    """Return the lowest end with a fix that lies in no other interval; None if there is none."""
    ranges = [hit for hit in hits if not hit.flags & (EXACT | UNREADABLE)]
    if len(ranges) == 1:
        return ranges[0].last if ranges[0].flags & FIXED else None
    for end in sorted({(hit.high, hit.last) for hit in ranges if hit.flags & FIXED}):
        if not any(hit.low <= end[0] < hit.high for hit in ranges):
            return end[1]
    return None


def _findings(package: Package, target: Target, flaws: list[_Flaw], *, ended: bool) -> list[Finding]:
    if not flaws:
        return []
    other = package.type in {"apk", "deb"} and target.name != package.name
    named = PackageRef(
        name=package.name,
        version=package.version,
        purl=package.purl,
        type=package.type,
        source_name=target.name if other else "",
        path=package.locations[0].path if package.locations else "",
    )
    return [
        Finding(
            id=flaw.id,
            aliases=flaw.aliases,
            package=named,
            fixed_in=flaw.fixed_in,
            severity=flaw.severity,
            cvss_score=flaw.score,
            cvss_vector=flaw.vector,
            impact=flaw.impact,
            kev=flaw.kev,
            epss=flaw.epss,
            status=_status(flaw, ended=ended),
            risk=flaw.risk,
            layer=package.layer,
            summary=flaw.summary,
            cwes=flaw.cwes,
            references=flaw.references,
            sources=flaw.sources,
            published=flaw.published,
        )
        for flaw in flaws
    ]


def _status(flaw: _Flaw, *, ended: bool) -> Status:
    if flaw.fixed_in:
        return Status.FIXED
    if flaw.fate:
        return Status(flaw.fate)
    return Status.END_OF_LIFE if ended else Status.AFFECTED


def _skipped(package: Package, reason: str) -> Skipped:
    path = package.locations[0].path if package.locations else ""
    return Skipped(READER, path, f"{package.name} {package.version}: {reason}", package.layer)
