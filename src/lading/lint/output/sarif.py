"""SARIF 2.1.0: for code scanning, as GitHub and others take it.

Specification: OASIS `sarif-v2.1.0-os`. Fixes are told as replacements (3.55), so that viewers can offer them.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import lading
from lading import lint
from lading.dockerfile.source import Position, Source
from lading.lint.finding import Finding
from lading.lint.fingerprint import marks
from lading.lint.output.format import Format, Linted, Look
from lading.lint.page import address, is_shellchecks, page, shellcheck_page, title
from lading.lint.rule import Edit, Fix, Level
from lading.report import document
from lading.report.text import clean, utf8

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note", Level.STYLE: "note"}


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the document: JSON in UTF-8 with one run; what comments have switched off are results, too."""
    return document.write({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(files)]})


def _run(files: tuple[Linted, ...]) -> dict[str, Any]:
    findings = [one for file in files for one in (*file.findings, *file.suppressed)]
    codes = {code: number for number, code in enumerate(dict.fromkeys(one.code for one in findings))}
    any_suppressed = any(file.suppressed for file in files)
    return {
        "tool": {
            "driver": {
                "name": "Lading",
                "fullName": f"Lading {lading.__version__}",
                "version": lading.__version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "automationDetails": {"id": "lading/lint/"},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(file.path)}} for file in files],
        "results": [
            result
            for number, file in enumerate(files)
            for result in _results(file, number, codes, any_suppressed=any_suppressed)
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": _message(title(code))}}
    if code in lint.RULES:
        known = lint.load(code)
        rule["fullDescription"] = {"text": _message(known.why)}
        rule["help"] = {"text": _message(known.why), "markdown": _braces(page(known))}
        rule["defaultConfiguration"] = {"level": _LEVEL.get(known.level, "note")}
    elif is_shellchecks(code):
        rule["help"] = {"text": _message(shellcheck_page(code)), "markdown": _braces(shellcheck_page(code))}
        rule["helpUri"] = address(code)
    return rule


def _results(
    file: Linted, number: int, codes: dict[str, int], *, any_suppressed: bool
) -> list[dict[str, Any]]:
    findings = (*file.findings, *file.suppressed)
    results = []
    for one, mark in zip(findings, marks(findings, file.source), strict=True):
        result = _result(one, file.source, mark)
        result["ruleIndex"] = codes[one.code]
        result["locations"][0]["physicalLocation"]["artifactLocation"]["index"] = number
        # 3.27.23: either all results of a run say whether they are suppressed, or none does.
        if any_suppressed:
            result["suppressions"] = [{"kind": "inSource"}] if one in file.suppressed else []
        results.append(result)
    return results


def _result(one: Finding, source: Source, mark: str) -> dict[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column}
    if (one.end_line, one.end_column) >= (one.line, one.column):
        region |= {"endLine": one.end_line, "endColumn": one.end_column}
    result: dict[str, Any] = {
        "ruleId": one.code,
        "level": _LEVEL.get(one.level, "none"),
        "message": {"text": _message(clean(one.message))},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one.file)}, "region": region}}],
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:1", "ladingLint/v1": mark},
        "properties": {"fixable": one.fixable, "safe": one.safe},
    }
    if one.fix is not None:
        result["fixes"] = [_fix(one.fix, one.file, source)]
    return result


def _fix(fix: Fix, path: str, source: Source) -> dict[str, Any]:
    changed = {
        "artifactLocation": {"uri": _uri(path)},
        "replacements": [_replacement(edit, source) for edit in fix.edits],
    }
    return {"description": {"text": _message(clean(fix.title))}, "artifactChanges": [changed]}


def _replacement(edit: Edit, source: Source) -> dict[str, Any]:
    start, end = source.position(edit.span.start), source.position(edit.span.end)
    text = utf8(edit.text.replace("\n", source.newline)).decode()
    return {"deletedRegion": _region(start, end), "insertedContent": {"text": text}}


def _region(start: Position, end: Position) -> dict[str, int]:
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _uri(path: str) -> str:
    """Return a path as a URI reference (RFC 3986); standard input has none."""
    if path == "-":
        return "stdin"
    pure = PurePath(path)
    raw = pure.as_posix().encode("utf-8", "surrogateescape")
    return f"file://{quote(raw)}" if pure.is_absolute() else quote(raw)


def _message(text: str) -> str:
    """Escape what a SARIF message gives a meaning to: links (3.11.6) and placeholders (3.11.5)."""
    return _braces(text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]"))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


FORMAT = Format("sarif", "SARIF 2.1.0, for code scanning", render)
