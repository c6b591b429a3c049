"""The parts of the HTML page that are tables, each a panel behind a tab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lading.model.finding import Finding
from lading.model.package import Package
from lading.model.report import Report
from lading.model.severity import Severity
from lading.report import summary
from lading.report.links import advisory, web
from lading.report.markup import address, escape, mono
from lading.report.paint import joined

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
# Of a finding so many references are shown.
_MAX_LINKS = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page. id: its anchor. title: of its tab. count: of its rows."""

    id: str
    title: str
    count: int
    markup: str


@dataclass(frozen=True, slots=True)
class _Column:
    """first: the order that a first click asks for. How wide it is says `page.css`."""

    heading: str
    first: str = "ascending"


def panels(report: Report) -> list[Panel]:
    """Return the parts that have something to show; findings and packages always."""
    numbers = summary.layer_numbers(report)
    parts = [_findings(report, numbers), _packages(report, numbers)]
    others = [_suppressed(report, numbers), _removed(report, numbers), _skipped(report, numbers)]
    return parts + [part for part in (*others, _advisories(report)) if part.count]


def _panel(id_: str, title: str, columns: Sequence[_Column], rows: Sequence[str], note: str = "") -> Panel:
    heads = "".join(f'<th scope="col" data-first="{one.first}">{one.heading}</th>' for one in columns)
    body = "\n".join(rows) or f'<tr class="empty"><td colspan="{len(columns)}">None.</td></tr>'
    told = f"<p>{note}</p>" if note else ""
    markup = (
        f'<section class="panel" id="{id_}"><h2>{title}</h2>{told}<div class="frame"><table>'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div></section>"
    )
    return Panel(id_, title, len(rows), markup)


def _severity(severity: Severity) -> str:
    return f'<td data-v="{_RANK[severity]}"><span class="sev {severity}">{severity.capitalize()}</span></td>'


def _layer(diff_id: str, numbers: dict[str, int]) -> str:
    number = numbers.get(diff_id)
    return f'<td data-v="{number}" class="num">{number}</td>' if number else '<td data-v="0"></td>'


def _row(cells: Iterable[str], layer: int | None, more: str = "") -> str:
    place = f' data-layer="{layer}"' if layer else ""
    return f"<tr{place}{more}>{''.join(cells)}</tr>"


def _findings(report: Report, numbers: dict[str, int]) -> Panel:
    columns = (
        _Column("Severity", "descending"),
        _Column("Vulnerability"),
        _Column("Package"),
        _Column("Installed"),
        _Column("Fixed in"),
        _Column("Exploit", "descending"),
        _Column("Impact"),
        _Column("Layer"),
    )
    return _panel("findings", "Findings", columns, [_finding(one, numbers) for one in report.findings])


def _finding(one: Finding, numbers: dict[str, int]) -> str:
    number = numbers.get(one.layer)
    fixed = escape(one.fixed_in) if one.fixed_in else ""
    remedy = f'<td class="mono fix">{fixed}</td>' if fixed else f'<td class="none">{summary.remedy(one)}</td>'
    kev = '<span class="kev" title="in CISA\'s catalogue of known exploited vulnerabilities">KEV</span>'
    likely = escape(summary.probability(one.epss))
    cells = (
        _severity(one.severity),
        f"<td>{_details(one, number)}</td>",
        f'<td class="mono">{escape(one.package.name)}</td>',
        f'<td class="mono">{escape(one.package.version)}</td>',
        remedy,
        f'<td data-v="{2 * one.kev + (one.epss or 0):.5f}">{kev if one.kev else ""}{likely}</td>',
        f"<td>{summary.gravest_impact(one)}</td>",
        _layer(one.layer, numbers),
    )
    facts = f' data-sev="{one.severity}"' + " data-kev" * one.kev + " data-fix" * (one.fixed_in is not None)
    return _row(cells, number, facts)


def _details(one: Finding, layer: int | None) -> str:
    package = one.package
    rated = joined(("" if one.cvss_score is None else f"{one.cvss_score:.1f}", one.cvss_vector), " ")
    told = [
        ("Also known as", escape(joined(one.aliases))),
        ("Impact", summary.impacts(one)),
        ("CVSS", mono(rated) if rated else ""),
        ("Weakness", escape(joined(one.cwes))),
        ("Published", escape(one.published[:10])),
        ("Package", mono(package.purl) if package.purl else ""),
        ("Source package", escape(package.source_name if package.source_name != package.name else "")),
        ("Found in", mono(package.path) + (f", layer {layer}" if layer else "") if package.path else ""),
        ("Records", escape(joined(one.sources))),
        ("Read more", _links(one)),
    ]
    more = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in told if value)
    what = f'<span class="what">{escape(one.summary)}</span>' if one.summary else ""
    return f'<details><summary><b>{escape(one.id)}</b>{what}</summary><dl class="more">{more}</dl></details>'


