"""Fetching advisories and keeping them fresh.

For each ecosystem:
1. Fetched less than `max_age_s` ago: "fresh", nothing is asked.
2. `modified_id.csv` is the same as last time (or, where there is none, `all.zip` is, by ETag or by
   size and time): "unchanged".
3. A few records have changed, none has gone, and the last full fetch is less than a week old: these
   alone are fetched, `<ID>.json` each: "increment". Sources that serve no single records, like
   a plain copy of the bulk export, are asked for `all.zip` instead.
4. Else `all.zip`: "full". Only this sees that a record has been deleted although the list still has it.

Whatever goes wrong leaves the old store in use and is told as "failed": a broken archive, a record that
is not JSON, no record at all, a full disk. An update in which more than half of the records that
could match are gone is refused unless `allow_shrink` says that it is meant.

Bulk export: https://google.github.io/osv.dev/data/
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import msgspec

from lading import faults, net
from lading.advisories import archive, epss, kev
from lading.advisories.build import Builder, catalogue, put, sweep, temporary
from lading.advisories.ecosystem import split
from lading.advisories.fetch import Fetcher, join, spool
from lading.advisories.meta import (
    EPSS,
    KEV,
    SUFFIX,
    Meta,
    connect,
    family_of,
    fingerprint,
    folder,
    path_of,
    scheme_of,
)
from lading.advisories.osv import MAX_RECORD_BYTES, Record, decode
from lading.errors import LadingError, MalformedError, UnavailableError

MAX_INCREMENT = 300
FULL_EVERY_S = 7 * 24 * 3600
MAX_CSV_BYTES = 256 * 2**20
_MAX_CSV_ROWS = 5_000_000
_CHECKED = ".checked"
_TO_SECOND = len("2020-01-01T00:00:00")
_ROW = re.compile(r"([0-9T:.Z+-]{10,40}),(?:[^,/\r\n]{1,100}/)?([A-Za-z0-9][A-Za-z0-9:._+-]{0,200})")
_FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,60}")

Progress = Callable[[str, int, int | None], None]


class Source(msgspec.Struct, frozen=True):
    """Where advisories come from: `https://`, `http://` or `file://`; an empty URL is left out.

    osv_url: holds `<Ecosystem>/all.zip`. kev_url, epss_url: name the file itself.
    """

    osv_url: str
    kev_url: str = ""
    epss_url: str = ""


DEFAULT_SOURCE = Source(
    osv_url="https://osv-vulnerabilities.storage.googleapis.com",
    kev_url="https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    epss_url="https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
)


class Outcome(msgspec.Struct, frozen=True):
    """What an update did for one ecosystem.

    action: `fresh`, `unchanged`, `increment`, `full` or `failed`. records: in the store now in use, 0 if
    there is none. reason: one line, for `failed`, and where not everything could be read.
    """

    ecosystem: str
    action: str
    records: int = 0
    reason: str = ""


class _Checked(msgspec.Struct, frozen=True):
    """When a store was last compared with its source; `digest` says which store is meant."""

    digest: str
    at: float


class _Plan(msgspec.Struct, frozen=True):
    """What an update is made with, for all ecosystems."""

    data_dir: Path
    source: Source
    max_age_s: float
    now: float
    force: bool
    allow_shrink: bool
    progress: Progress | None = None


_Step = Callable[[_Plan, str, Fetcher], Outcome]


def update(
    ecosystems: Iterable[str],
    data_dir: Path,
    source: Source,
    client: Callable[[], net.Client],
    *,
    max_age_s: float,
    now: float,
    force: bool = False,
    allow_shrink: bool = False,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Bring the stores of these ecosystems up to date, then KEV and EPSS; return what was done.

    ecosystems: with or without release; each family is fetched once, in the order of their names.
    client: makes an HTTP client; called at most once, and never for `file://`.
    now: seconds since 1970. force: full fetch, however fresh. progress: is called with the ecosystem,
    what is done and what there is to do (None if unknown): bytes, or the records of an increment.
    What goes wrong is in the outcomes; nothing is raised for it.
    """
    plan = _Plan(data_dir, source, max_age_s, now, force, allow_shrink, progress)
    fetcher = Fetcher(client)
    families = sorted({split(name)[0] for name in ecosystems} - {"", KEV, EPSS})
    steps: list[tuple[str, _Step]] = [(family, _ecosystem) for family in families]
    steps += [(name, _catalogue) for name, url in ((KEV, source.kev_url), (EPSS, source.epss_url)) if url]
    outcomes = []
    for name, step in steps:
        try:
            sweep(folder(data_dir), now)
            outcome = step(plan, name, fetcher)
        except LadingError as error:
            outcome = Outcome(name, "failed", _records(plan, name), str(error))
        except (OSError, sqlite3.Error) as error:
            outcome = Outcome(name, "failed", _records(plan, name), f"{path_of(data_dir, name)}: {error}")
        outcomes.append(outcome)
    return outcomes


