"""JSON: a list of findings with the fields that hadolint's has, and whether there is a fix."""

from __future__ import annotations

from typing import Any

from lading.lint.finding import Finding
from lading.lint.output.format import Format, Linted, Look
from lading.report import document


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the list. line, column: from 1. fixable: a fix exists. safe: it leaves alone what the image does."""
    return document.write([_entry(one) for file in files for one in file.findings])


def _entry(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "code": finding.code,
        "level": finding.level.value,
        "message": finding.message,
        "fixable": finding.fixable,
        "safe": finding.safe,
    }


FORMAT = Format("json", "a list of findings, one object each", render)
