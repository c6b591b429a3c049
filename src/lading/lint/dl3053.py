"""DL3053: labels that are no date and time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# RFC 3339, 5.6. Which minutes have a second 60 is told by tables that grow: any may.
_TIME = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LOOSE = re.compile(r"\s*([0-9-]{10})[Tt ]+([0-9:.,]{8,40}?) ?([Zz]|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})\s*")
_SHORT_MONTHS = frozenset({4, 6, 9, 11})


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `rfc3339` that are none."""
    should_be = "a time as in RFC 3339, such as 2024-05-31T16:30:00Z"
    return labels.ill_typed(subject, "rfc3339", _is_valid, should_be, _mended)


def _is_valid(value: str) -> bool:
    found = _TIME.fullmatch(value)
    if not found:
        return False
    year, month, day = map(int, found.groups())
    if month == 2:  # noqa: PLR2004 - February
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= 28 + leap
    return day <= 31 - (month in _SHORT_MONTHS)


def _mended(value: str) -> str:
    """Return the same time as RFC 3339 writes it; `value` where that is not plain."""
    found = _LOOSE.fullmatch(value)
    if not found:
        return value
    date, time, zone = found.groups()
    zone = "Z" if zone.isalpha() else f"{zone[:3]}:{zone[-2:]}"
    return f"{date}T{time.replace(',', '.')}{zone}"


RULE = Rule(
    code="DL3053",
    title="A label that should be a time is none.",
    level=Level.WARNING,
    why=labels.why(
        "RFC 3339 writes a time with date, seconds and distance from UTC, so that it is the same one everywhere.",
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    check=check,
    fixable=True,
    config=Config(labels={"it": "rfc3339"}),
    bad=(
        "FROM debian:12\nLABEL it=2024-05-31\n",
        'FROM debian:12\nLABEL it="2024-05-31 16:30:00+0200"\n',
        "FROM debian:12\nLABEL it=2023-02-29T00:00:00Z\n",
        "FROM debian:12\nLABEL it=2024-05-31T16:30:00\n",
        "FROM debian:12\nLABEL it=\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=2024-05-31T16:30:00Z\n",
        'FROM debian:12\nLABEL it="2024-02-29T16:30:00.5+02:00"\n',
        "FROM debian:12\nLABEL it=2016-12-31T23:59:60z\n",
        "FROM debian:12\nLABEL other=now\n",
    ),
)
