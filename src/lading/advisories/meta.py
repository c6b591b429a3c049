"""Where stores lie, what they say of themselves, and how one is opened."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote

import msgspec

from lading import versions
from lading.errors import MalformedError, UnavailableError
from lading.model.report import AdvisoryData

# Raised when the form of the file changes, or what is derived from records while it is made.
FORMAT = 3
SUFFIX = ".sqlite"
REPAIR = "run: lading db update --force"
KEV, EPSS = "KEV", "EPSS"
_PROBES = ("0", "1", "1.0", "1.2.3", "1.10-2", "2.0a1", "1:1.0~rc1-1+b1", "1.0.0-alpha.1", "1_p2-r3", "v1")


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a store says of itself.

    records, modified, digest: see `AdvisoryData`. fetched_at, full_at: seconds since 1970, of the last
    look at the source and of the last full fetch. csv: digest of `modified_id.csv`. tag: what
    told the state of `all.zip` (ETag, or size and time). keys: fingerprint of the version scheme.
    unreadable: records of which not everything could be read. rows: affected intervals.
    exact: rows that match by text alone. unknown: ranges with an unreadable version.
    """

    format: int = FORMAT
    ecosystem: str
    records: int = 0
    modified: str = ""
    digest: str = ""
    fetched_at: float = 0.0
    full_at: float = 0.0
    csv: str = ""
    tag: str = ""
    keys: str = ""
    unreadable: int = 0
    rows: int = 0
    exact: int = 0
    unknown: int = 0

    @property
    def data(self) -> AdvisoryData:
        """What the report says of it."""
        return AdvisoryData(records=self.records, modified=self.modified, digest=self.digest)


def folder(data_dir: Path) -> Path:
    """Return where the stores of a data directory lie."""
    return data_dir / "advisories"


def path_of(data_dir: Path, family: str) -> Path:
    """Return the path of a store; there need not be one."""
    return folder(data_dir) / (quote(family, safe=" ") + SUFFIX)


def family_of(path: Path) -> str:
    """Return the ecosystem of a store's path."""
    return unquote(path.name.removesuffix(SUFFIX))


def scheme_of(family: str) -> str:
    """Return the version scheme of an ecosystem. Raises `UnavailableError` if there is none."""
    scheme = versions.for_ecosystem(family)
    if scheme is None:
        raise UnavailableError("no order of versions is known for this ecosystem", family)
    return scheme


def fingerprint(scheme: str) -> str:
    """Return a digest of what the scheme makes of a few versions.

    A store made by another Lading, whose keys sort otherwise, must not be asked.
    """
    found = hashlib.sha256(scheme.encode())
    for text in _PROBES:
        try:
            found.update(versions.key_of(scheme, text) + b"\n")
        except MalformedError:
            found.update(b"?\n")
    return found.hexdigest()[:16]


def connect(path: Path) -> tuple[sqlite3.Connection, Meta]:
    """Return an open store, read-only.

    Raises `MalformedError` if it is not a store, or not one that this Lading can use, and
    FileNotFoundError if there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    # immutable: nobody writes to the file, so no lock is taken and no journal is looked for
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
    try:
        values = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        meta = msgspec.convert(values, Meta)
    except (sqlite3.Error, msgspec.ValidationError, TypeError, ValueError) as error:
        connection.close()
        raise MalformedError(f"not a store of advisories: {error}", str(path), REPAIR) from error
    if meta.format != FORMAT:
        connection.close()
        raise MalformedError("made by another version of Lading", str(path), REPAIR)
    return connection, meta
