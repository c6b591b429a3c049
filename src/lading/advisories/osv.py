"""An OSV record, cut to the fields that Lading needs.

Schema: https://ossf.github.io/osv-schema/ (1.7). Fields that sources fill as they like
(`database_specific`, `ecosystem_specific`) are typed `Any` and read with care.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from lading.errors import MalformedError

# The longest record seen in OSV's export is some 6 MiB (a kernel advisory with every version listed).
MAX_RECORD_BYTES = 64 * 2**20
_BROKEN = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_T = TypeVar("_T")


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point on the line of versions; exactly one of the four is set."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class Range(msgspec.Struct, frozen=True, omit_defaults=True):
    """Events of one line of versions; type is `SEMVER`, `ECOSYSTEM` or `GIT`."""

    type: str = ""
    events: list[Event] = []


class PackageName(msgspec.Struct, frozen=True, omit_defaults=True):
    """The package that an entry of `affected` speaks of; purl: its package URL, which may say more."""

    ecosystem: str = ""
    name: str = ""
    purl: str = ""


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """A severity: type `CVSS_V3` with a vector, or `Ubuntu` with a word."""

    type: str = ""
    score: str = ""


class Specific(msgspec.Struct, frozen=True, omit_defaults=True):
    """What sources put into `database_specific` and `ecosystem_specific`, of any type."""

    severity: Any = None
    urgency: Any = None
    status: Any = None
    cwe_ids: Any = None
    cwes: Any = None
    CWE: Any = None
    categories: Any = None
    informational: Any = None
    binaries: Any = None
    components: Any = None
    imports: Any = None
    affects: Any = None
    last_known_affected_version_range: Any = None
    cvss_score: Any = None
    cvss_v4_score: Any = None
    cvss_v3_score: Any = None
    cvss_v2_score: Any = None


class Affected(msgspec.Struct, frozen=True, omit_defaults=True):
    """Versions of one package that have the flaw."""

    package: PackageName | None = None
    ranges: list[Range] | None = None
    versions: list[str] | None = None
    severity: list[Score] | None = None
    ecosystem_specific: Specific | None = None
    database_specific: Specific | None = None


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A web page; type is `ADVISORY`, `FIX`, `WEB` ..."""

    type: str = ""
    url: str = ""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """A vulnerability, or an advisory about several.

    aliases: other names of the same flaw. upstream: flaws that this advisory answers.
    related: anything else; distributions of the older schema list their CVEs there.
    """

    id: str
    modified: str = ""
    published: str | None = None
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    summary: str | None = None
    details: str | None = None
    severity: list[Score] | None = None
    affected: list[Affected] | None = None
    references: list[Reference] | None = None
    database_specific: Specific | None = None


_DECODER = msgspec.json.Decoder(Record)


def decode(data: bytes, where: str = "") -> tuple[Record, bool]:
    """Return the record in JSON bytes, and whether all of it could be read.

    A field of a wrong type is left out, as is an element of a list; the rest is kept, and the
    second value is False if that may cost a match. Raises `MalformedError` for what is not
    JSON, not an object, or has no `id`. where: goes into the error.
    """
    try:
        record, whole = _DECODER.decode(data), True
    except msgspec.ValidationError:
        record, whole = _salvage(_parsed(data, where), where)
    except _BROKEN as error:
        raise MalformedError(f"not an OSV record: {error}", where) from error
    if not record.id:
        raise MalformedError("an OSV record without an id", where)
    return record, whole


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(data)
    except _BROKEN as error:
        raise MalformedError(f"not an OSV record: {error}", where) from error
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise MalformedError("an OSV record without an id", where)
    return value


def _salvage(value: dict[str, Any], where: str) -> tuple[Record, bool]:
    """Read field by field what cannot be read as a whole."""
    whole = True
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(Record):
        if field.name not in value:
            continue
        kept[field.name], complete = _field(value[field.name], field.type)
        whole &= complete or field.name in {"references", "summary", "details", "severity", "published"}
    if not kept["id"]:
        raise MalformedError("an OSV record without an id", where)
    return Record(**kept), whole


def _field(value: Any, wanted: Any) -> tuple[Any, bool]:  # noqa: ANN401 -- any JSON value, any type to read it as
    read = _convert(value, wanted)
    if read is not None or value is None:
        return read, True
    if not isinstance(value, list) or _convert([], wanted) is None:
        return None, False
    elements = [_convert([element], wanted) for element in value]
    return [read[0] for read in elements if read], all(elements)


def _convert(value: Any, wanted: type[_T]) -> _T | None:  # noqa: ANN401 -- any JSON value
    try:
        return msgspec.convert(value, wanted)
    except (msgspec.ValidationError, RecursionError):
        return None
