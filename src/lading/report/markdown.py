"""Markdown as GitHub and GitLab show it, made for a comment on a pull request.

A comment holds 65,536 characters on GitHub. Rows that would go beyond are left out, and their
number stands in their place.
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.model.finding import Finding
from lading.model.report import Report
from lading.report import gfm, summary
from lading.report.format import Format, Options
from lading.report.grouping import Group, groups
from lading.report.links import advisory
from lading.report.notes import unmatched, why
from lading.report.paint import joined
from lading.report.table import verdict
from lading.report.text import plural, size, utf8

MAX_CHARS = 65_000
# Of it at most so much for what stands below the findings.
_MAX_TAIL = 25_000
# Of each kind of thing that is not a finding so many are listed.
_SHOWN = 10


def render(report: Report, options: Options) -> bytes:
    """Return the document: UTF-8, at most 65,000 characters, all foreign text escaped."""
    head = "\n".join(_head(report)) + "\n"
    tail = ""
    for section, instead in _sections(report, options):
        tail += section if len(tail) + len(section) <= _MAX_TAIL else instead
    rows = [_row(group, finding) for group in groups(report.findings) for finding in group.findings]
    table = _table(
        ("Severity", "Vulnerability", "Package", "Installed", "Fixed in", "Exploit", "Impact"),
        rows,
        MAX_CHARS - len(head) - len(tail) - len(_more(len(rows))),
    )
    return utf8(head + table + tail)


def _head(report: Report) -> Iterator[str]:
    yield f"### What {gfm.code(report.target)} carries"
    yield ""
    yield f"**{gfm.text(''.join(piece for piece, _ in verdict(report)), 600)}**"
    yield ""
    os = report.image.os
    if os:
        support = summary.support(os)
        told = f"**{gfm.text(support)}**" if os.ended else gfm.text(support)
        yield f"- System: {joined((gfm.text(summary.os_name(os)), told))}"
    if report.image.digest:
        yield f"- Image: {gfm.code(report.image.digest)}"
    layers = report.image.layers
    held = f", {plural(len(layers), 'layer')}, {size(sum(layer.size for layer in layers))}" if layers else ""
    yield f"- Contents: {plural(len(report.packages), 'package')}{held}"
    data = (
        f"{gfm.text(name, 40)} {data.records:,} ({gfm.text(data.modified[:10])})"
        for name, data in sorted(report.advisories.items())[:_DATA]
    )
    yield f"- Advisories: {joined(data) or '**none**'}"
    yield ""


# Ecosystems and sources that are named in the head.
_DATA = 20


def _row(group: Group, finding: Finding) -> str:
    more = f" and {len(group.names) - 1} more" if len(group.names) > 1 else ""
    exploit = joined(("**KEV**" if finding.kev else "", summary.probability(finding.epss)), " ")
    fixed = gfm.code(finding.fixed_in) if finding.fixed_in else gfm.text(summary.remedy(finding))
    url = advisory(finding.id)
    id_ = f"[{gfm.text(finding.id)}]({url})" if url else gfm.code(finding.id, 60)
    return _line(
        f"**{finding.severity.upper()}**" if finding.severity >= "high" else str(finding.severity),
        id_,
        gfm.code(group.names[0]) + more,
        gfm.code(group.version, 60),
        fixed,
        exploit.replace("<", "&lt;"),
        gfm.text(summary.impacts(finding)),
    )


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _table(headings: tuple[str, ...], rows: list[str], room: int) -> str:
    """Return as many rows as there is room for, and below them how many are left out."""
    if not rows:
        return ""
    text = _line(*headings) + _line(*["---"] * len(headings))
    for number, row in enumerate(rows):
        if len(text) + len(row) > room:
            return text + _more(len(rows) - number)
        text += row
    return text


def _more(count: int) -> str:
    return f"\n**and {plural(count, 'row')} more** in the full report\n"


_Section = tuple[str, str]


def _sections(report: Report, options: Options) -> Iterator[_Section]:
    """Give what stands below the findings, each with the line that takes its place if it is too long."""
    missing = [f"- {gfm.code(name)}: {plural(count, 'package')}\n" for name, count in unmatched(report)]
    yield _details(plural(len(missing), "ecosystem") + " not checked, for want of advisories", missing)
    skipped = [f"- {joined((gfm.code(s.path), gfm.text(s.reason)), ': ')}\n" for s in report.skipped]
    yield _details(plural(len(skipped), "file") + " could not be read: nothing is known of them", skipped)
    removed = [f"- {gfm.code(r.package.name)} {gfm.code(r.package.version)}\n" for r in report.removed]
    yield _details(
        plural(len(removed), "package") + " removed or replaced, but still shipped in a lower layer", removed
    )
    aside = [_aside(one) for one in report.suppressed]
    title = plural(len(aside), "finding") + " set aside by exceptions"
    full, instead = _details(title, aside)
    yield (full if options.show_suppressed else instead), instead
    yield _layers(report)


def _aside(finding: Finding) -> str:
    return f"- {gfm.code(finding.id)} in {gfm.code(finding.package.name)}: {gfm.text(why(finding))}\n"


def _layers(report: Report) -> _Section:
    rows = [
        _line(
            str(one.number),
            joined((gfm.text(one.where), gfm.code(one.instruction)), ": "),
            size(one.layer.size),
            str(one.packages),
            str(len(one.findings)),
        )
        for one in summary.layers(report)
    ]
    table = _table(("Layer", "Instruction", "Size", "Packages", "Findings"), rows, _MAX_TAIL // 3)
    return _closed("Layers", table) if rows else "", ""


def _details(title: str, lines: list[str]) -> _Section:
    if not lines:
        return "", ""
    more = f"- and {len(lines) - _SHOWN:,} more\n" if len(lines) > _SHOWN else ""
    return _closed(title, "".join(lines[:_SHOWN]) + more), f"\n{title}\n"


def _closed(title: str, text: str) -> str:
    return f"\n<details><summary>{title}</summary>\n\n{text}\n</details>\n"


FORMAT = Format(
    name="markdown",
    summary="a comment for a pull request, at most 65,000 characters",
    render=render,
    suffix=".md",
    media_type="text/markdown; charset=utf-8",
)
