"""The advisories of an ecosystem in one SQLite file, made for one question.

"Which intervals of this name and release end above this version?" is one range scan of the primary
key of `affected`: a package that lacks nothing costs one look-up and no row. Files are made by
`build`, never altered afterwards, and replaced by renaming: who has one open goes on reading it.

    record(n, id, modified, digest, data)                  one per OSV record; data is an `Entry`
    affected(name, release, high, n, low, flags, ...)      see `entry.Row`
    alias(name, n)                                         every identifier of a record
    binary(name, release, source)                          what packages are built from, where records say so
    meta(key, value)                                       see `meta.Meta`

KEV and EPSS are files of the same kind with one table `value(cve, value)`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from lading import versions
from lading.advisories.ecosystem import PRO, name_in, split
from lading.advisories.entry import Entry, Note, low_bound
from lading.advisories.meta import EPSS, KEV, REPAIR, SUFFIX, connect, family_of, fingerprint, folder, path_of
from lading.errors import MalformedError
from lading.model.report import AdvisoryData
from lading.model.severity import Severity

MAX_FOUND = 1000


class Hit(NamedTuple):
    """A row of `affected` as matching needs it; `high` and `low` as in `entry.Row`."""

    high: bytes
    low: bytes
    n: int
    flags: int
    last: str
    note: bytes


class Store:
    """The advisories of one ecosystem, open for reading; use `close`."""

    def __init__(self, path: Path) -> None:
        """Open the store. Raises `MalformedError` and FileNotFoundError as `connect`."""
        self._connection, self.meta = connect(path)
        self.family = self.meta.ecosystem
        self.scheme = versions.for_ecosystem(self.family) or ""
        if not self.scheme or self.meta.keys != fingerprint(self.scheme):
            self.close()
            raise MalformedError("its version keys are of another Lading", str(path), REPAIR)
        self._entries: dict[int, Entry] = {}
        self._path = path

    def hits(self, name: str, release: str, key: bytes) -> list[Hit]:
        """Return rows whose interval ends above a version, the nearest end first.

        Among them are intervals that begin above it as well, and rows that match by text. Entries
        that name no release are there for every release.
        """
        return self._ask(
            "SELECT high, low, n, flags, last, note FROM affected"
            " WHERE name = ? AND release = ? AND high > ? ORDER BY high, n, low",
            name,
            release,
            low_bound(key),
        )

    def texts(self, name: str, release: str) -> list[Hit]:
        """Return all rows, for a version that cannot be read."""
        return self._ask(
            "SELECT high, low, n, flags, last, note FROM affected"
            " WHERE name = ? AND release = ? ORDER BY high, n, low",
            name,
            release,
        )

    def listed(self, name: str, release: str) -> frozenset[int]:
        """Return the numbers of all records that list a package for a release, or for every one."""
        query = "SELECT DISTINCT n FROM affected WHERE name = ? AND release IN (?, '')"
        return frozenset(n for (n,) in self._all(query, name, release))

    def sources(self, name: str, release: str) -> list[str]:
        """Return the source packages that a release's binary package is built from, as far as records say so."""
        query = "SELECT DISTINCT source FROM binary WHERE name = ? AND release IN (?, ?) ORDER BY source"
        return [one for (one,) in self._all(query, name, release, PRO + release)]

    def knows(self, release: str) -> bool:
        """Tell whether there is an advisory for a release, or for those who pay for it; an empty one is any.

        Raises `MalformedError` where the store is damaged.
        """
        query = "SELECT 1 FROM affected WHERE release IN (?, ?, '') LIMIT 1"
        return not release or bool(self._all(query, release, PRO + release))

    def _ask(self, query: str, name: str, release: str, *more: bytes) -> list[Hit]:
        found = self._all(query, name, release, *more)
        if release:
            found += self._all(query, name, "", *more)
        return [Hit._make(row) for row in found]

    def _all(self, query: str, *values: str | int | bytes) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def entry(self, n: int) -> Entry:
        """Return a record by its number."""
        found = self._entries.get(n)
        if found is None:
            row = self._one("SELECT data FROM record WHERE n = ?", n)
            found = self._entries[n] = decode_entry(row[0], str(self._path))
        return found

    def named(self, name: str) -> list[Entry]:
        """Return the records that bear an identifier, as id or alias, withdrawn ones too."""
        return [self.entry(n) for n in self.numbers(name)]

    def numbers(self, name: str) -> list[int]:
        """Return the numbers of the records that bear an identifier, in any case of letters."""
        return [n for (n,) in self._all("SELECT n FROM alias WHERE name = ? ORDER BY n", name.upper())]

    def places(self, where: str, value: str | int) -> list[tuple[int, str, str, str, str]]:
        """Return record number, name, release, first and last version of rows.

        where: a condition of our own, `a.name = ?` or `a.n = ?`, never text from outside.
        """
        query = f"SELECT n, name, release, first, last FROM affected a WHERE {where} LIMIT ?"  # noqa: S608 -- see above
        return self._all(query, value, 10 * MAX_FOUND)

    def _one(self, query: str, value: int) -> tuple[bytes]:
        rows: list[tuple[bytes]] = self._all(query, value)
        if not rows:
            raise self._broken(f"record {value} is missing")
        return rows[0]

    def _broken(self, error: sqlite3.Error | str) -> MalformedError:
        return MalformedError(f"the store is damaged: {error}", str(self._path), REPAIR)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


