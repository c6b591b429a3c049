"""Columns of findings: what stands in each, and how wide each is on a page of a given width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lading.model.finding import Finding
from lading.report import summary
from lading.report.paint import Piece
from lading.report.text import clean, pad, width

INDENT = 2
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    text: what stands in it. style: name in `paint.STYLES`. least, most: between how many columns of the
    terminal it may have; it gets no more than its longest text needs. droppable: may be left out.
    """

    heading: str
    text: Callable[[Finding], str]
    style: Callable[[Finding], str]
    least: int
    most: int
    droppable: bool = False


def _exploit(finding: Finding) -> str:
    return f"{'KEV' if finding.kev else ''} {summary.probability(finding.epss)}".strip()


# The last droppable one goes first where the page is narrow.
COLUMNS = (
    Column("SEVERITY", lambda one: one.severity.upper(), lambda one: one.severity, 8, 10),
    Column("VULNERABILITY", lambda one: one.id, lambda _: "bold", 14, 20),
    Column("FIXED IN", summary.remedy, lambda one: "good" if one.fixed_in else "dim", 12, 26),
    Column("EXPLOIT", _exploit, lambda one: "alarm" if one.kev else "", 7, 9, droppable=True),
    Column("IMPACT", summary.gravest_impact, lambda _: "", 14, 23, droppable=True),
    Column("SUMMARY", lambda one: one.summary, lambda _: "dim", 24, 90, droppable=True),
)

Widths = Sequence[tuple[Column, int]]


def fit(findings: Sequence[Finding], columns: int) -> Widths:
    """Return the columns that have room on a page of so many columns, each with its width."""
    chosen = [(column, _natural(column, findings)) for column in COLUMNS]
    chosen = [(column, natural) for column, natural in chosen if natural]
    while _least(chosen) > columns and chosen[-1][0].droppable:
        chosen.pop()
    left = columns - _least(chosen)
    widths = []
    for column, natural in chosen:
        least = min(column.least, natural)
        more = max(-least, min(left, natural - least)) if left >= 0 else 0
        left -= more
        widths.append((column, least + more))
    return widths


def _natural(column: Column, findings: Sequence[Finding]) -> int:
    """Return what the longest text needs, at most `most`; 0 for a droppable column of nothing."""
    longest = max((width(clean(column.text(one)[: column.most + 1])) for one in findings), default=0)
    if not longest and column.droppable:
        return 0
    return min(column.most, max(longest, len(column.heading)))


def _least(chosen: Widths) -> int:
    return INDENT - _GAP + sum(min(column.least, natural) + _GAP for column, natural in chosen)


def headings(widths: Widths) -> list[Piece]:
    """Return the line of headings."""
    gap = " " * _GAP
    text = gap.join(pad(column.heading, columns) for column, columns in widths)
    return [(" " * INDENT + text.rstrip(), "dim")]


def row(finding: Finding, widths: Widths) -> list[Piece]:
    """Return the line of one finding."""
    pieces: list[Piece] = [(" " * INDENT, "")]
    for column, columns in widths:
        text = pad(clean(column.text(finding)[: columns * 4]), columns)
        body = text.rstrip()
        pieces += [(body, column.style(finding)), (" " * (len(text) - len(body) + _GAP), "")]
    return pieces[:-1]
