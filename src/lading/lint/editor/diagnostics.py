"""Findings as diagnostics."""

from __future__ import annotations

from lsprotocol.types import CodeDescription, Diagnostic, DiagnosticSeverity, DiagnosticTag

from lading.dockerfile.source import Span
from lading.lint.editor.look import Look
from lading.lint.finding import Finding
from lading.lint.page import address
from lading.lint.rule import Level

MAX_SHOWN = 1000
"""So many are shown of one file, the worst: a client would choke on what can be found in a large one."""

SOURCE = "lading"
_SEVERITY = {
    Level.ERROR: DiagnosticSeverity.Error,
    Level.WARNING: DiagnosticSeverity.Warning,
    Level.INFO: DiagnosticSeverity.Information,
    Level.STYLE: DiagnosticSeverity.Hint,
    Level.IGNORE: DiagnosticSeverity.Hint,
}
# What may as well not be there, and what has been replaced: editors fade the one and strike out the other.
_TAGS = {
    "DL3065": DiagnosticTag.Unnecessary,
    "DL4000": DiagnosticTag.Deprecated,
    "LD1014": DiagnosticTag.Unnecessary,
    "LegacyKeyValueFormat": DiagnosticTag.Deprecated,
    "NoEmptyContinuation": DiagnosticTag.Unnecessary,
}


def diagnostics(look: Look) -> list[Diagnostic]:
    """Return the diagnostics of a look, in the order of its findings; behind them its notes, and what was not read.

    Beyond `MAX_SHOWN` the mildest findings are left out, and one more note says how many.
    """
    findings = look.outcome.findings
    notes = (*look.outcome.notes, *look.outcome.unread)
    if len(findings) > MAX_SHOWN:
        worst = sorted(range(len(findings)), key=lambda at: findings[at].level.rank)[:MAX_SHOWN]
        notes = (*notes, f"{len(findings) - MAX_SHOWN} more findings are not shown: `lading lint` shows all")
        findings = tuple(findings[at] for at in sorted(worst))
    return [diagnostic(look, one) for one in findings] + [_note(look, text) for text in notes]


def _note(look: Look, text: str) -> Diagnostic:
    top = look.places.range(Span(0, 0))
    return Diagnostic(range=top, message=text, severity=DiagnosticSeverity.Information, source=SOURCE)


def diagnostic(look: Look, finding: Finding) -> Diagnostic:
    """Return a finding as a diagnostic, at its exact place."""
    url = address(finding.code)
    tag = _TAGS.get(finding.code)
    return Diagnostic(
        range=look.places.range(finding.span),
        message=finding.message,
        severity=_SEVERITY[finding.level],
        code=finding.code,
        code_description=CodeDescription(href=url) if url else None,
        source=SOURCE,
        tags=[tag] if tag else None,
    )
