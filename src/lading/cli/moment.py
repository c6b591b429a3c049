"""The time that a command goes by: this one, or that of SOURCE_DATE_EPOCH."""

from __future__ import annotations

import datetime as dt
import os

from lading.errors import UsageError


def today() -> dt.date:
    """Return the day that is judged by: SOURCE_DATE_EPOCH's if set, else this one, in UTC."""
    moment = epoch() or dt.datetime.now(dt.UTC)
    return moment.date()


def epoch() -> dt.datetime | None:
    """Return the moment that SOURCE_DATE_EPOCH names, in UTC; None if it is not set.

    Raises `UsageError` for a value that is no number of seconds.
    """
    seconds = timestamp("")
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


def timestamp(given: str) -> int | None:
    """Return the seconds since 1970 that an option gives, else SOURCE_DATE_EPOCH; None for neither.

    Raises `UsageError` for what is no number of seconds that a date has.
    """
    text = given or os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    name = "--timestamp" if given else "SOURCE_DATE_EPOCH"
    try:
        seconds = int(text)
        dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"{name} is no number of seconds: {text[:80]!r}") from error
    return seconds
