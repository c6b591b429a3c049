"""`.lading.yaml`: findings that somebody has decided to live with, why, and until when.

    exceptions:
      - id: CVE-2024-1234
        package: openssl
        path: usr/lib/**
        reason: the flaw is in a cipher that our configuration turns off
        owner: platform@example.org
        expires: 2026-12-31

`docs/exceptions.md` has every field. Reason, owner and expiry are required: an exception that nobody
answers for, or that never comes up again, is how a scanner is silenced for good. `expires: never` is
possible, because some flaws cannot matter in some images, but it has to be written.
"""

from __future__ import annotations

import datetime as dt

from lading.errors import LadingError, MalformedError
from lading.model.finding import Suppression
from lading.model.severity import Impact
from lading.policy import marked, pattern, purl
from lading.policy.pattern import Glob
from lading.policy.rule import Rule
from lading.purl import Purl

_FIELDS = ("id", "package", "path", "impact", "reason", "owner", "expires")
_REQUIRED = ("id", "reason", "owner", "expires")
_NEVER = "never"


def parse(data: bytes, where: str) -> tuple[Rule, ...]:
    """Return one rule for each exception, in file order.

    where: name of the file; errors and `Suppression.source` carry it with the line.

    Raises `MalformedError` for an unknown key, a missing or empty field, a value of the wrong kind, an id
    that is a pattern, a date that is none, an exception that would hide everything; `LimitError` for size.
    """
    root = marked.parse(data, where)
    if marked.is_null(root):
        return ()
    top = marked.fields(root, where, "the file", ("exceptions",))
    entries = top.values.get("exceptions")
    if entries is None or marked.is_null(entries):
        return ()
    if not isinstance(entries, marked.Items):
        marked.stop(where, entries.line, "exceptions must be a list")
    return tuple(_rule(entry, where) for entry in entries.values)


def _rule(entry: marked.Node, where: str) -> Rule:
    fields = marked.fields(entry, where, "an exception", _FIELDS)
    for key in _REQUIRED:
        if key not in fields.values:
            hint = "a date such as 2026-12-31, or never" if key == "expires" else ""
            marked.stop(where, fields.line, f"exception without {key}", hint)
    texts = {key: marked.texts(fields, key, where) for key in fields.values}
    names, purls = _packages(texts.get("package", []), where)
    ids = _ids(texts["id"], where)
    if not ids and not (names or purls):
        marked.stop(where, fields.lines["id"], "id: '*' needs a package that it is limited to")
    return Rule(
        ids=ids,
        names=names,
        purls=purls,
        paths=tuple(_glob(text, where) for text in texts.get("path", [])),
        impacts=tuple(_impact(text, where) for text in texts.get("impact", [])),
        suppression=Suppression(
            source=f"{where}:{fields.line}",
            reason=_one(texts, "reason", fields, where),
            owner=_one(texts, "owner", fields, where),
            expires=_expiry(texts["expires"], fields, where),
        ),
    )


def _one(texts: dict[str, list[marked.Text]], key: str, fields: marked.Fields, where: str) -> str:
    if len(texts[key]) != 1:
        marked.stop(where, fields.lines[key], f"{key} must be one text, not a list")
    return str(texts[key][0].value).strip()


def _ids(texts: list[marked.Text], where: str) -> tuple[str, ...]:
    ids = []
    for text in texts:
        value = str(text.value).strip()
        if value == "*":
            if len(texts) > 1:
                marked.stop(where, text.line, "id: '*' cannot stand beside others")
            return ()
        if any(sign in value for sign in "*?[{ ") or not value.isascii():
            hint = "only '*' alone, with a package, stands for all"
            marked.stop(where, text.line, f"id {value[:80]!r} is not an identifier", hint)
        ids.append(value.upper())
    return tuple(ids)


def _packages(texts: list[marked.Text], where: str) -> tuple[tuple[Glob, ...], tuple[Purl, ...]]:
    names: list[Glob] = []
    purls: list[Purl] = []
    for text in texts:
        value = str(text.value).strip()
        try:
            if value.lower().startswith("pkg:"):
                purls.append(purl.parse(value))
                continue
            glob = pattern.for_name(value)
        except LadingError as error:
            raise MalformedError(error.message, f"{where}:{text.line}") from error
        if pattern.matches_all(glob):
            marked.stop(where, text.line, f"package {value!r} is every package", "name those that are meant")
        names.append(glob)
    return tuple(names), tuple(purls)


def _glob(text: marked.Text, where: str) -> Glob:
    try:
        return pattern.for_path(str(text.value).strip())
    except LadingError as error:
        raise MalformedError(error.message, f"{where}:{text.line}") from error


def _impact(text: marked.Text, where: str) -> Impact:
    value = str(text.value).strip()
    if value not in set(Impact):
        marked.stop(where, text.line, f"unknown impact {value[:80]!r}", f"known are {', '.join(Impact)}")
    return Impact(value)


def _expiry(texts: list[marked.Text], fields: marked.Fields, where: str) -> str:
    value = _one({"expires": texts}, "expires", fields, where)
    if value == _NEVER:
        return ""
    try:
        day = dt.date.fromisoformat(value).isoformat()
    except ValueError:
        day = ""
    # fromisoformat takes 20261231 and 2026-W01-1 as well, which few people read as dates.
    if day != value:
        message = f"expires {value[:80]!r} is not a date"
        marked.stop(where, texts[0].line, message, "a date such as 2026-12-31, or never")
    return day
