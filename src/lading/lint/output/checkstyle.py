"""Checkstyle's XML, which reviewers' tools and Jenkins read, as hadolint writes it.

Its severities are error, warning and info (https://checkstyle.org/property_types.html#SeverityLevel).
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.finding import Finding
from lading.lint.output.format import Format, Linted, Look
from lading.lint.output.xml import attributes
from lading.lint.rule import Level
from lading.report.text import utf8

_SEVERITIES = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "info", Level.STYLE: "info"}


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the document: an element per file, also those without findings, so that old ones vanish."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">']
    lines += [line for file in files for line in _file(file)]
    return utf8("\n".join([*lines, "</checkstyle>", ""]))


def _file(file: Linted) -> Iterator[str]:
    yield f"  <file{attributes(name=file.path)}>"
    for one in file.findings:
        yield f"    <error{_error(one)}/>"
    yield "  </file>"


def _error(one: Finding) -> str:
    return attributes(
        line=str(one.line),
        column=str(one.column),
        severity=_SEVERITIES.get(one.level, "info"),
        message=one.message,
        source=one.code,
    )


FORMAT = Format("checkstyle", "Checkstyle's XML", render)
