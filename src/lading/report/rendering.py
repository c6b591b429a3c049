"""From the name of a format to a report in it."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from lading.errors import UsageError
from lading.model.report import Report
from lading.report import FORMATS
from lading.report.format import Format, Options


def load(name: str) -> Format:
    """Return the format of that name, importing its module.

    Raises `UsageError` for a name that is not in `FORMATS`.
    """
    if name not in FORMATS:
        raise UsageError(f"no such format: {name!r}", hint="one of " + ", ".join(FORMATS))
    return cast("Format", import_module(FORMATS[name]).FORMAT)


def render(name: str, report: Report, options: Options | None = None) -> bytes:
    """Return `report` in the format of that name.

    Raises `UsageError` for a name that is not in `FORMATS`.
    """
    return load(name).render(report, options or Options())
