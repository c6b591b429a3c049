r"""Code Climate's issues: JSON objects, each ended by a NUL character.

Specification: https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import msgspec

from lading.lint.finding import Finding
from lading.lint.fingerprint import marks
from lading.lint.output.format import Format, Linted, Look
from lading.lint.rule import Level
from lading.report.text import clean

# As hadolint names them, so that a change of tool moves no issue from one class to another.
_SEVERITIES = {Level.ERROR: "blocker", Level.WARNING: "major", Level.INFO: "info", Level.STYLE: "minor"}


def render(files: tuple[Linted, ...], _look: Look) -> bytes:
    """Return the issues as a stream."""
    return b"".join(msgspec.json.encode(issue) + b"\0" for issue in issues(files))


def issues(files: tuple[Linted, ...]) -> Iterator[dict[str, Any]]:
    """Yield an issue for each finding; its fingerprint stays while lines above it come and go."""
    for file in files:
        for one, mark in zip(file.findings, marks(file.findings, file.source), strict=True):
            yield _issue(one, f"{mark}-{_path(file.path)}")


def _issue(one: Finding, mark: str) -> dict[str, Any]:
    import hashlib

    return {
        "type": "issue",
        "check_name": clean(one.code),
        "description": clean(one.message),
        "categories": ["Security"] if one.code.startswith("Secrets") else ["Bug Risk"],
        "severity": _SEVERITIES.get(one.level, "info"),
        "fingerprint": hashlib.sha256(mark.encode()).hexdigest()[:40],
        "location": {
            "path": _path(one.file),
            "lines": {"begin": one.line, "end": max(one.line, one.end_line)},
        },
    }


def _path(path: str) -> str:
    """Return a path as the specification wants it: with slashes, and without `./` before it."""
    return clean(PurePath(path).as_posix())


FORMAT = Format("codeclimate", "Code Climate's issues, each ended by a NUL", render)
