"""What an output format is: a record with a name and a function from findings to bytes."""

from __future__ import annotations

from collections.abc import Callable

from lading.dockerfile.source import Source
from lading.lint.finding import Finding
from lading.record import Record


class Linted(Record):
    """A Dockerfile that was looked at. path: its name as given, `-` for standard input. source: its text.

    findings: what is reported. suppressed: what comments in it have switched off.
    """

    path: str
    source: Source
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()


class Look(Record):
    """How it is to look. color: ANSI colours may be used. width: columns that an excerpt may take."""

    color: bool = False
    width: int = 100


class Format(Record):
    """A way to write findings.

    name: as `--format` takes it. summary: one line for the documentation.
    render: gives the document in UTF-8. Control characters and markup in names and messages come out escaped.
    """

    name: str
    summary: str
    render: Callable[[tuple[Linted, ...], Look], bytes]
