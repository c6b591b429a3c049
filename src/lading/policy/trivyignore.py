"""Trivy's ignore files, so that those who come from there keep their decisions.

`.trivyignore` has an identifier on each line, `#` begins a comment line, and `exp:YYYY-MM-DD` after the
identifier ends it; `.trivyignore.yaml` has `vulnerabilities`, a list of `id`, `paths`,
`purls`, `statement` and `expired_at`. Both files end a rule when its day begins, so that the last day
on which it holds is the one before. Its sections on other things than vulnerabilities are passed over.
Format: https://trivy.dev/latest/docs/configuration/filtering/
"""

from __future__ import annotations

import datetime as dt

from lading.errors import LadingError, LimitError, MalformedError
from lading.model.finding import Suppression
from lading.policy import marked, pattern, purl
from lading.policy.rule import Rule

MAX_BYTES = 2**20

_SECTIONS = ("vulnerabilities", "misconfigurations", "secrets", "licenses")
_FIELDS = ("id", "paths", "purls", "statement", "expired_at")


def parse_lines(data: bytes, where: str) -> tuple[Rule, ...]:
    """Return one rule for each identifier in a `.trivyignore`, in file order.

    Raises `MalformedError`, with file and line, for a date that is none; `LimitError` for size.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES} bytes", where)
    rules = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        dates = [field[4:] for field in fields[1:] if field.startswith("exp:")]
        expires = _day_before(dates[0], f"{where}:{number}") if dates else ""
        source = Suppression(source=f"{where}:{number}", expires=expires)
        rules.append(Rule(ids=(fields[0].upper(),), suppression=source))
    return tuple(rules)


def parse_yaml(data: bytes, where: str) -> tuple[Rule, ...]:
    """Return one rule for each vulnerability in a `.trivyignore.yaml`, in file order.

    Raises `MalformedError`, with file and line, for unknown keys, values of the wrong kind, patterns, package
    URLs and dates that are none; `LimitError` for size.
    """
    root = marked.parse(data, where)
    if marked.is_null(root):
        return ()
    top = marked.fields(root, where, "the file", _SECTIONS)
    entries = top.values.get("vulnerabilities")
    if entries is None or marked.is_null(entries):
        return ()
    if not isinstance(entries, marked.Items):
        marked.stop(where, entries.line, "vulnerabilities must be a list")
    return tuple(_rule(entry, where) for entry in entries.values)


def _rule(entry: marked.Node, where: str) -> Rule:
    fields = marked.fields(entry, where, "a vulnerability", _FIELDS)
    # Trivy takes an empty `statement:` or `paths:` for an absent one.
    given = [key for key, node in fields.values.items() if not marked.is_null(node)]
    texts = {key: marked.texts(fields, key, where) for key in given}
    if "id" not in texts:
        marked.stop(where, fields.line, "vulnerability without id")
    try:
        paths = tuple(pattern.for_path(text) for text in _values(texts, "paths"))
        purls = tuple(purl.parse(text) for text in _values(texts, "purls"))
    except LadingError as error:
        raise MalformedError(error.message, f"{where}:{fields.line}") from error
    dates = _values(texts, "expired_at")
    return Rule(
        ids=tuple(text.upper() for text in _values(texts, "id")),
        paths=paths,
        purls=purls,
        suppression=Suppression(
            source=f"{where}:{fields.line}",
            reason=" ".join(_values(texts, "statement")),
            expires=_day_before(dates[0], f"{where}:{fields.lines['expired_at']}") if dates else "",
        ),
    )


def _values(texts: dict[str, list[marked.Text]], key: str) -> list[str]:
    return [str(text.value).strip() for text in texts.get(key, [])]


def _day_before(text: str, place: str) -> str:
    """Return the last day on which a rule holds that ends at the moment `text`, ISO date or date and time."""
    try:
        end = dt.datetime.fromisoformat(text)
        midnight = end.time() == dt.time()
        return (end.date() - dt.timedelta(days=midnight)).isoformat()
    except (ValueError, OverflowError):
        raise MalformedError(f"{text[:80]!r} is not a date", place, "write it as 2026-12-31") from None