_ENTRY = msgspec.msgpack.Decoder(Entry)
_NOTE = msgspec.msgpack.Decoder(Note)
_NO_NOTE = Note()


def decode_entry(data: bytes, where: str) -> Entry:
    """Return the record in a column `data`. Raises `MalformedError`."""
    try:
        return _ENTRY.decode(data)
    except (msgspec.DecodeError, TypeError) as error:
        raise MalformedError(f"the store is damaged: {error}", where, REPAIR) from error


def decode_note(data: bytes) -> Note:
    """Return the note of a row. Raises `MalformedError`."""
    try:
        return _NOTE.decode(data) if data else _NO_NOTE
    except (msgspec.DecodeError, TypeError) as error:
        raise MalformedError(f"the store is damaged: {error}", "", REPAIR) from error


class Catalogue:
    """KEV or EPSS, open for reading: CVE -> value."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `MalformedError` and FileNotFoundError as `connect`."""
        self._connection, self.meta = connect(path)
        self._path = path

    def get(self, cves: Iterable[str]) -> dict[str, float]:
        """Return the values of those CVEs that are listed."""
        try:
            found = {}
            for cve in cves:
                row = self._connection.execute("SELECT value FROM value WHERE cve = ?", (cve,)).fetchone()
                if row:
                    found[cve] = float(row[0])
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise MalformedError(f"the store is damaged: {error}", str(self._path), REPAIR) from error
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Stores:
    """The stores that a scan needs, open for reading; a context manager.

    available: what is there, by ecosystem without release; `KEV` and `EPSS` among them if they
    are. missing: ecosystems asked for that are not there or cannot be used, sorted.
    reasons: why, for each of these, and for `KEV` and `EPSS`.
    """

    def __init__(self, data_dir: Path, ecosystems: Iterable[str]) -> None:
        """Open what is there; nothing is raised for what is not."""
        self.available: dict[str, AdvisoryData] = {}
        self.reasons: dict[str, str] = {}
        self._stores: dict[str, Store] = {}
        self._catalogues: dict[str, Catalogue] = {}
        for family in sorted({split(name)[0] for name in ecosystems} - {"", KEV, EPSS}):
            self._open(path_of(data_dir, family), family)
        for name in (KEV, EPSS):
            self._open(path_of(data_dir, name), name)
        self.missing = tuple(name for name in sorted(self.reasons) if name not in {KEV, EPSS})

    def _open(self, path: Path, family: str) -> None:
        try:
            if family in {KEV, EPSS}:
                catalogue = self._catalogues[family] = Catalogue(path)
                self.available[family] = catalogue.meta.data
            else:
                store = self._stores[family] = Store(path)
                self.available[family] = store.meta.data
        except FileNotFoundError:
            self.reasons[family] = "never fetched"
        except (MalformedError, OSError) as error:
            self.reasons[family] = str(error)

    def of(self, family: str) -> Store | None:
        """Return the store of an ecosystem, if it is open."""
        return self._stores.get(family)

    def knows(self, ecosystem: str) -> bool:
        """Tell whether the store of an ecosystem, if it is open, has an advisory for the release."""
        family, release = split(ecosystem)
        store = self.of(family)
        return store is None or store.knows(release)

    def others(self, family: str) -> list[Store]:
        """Return the other open stores, by name."""
        return [store for name, store in sorted(self._stores.items()) if name != family]

    def values(self, catalogue: str, cves: Iterable[str]) -> dict[str, float]:
        """Return what `KEV` or `EPSS` says of these CVEs; nothing where it is not there."""
        found = self._catalogues.get(catalogue)
        return found.get(cves) if found else {}

    def close(self) -> None:
        """Close the files."""
        for store in self._stores.values():
            store.close()
        for catalogue in self._catalogues.values():
            catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_stores(data_dir: Path, ecosystems: Iterable[str]) -> Stores:
    """Return the stores of these ecosystems (with or without release), to be used in a `with`.

    Those that are not there or cannot be used are in `Stores.missing`.
    """
    return Stores(data_dir, ecosystems)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A record that `search` found.

    affected: package, release, first affected version, first version that is not (or last that
    is: see the text), as the record has them; for a package only its own.
    """

    ecosystem: str
    id: str
    aliases: tuple[str, ...]
    summary: str
    severity: Severity
    published: str
    modified: str
    withdrawn: str
    affected: tuple[tuple[str, str, str, str], ...]


def search(data_dir: Path, text: str) -> list[Found]:
    """Return the records of a package name, or those that bear an identifier, in all stores.

    Identifiers are compared without regard to case, names as their ecosystem compares them. Sorted by
    ecosystem, newest first; at most `MAX_FOUND`. A store that cannot be read is passed over.
    """
    found: list[Found] = []
    for path in sorted(folder(data_dir).glob("*" + SUFFIX)):
        family = family_of(path)
        if family in {KEV, EPSS}:
            continue
        try:
            store = Store(path)
        except (MalformedError, OSError):
            continue
        try:
            found += sorted(_search(store, text), key=lambda one: (one.modified, one.id), reverse=True)
        finally:
            store.close()
    return found[:MAX_FOUND]


def _search(store: Store, text: str) -> Iterator[Found]:
    name = name_in(store.family, text)
    by_name: dict[int, list[tuple[str, str, str, str]]] = {}
    for n, *place in store.places("a.name = ?", name):
        by_name.setdefault(n, []).append((place[0], place[1], place[2], place[3]))
    for n, affected in by_name.items():
        yield _found(store, n, affected)
    for n in store.numbers(text):
        if n not in by_name:
            yield _found(store, n, [place[1:] for place in store.places("a.n = ?", n)])


def _found(store: Store, n: int, affected: list[tuple[str, str, str, str]]) -> Found:
    entry = store.entry(n)
    return Found(
        ecosystem=store.family,
        id=entry.id,
        aliases=tuple(name for name in (*entry.cves, *entry.names) if name != entry.id),
        summary=entry.summary,
        severity=Severity(entry.rating.severity),
        published=entry.published,
        modified=entry.modified,
        withdrawn=entry.withdrawn,
        affected=tuple(dict.fromkeys(affected)),
    )