def _ecosystem(plan: _Plan, family: str, fetcher: Fetcher) -> Outcome:
    if not _FAMILY.fullmatch(family):
        raise UnavailableError("not the name of an ecosystem", family[:100])
    scheme_of(family)
    meta = _current(plan, family)
    if meta and not plan.force and _is_fresh(plan, meta):
        return Outcome(family, "fresh", meta.records)
    listing = _listing(plan, family, fetcher)
    csv = hashlib.sha256(listing).hexdigest() if listing is not None else ""
    if meta and not plan.force and csv and csv == meta.csv:
        _touch(plan, meta)
        return Outcome(family, "unchanged", meta.records)
    if meta and not plan.force and listing is not None:
        try:
            outcome = _increment(plan, meta, fetcher, listing)
        except sqlite3.DatabaseError:
            outcome = None  # a damaged store is not built upon
        if outcome:
            return outcome
    return _full(plan, family, meta, fetcher, csv)


def _listing(plan: _Plan, family: str, fetcher: Fetcher) -> bytes | None:
    """Return `modified_id.csv`; None if the source has none."""
    try:
        return fetcher.bytes(join(plan.source.osv_url, family, "modified_id.csv"), MAX_CSV_BYTES)
    except UnavailableError:
        return None


def _increment(plan: _Plan, meta: Meta, fetcher: Fetcher, listing: bytes) -> Outcome | None:
    """Fetch the records that have changed; None if all of them must be fetched."""
    listed = _listed(listing)
    stored = _stored(plan, meta.ecosystem)
    # to the second: the list and the record may write fractions of it in different ways
    changed = [
        name
        for name, modified in listed.items()
        if stored.get(name, "")[:_TO_SECOND] != modified[:_TO_SECOND]
    ]
    gone = stored.keys() - listed.keys()
    if gone or not 0 < len(changed) <= MAX_INCREMENT or plan.now - meta.full_at >= FULL_EVERY_S:
        return None
    new: list[tuple[Record, bool]] = []
    for name in changed:
        url = join(plan.source.osv_url, meta.ecosystem, name + ".json")
        try:
            record, whole = decode(fetcher.bytes(url, MAX_RECORD_BYTES), faults.redact(url))
        except UnavailableError:
            return None
        if record.id != name:
            raise MalformedError(f"it is the record of {record.id[:100]!r}", faults.redact(url))
        new.append((record, whole))
        _report(plan, meta.ecosystem, len(new), len(changed))
    with Builder(plan.data_dir, meta.ecosystem, path_of(plan.data_dir, meta.ecosystem)) as builder:
        before = builder.active()
        for record, whole in new:
            builder.remove(record.id)
            builder.add(record, whole=whole)
        _refuse_loss(plan, before, builder)
        csv = hashlib.sha256(listing).hexdigest()
        made = builder.finish(msgspec.structs.replace(meta, fetched_at=plan.now, csv=csv, tag=""))
    return Outcome(meta.ecosystem, "increment", made.records, _unread(made))


