"""Text for people: the finding, the line that it is about, and a caret below the place."""

from __future__ import annotations

from collections import Counter

from lading.dockerfile.source import Source
from lading.lint.finding import Finding
from lading.lint.output.format import Format, Linted, Look
from lading.lint.rule import Level
from lading.report.paint import Page
from lading.report.text import clean, plural, utf8, width

_STYLES = {Level.ERROR: "alarm", Level.WARNING: "warn", Level.INFO: "head", Level.STYLE: "dim"}
# Messages are shown whole; excerpts are cut to the width before.
_NO_LIMIT = 2**31
_MIN_COLUMNS = 20


def render(files: tuple[Linted, ...], look: Look) -> bytes:
    """Return a paragraph for each finding, and what they are in all; nothing where there is none."""
    page = Page(_NO_LIMIT, color=look.color)
    findings = [one for file in files for one in file.findings]
    for file in files:
        for one in file.findings:
            _finding(page, one)
            _excerpt(page, one, file.source, look.width)
            page.blank()
    if not findings:
        return b""
    page.line((_summary(findings, len(files)), "bold"))
    return utf8(page.text())


def _finding(page: Page, finding: Finding) -> None:
    page.line(
        (f"{finding.file}:{finding.line}:{finding.column}", "bold"),
        (" ", ""),
        (finding.level.value, _STYLES.get(finding.level, "")),
        (f" {finding.code}: {finding.message}", ""),
        (_remedy(finding), "good"),
    )


def _remedy(finding: Finding) -> str:
    if not finding.fixable:
        return ""
    return " [--fix]" if finding.safe else " [--fix --unsafe-fixes]"


def _excerpt(page: Page, finding: Finding, source: Source, columns: int) -> None:
    """Add the line where the place begins, cut so that the place is seen, and marks below it."""
    line = finding.start.line
    begin = source.starts[line - 1]
    newline = source.text.find("\n", begin)
    end = newline if newline >= 0 else len(source.text)
    gutter = f"{line:>5} | "
    room = max(columns - len(gutter), _MIN_COLUMNS)
    start = min(max(finding.span.start, begin), end)
    stop = min(max(finding.span.end, start), end)
    # The place keeps a third of the line before it, when not all of the line has room.
    first = begin if end - begin <= room else max(begin, start - room // 3)
    shown = source.text[first : min(end, first + room)].rstrip("\r")
    if not shown.strip():
        return
    before = source.text[first:start].lstrip("\ufeff")
    marked = source.text[start : min(stop, first + room)].rstrip("\r")
    page.line((gutter, "dim"), (shown.lstrip("\ufeff"), ""))
    carets = "^" * max(min(width(clean(marked)), room), 1)
    page.line((" " * 5 + " | ", "dim"), (" " * width(clean(before)), ""), (carets, "good"))


def _summary(findings: list[Finding], files: int) -> str:
    counts = Counter(one.level for one in findings)
    levels = ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level])
    told = f"{plural(len(findings), 'finding')} ({levels}) in {plural(files, 'file')}"
    fixable = sum(one.fixable for one in findings)
    safe = sum(one.safe for one in findings)
    if not fixable:
        return told
    return f"{told}; fixable: {safe} with --fix, {fixable} with --fix --unsafe-fixes"


FORMAT = Format("text", "for people: the line that a finding is about, with a caret", render)
