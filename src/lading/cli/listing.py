"""Lists as people read them: columns as wide as what is in them, and times as they are spoken of."""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
from collections.abc import Sequence

from lading.cli import moment
from lading.report.text import clean, clip, pad, width

_GAP = "  "
_MIN_COLUMNS = 12
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
# From so many seconds on a time is told in the unit, of so many seconds.
_UNITS = (
    (2 * 365 * _DAY_S, 365 * _DAY_S, "years"),
    (2 * 30 * _DAY_S, 30 * _DAY_S, "months"),
    (2 * 7 * _DAY_S, 7 * _DAY_S, "weeks"),
    (2 * _DAY_S, _DAY_S, "days"),
    (2 * _HOUR_S, _HOUR_S, "hours"),
    (2 * _MINUTE_S, _MINUTE_S, "minutes"),
)
FORMATS = ("table", "json")


def add_format(parser: argparse.ArgumentParser) -> None:
    """Declare how a list is written."""
    parser.add_argument("-f", "--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--no-trunc", action="store_true", help="show everything in full, however wide")


def columns(args: argparse.Namespace) -> int:
    """Return how wide a table may be; 0 for any width: off a terminal nothing is cut."""
    if args.no_trunc or not sys.stdout.isatty():
        return 0
    return shutil.get_terminal_size((100, 24)).columns


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], limit: int = 0) -> str:
    """Return a table, a line for each row, below its headings.

    A heading that begins with a space is of a column of numbers, aligned at the right. limit: columns of
    the screen; the widest of the table's are cut for it. 0 for no limit.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    titles = [heading.strip() for heading in headings]
    wide = [max(map(width, column)) for column in zip(titles, *cells, strict=True)]
    while limit and sum(wide) + len(_GAP) * (len(wide) - 1) > limit and max(wide) > _MIN_COLUMNS:
        wide[wide.index(max(wide))] -= 1
    lines = []
    for row in [titles, *cells]:
        parts = [
            pad(cell, size, right=heading.startswith(" "))
            for cell, size, heading in zip(row, wide, headings, strict=True)
        ]
        line = _GAP.join(parts).rstrip()
        lines.append((clip(line, limit) if limit else line) + "\n")
    return "".join(lines)


def now() -> dt.datetime:
    """Return the moment that ages are counted from: SOURCE_DATE_EPOCH's if set."""
    return moment.epoch() or dt.datetime.now(dt.UTC)


def ago(created: str, moment: dt.datetime) -> str:
    """Return how long before `moment` a time (RFC 3339) was: `3 weeks ago`; empty for what is no time."""
    try:
        then = dt.datetime.fromisoformat(created)
    except ValueError:
        return ""
    then = then if then.tzinfo else then.replace(tzinfo=dt.UTC)
    seconds = (moment - then).total_seconds()
    if seconds < 0:
        return created[:10]
    for least, unit, name in _UNITS:
        if seconds >= least:
            return f"{int(seconds // unit)} {name} ago"
    return "1 minute ago" if seconds >= _MINUTE_S else "moments ago"