def _full(plan: _Plan, family: str, meta: Meta | None, fetcher: Fetcher, csv: str) -> Outcome:
    url = join(plan.source.osv_url, family, "all.zip")
    # With a list that has changed, an archive that has not is one that lags behind: it is of no use
    # to take it for news, nor to fetch it again.
    tag = meta.tag if meta and not plan.force else ""
    with fetcher.open(url, tag) as fetched, _spool_file(plan) as file:
        if fetched.body is None and meta:
            _touch(plan, meta)
            return Outcome(family, "unchanged", meta.records)
        spool(fetched, url, file, archive.MAX_BYTES, lambda done, total: _report(plan, family, done, total))
        with Builder(plan.data_dir, family) as builder:
            for record, whole in archive.records(file, faults.redact(url)):
                builder.add(record, whole=whole)
            if not builder.count():
                raise MalformedError("an archive without a record", faults.redact(url))
            if meta:
                _refuse_loss(plan, _active(plan, family), builder)
            made = builder.finish(
                Meta(ecosystem=family, fetched_at=plan.now, full_at=plan.now, csv=csv, tag=fetched.tag)
            )
    return Outcome(family, "full", made.records, _unread(made))


def _spool_file(plan: _Plan) -> IO[bytes]:
    """Return a nameless file beside the stores: there is room for them, in /tmp there may be none."""
    folder(plan.data_dir).mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder(plan.data_dir))


def _refuse_loss(plan: _Plan, before: set[str], builder: Builder) -> None:
    """Raise `MalformedError` if more than half of the records that could match no longer can."""
    lost = len(before - builder.active())
    if 2 * lost > len(before) and not plan.allow_shrink:
        raise MalformedError(
            f"refused: {lost} of {len(before)} records would be lost; the old ones stay in use",
            builder.family,
            "if that is meant: lading db update --allow-shrink",
        )


def _catalogue(plan: _Plan, name: str, fetcher: Fetcher) -> Outcome:
    """Update KEV or EPSS."""
    meta = _current(plan, name)
    if meta and not plan.force and _is_fresh(plan, meta):
        return Outcome(name, "fresh", meta.records)
    url = plan.source.kev_url if name == KEV else plan.source.epss_url
    parse, max_bytes = (kev.parse, kev.MAX_BYTES) if name == KEV else (epss.parse, epss.MAX_BYTES)
    data = fetcher.bytes(url, max_bytes)
    _report(plan, name, len(data), len(data))
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    if meta and not plan.force and meta.digest == digest:
        _touch(plan, meta)
        return Outcome(name, "unchanged", meta.records)
    values, modified = parse(data, faults.redact(url))
    records = len(dict(values))
    if meta and 2 * records < meta.records and not plan.allow_shrink:
        raise MalformedError(
            f"refused: {records} records where there were {meta.records}; the old ones stay in use",
            name,
            "if that is meant: lading db update --allow-shrink",
        )
    made = Meta(ecosystem=name, records=records, modified=modified, digest=digest)
    catalogue(plan.data_dir, values, msgspec.structs.replace(made, fetched_at=plan.now, full_at=plan.now))
    return Outcome(name, "full", records)


def _current(plan: _Plan, family: str) -> Meta | None:
    """Return what the present store says of itself; None if there is none that can be used."""
    try:
        connection, meta = connect(path_of(plan.data_dir, family))
    except (FileNotFoundError, MalformedError):
        return None
    connection.close()
    if family not in {KEV, EPSS} and meta.keys != fingerprint(scheme_of(family)):
        return None
    return meta if meta.ecosystem == family else None


def _records(plan: _Plan, family: str) -> int:
    try:
        meta = _current(plan, family)
    except (LadingError, OSError):
        return 0
    return meta.records if meta else 0