def _links(one: Finding) -> str:
    urls = [url for url in (advisory(one.id), *map(web, one.references)) if url]
    return "".join(
        f'<a href="{address(url)}" rel="noopener noreferrer nofollow">{escape(url)}</a>'
        for url in list(dict.fromkeys(urls))[:_MAX_LINKS]
    )


def _packages(report: Report, numbers: dict[str, int]) -> Panel:
    columns = (
        _Column("Package"),
        _Column("Version"),
        _Column("Type"),
        _Column("Licences"),
        _Column("Found in"),
        _Column("Layer"),
        _Column("Findings", "descending"),
    )
    worst: dict[tuple[str, ...], list[Severity]] = {}
    for finding in report.findings:
        of = finding.package
        worst.setdefault((of.type, of.name, of.version, of.purl, of.path, finding.layer), []).append(
            finding.severity
        )
    rows = [_package(one, numbers, worst) for one in report.packages]
    return _panel("packages", "Packages", columns, rows)


def _package(one: Package, numbers: dict[str, int], worst: dict[tuple[str, ...], list[Severity]]) -> str:
    path = one.locations[0].path if one.locations else ""
    held = worst.get((one.type, one.name, one.version, one.purl, path, one.layer), [])
    gravest = max(held, key=_RANK.__getitem__, default=None)
    found = f'<span class="sev {gravest}" title="{gravest}">{len(held)}</span>' if gravest else ""
    cells = (
        f'<td class="mono">{escape(one.name)}</td>',
        f'<td class="mono">{escape(one.version)}</td>',
        f"<td>{escape(one.type)}</td>",
        f"<td>{escape(joined(one.licenses))}</td>",
        f'<td class="mono">{escape(path)}</td>',
        _layer(one.layer, numbers),
        f'<td data-v="{len(held)}" class="num">{found}</td>',
    )
    return _row(cells, numbers.get(one.layer))


def _suppressed(report: Report, numbers: dict[str, int]) -> Panel:
    columns = (
        _Column("Severity", "descending"),
        _Column("Vulnerability"),
        _Column("Package"),
        _Column("Why"),
        _Column("Who"),
        _Column("Until"),
        _Column("Where it is said"),
    )
    rows = [_set_aside(one, numbers) for one in report.suppressed]
    return _panel(
        "suppressed", "Set aside", columns, rows, "Findings that an exception or a VEX document sets aside."
    )


def _set_aside(one: Finding, numbers: dict[str, int]) -> str:
    held = one.suppression
    told = (held.vex_status.replace("_", " "), held.reason) if held else ()
    cells = (
        _severity(one.severity),
        f"<td><b>{escape(one.id)}</b></td>",
        f'<td class="mono">{escape(one.package.name)} {escape(one.package.version)}</td>',
        f"<td>{escape(joined(told, ': '))}</td>",
        f"<td>{escape(held.owner if held else '')}</td>",
        f"<td>{escape(held.expires if held else '')}</td>",
        f'<td class="mono">{escape(held.source if held else "")}</td>',
    )
    return _row(cells, numbers.get(one.layer))


def _removed(report: Report, numbers: dict[str, int]) -> Panel:
    columns = (
        _Column("Package"),
        _Column("Version"),
        _Column("Type"),
        _Column("Still in layer"),
        _Column("Gone since layer"),
    )
    rows = [
        _row(
            (
                f'<td class="mono">{escape(one.package.name)}</td>',
                f'<td class="mono">{escape(one.package.version)}</td>',
                f"<td>{escape(one.package.type)}</td>",
                _layer(one.package.layer, numbers),
                _layer(one.removed_in, numbers),
            ),
            numbers.get(one.package.layer),
        )
        for one in report.removed
    ]
    note = "A higher layer removed or replaced these. Who has the image still has them, in the lower layer."
    return _panel("removed", "Removed, still shipped", columns, rows, note)


def _skipped(report: Report, numbers: dict[str, int]) -> Panel:
    columns = (_Column("Path"), _Column("Why"), _Column("Reader"), _Column("Layer"))
    rows = [
        _row(
            (
                f'<td class="mono">{escape(one.path)}</td>',
                f"<td>{escape(one.reason)}</td>",
                f"<td>{escape(one.reader)}</td>",
                _layer(one.layer, numbers),
            ),
            numbers.get(one.layer),
        )
        for one in report.skipped
    ]
    note = "These could not be read. What is in them is not in this report."
    return _panel("skipped", "Not read", columns, rows, note)


def _advisories(report: Report) -> Panel:
    columns = (
        _Column("Source"),
        _Column("Records", "descending"),
        _Column("Newest", "descending"),
        _Column("Digest"),
    )
    rows = [
        _row(
            (
                f"<td>{escape(name)}</td>",
                f'<td data-v="{data.records}" class="num">{data.records:,}</td>',
                f"<td>{escape(data.modified)}</td>",
                f'<td class="mono">{escape(data.digest)}</td>',
            ),
            None,
        )
        for name, data in sorted(report.advisories.items())
    ]
    return _panel("advisories", "Advisories", columns, rows, "The data that the findings were made with.")
