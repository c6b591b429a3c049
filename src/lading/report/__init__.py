"""Reports: one module per format, each with a `FORMAT`; the list below is the only one.

A format is imported when it is asked for: a scan that prints a table loads no HTML template.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from lading.errors import UsageError
from lading.model.report import Report
from lading.report.format import Format, Options

# Name of the format -> module that has its `FORMAT`.
FORMATS = {
    "table": "lading.report.table",
    "json": "lading.report.json",
    "sarif": "lading.report.sarif",
    "cyclonedx": "lading.report.cyclonedx",
    "spdx": "lading.report.spdx",
    "junit": "lading.report.junit",
    "markdown": "lading.report.markdown",
    "html": "lading.report.html",
}


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