def _is_fresh(plan: _Plan, meta: Meta) -> bool:
    return 0 <= plan.now - _last_look(plan.data_dir, meta) < plan.max_age_s


def _last_look(data_dir: Path, meta: Meta) -> float:
    """Return when the store was last compared with its source, seconds since 1970."""
    try:
        data = (folder(data_dir) / (path_of(data_dir, meta.ecosystem).name + _CHECKED)).read_bytes()
        checked = msgspec.json.decode(data, type=_Checked)
    except (OSError, msgspec.DecodeError):
        return meta.fetched_at
    return max(checked.at, meta.fetched_at) if checked.digest == meta.digest else meta.fetched_at


def _touch(plan: _Plan, meta: Meta) -> None:
    """Note beside the store that it was compared; the store itself is never written to."""
    target = folder(plan.data_dir) / (path_of(plan.data_dir, meta.ecosystem).name + _CHECKED)
    path = temporary(target)
    try:
        path.write_bytes(msgspec.json.encode(_Checked(meta.digest, plan.now)))
        put(path, target)
    finally:
        path.unlink(missing_ok=True)


def _stored(plan: _Plan, family: str) -> dict[str, str]:
    connection, _ = connect(path_of(plan.data_dir, family))
    try:
        return dict(connection.execute("SELECT id, modified FROM record").fetchall())
    finally:
        connection.close()


def _active(plan: _Plan, family: str) -> set[str]:
    """Return the records of the present store that can match; none of a damaged one."""
    connection, _ = connect(path_of(plan.data_dir, family))
    try:
        return {name for (name,) in connection.execute("SELECT id FROM record WHERE active & 1")}
    except sqlite3.DatabaseError:
        return set()
    finally:
        connection.close()


def _listed(listing: bytes) -> dict[str, str]:
    """Return ID -> modified of `modified_id.csv`; lines of another form are left out."""
    lines = listing.decode("utf-8", "replace").splitlines()[:_MAX_CSV_ROWS]
    rows = [found for found in map(_ROW.fullmatch, lines) if found]
    return {found[2]: found[1] for found in reversed(rows)}


def _unread(meta: Meta) -> str:
    told = []
    if meta.unreadable:
        told.append(f"{meta.unreadable} records could be read in part only")
    if meta.unknown:
        told.append(f"{meta.unknown} ranges have a version that cannot be read")
    return "; ".join(told)


def _report(plan: _Plan, name: str, done: int, total: int | None) -> None:
    if plan.progress:
        plan.progress(name, done, total)


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A store on this machine.

    records, modified, digest: see `AdvisoryData`. fetched_at: last comparison with the source, seconds
    since 1970. unreadable, exact, unknown: see `meta.Meta`. problem: why it cannot be used, or empty.
    """

    ecosystem: str
    records: int = 0
    modified: str = ""
    digest: str = ""
    fetched_at: float = 0.0
    path: str
    bytes: int = 0
    unreadable: int = 0
    exact: int = 0
    unknown: int = 0
    problem: str = ""


def status(data_dir: Path) -> list[Status]:
    """Return what there is, by name; KEV and EPSS among the ecosystems."""
    paths = sorted(folder(data_dir).glob("*" + SUFFIX))
    return [_status(data_dir, path) for path in paths if not path.name.startswith(".")]


def _status(data_dir: Path, path: Path) -> Status:
    name = family_of(path)
    try:
        size = path.stat().st_size
        connection, meta = connect(path)
        connection.close()
    except (MalformedError, OSError) as error:
        return Status(ecosystem=name, path=str(path), problem=str(error))
    return Status(
        ecosystem=name,
        records=meta.records,
        modified=meta.modified,
        digest=meta.digest,
        fetched_at=_last_look(data_dir, meta),
        path=str(path),
        bytes=size,
        unreadable=meta.unreadable,
        exact=meta.exact,
        unknown=meta.unknown,
    )
