"""The table: what a person reads in a terminal, or finds in the log of a build.

Written by hand and not with a library: what it takes to import one is longer than what it takes to
scan an image whose layers are known.
"""

from __future__ import annotations

from lading.model.finding import Finding
from lading.model.report import Report
from lading.report import summary
from lading.report.columns import Widths, fit, headings, row
from lading.report.format import Format, Options
from lading.report.grouping import Group, groups
from lading.report.notes import notes
from lading.report.paint import Page, Piece, joined
from lading.report.text import clean, pad, plural, size, utf8, wrap
from lading.report.update import closing

_MIN_WIDTH = 40
_MAX_WIDTH = 1000


def render(report: Report, options: Options) -> bytes:
    """Return the table: lines of at most `options.width` columns, in UTF-8.

    Holds no control characters but line ends, and colours if `options.color`.
    """
    page = Page(min(max(options.width, _MIN_WIDTH), _MAX_WIDTH), color=options.color)
    _header(page, report)
    page.blank()
    page.flow(*verdict(report))
    page.blank()
    if report.findings:
        widths = fit(report.findings, page.columns)
        (_by_layer if options.group == "layer" else _by_package)(page, report, widths)
        page.blank()
    notes(page, report, show_suppressed=options.show_suppressed)
    if report.findings:
        _legend(page, report)
        page.flow(*verdict(report))
    return utf8(page.text())


def _legend(page: Page, report: Report) -> None:
    if any(finding.kev or finding.epss is not None for finding in report.findings):
        page.flow(
            ("EXPLOIT: KEV, known to be exploited (CISA); ", "dim"),
            ("percent, probability within 30 days (EPSS)", "dim"),
        )
        page.blank()


def _header(page: Page, report: Report) -> None:
    image = report.image
    page.line((report.target, "bold"))
    label = 12
    for name, value, style in _facts(report):
        for number, line in enumerate(wrap(clean(value), page.columns - label)):
            page.line((pad("" if number else name, label), "dim"), (line, style))
    if image.os and image.os.ended:
        page.line(("warning     ", "alarm"), (summary.support(image.os), "alarm"))


def _facts(report: Report) -> list[tuple[str, str, str]]:
    image = report.image
    identity = joined((image.digest or image.config_digest, image.architecture, image.created[:10]))
    system = "not known"
    if image.os:
        ended = image.os.ended
        system = joined((summary.os_name(image.os), "" if ended else summary.support(image.os)))
    sizes = sum(layer.size for layer in image.layers)
    layers = f"{plural(len(image.layers), 'layer')}, {size(sizes)}" if image.layers else ""
    kinds = joined(f"{count:,} {type_}" for type_, count in summary.by_type(report).items())
    contents = joined(
        (layers, plural(len(report.packages), "package") + (f" ({kinds})" if kinds else "")), "; "
    )
    data = joined(
        (
            f"{name} {held.records:,}" + (f" ({held.modified[:10]})" if held.modified else "")
            for name, held in sorted(report.advisories.items())
        ),
    )
    facts = [("image", identity, ""), ("system", system, ""), ("contents", contents, "")]
    facts.append(("advisories", data or "none", "" if data else "alarm"))
    return [(name, value, style) for name, value, style in facts if value]


def verdict(report: Report) -> list[Piece]:
    """Return the line that says it all: how many findings, how grave, how many an update closes."""
    findings = report.findings
    if not findings:
        return [_no_findings(report)]
    counts = {severity: count for severity, count in summary.severities(findings).items() if count}
    exploited = summary.exploited(findings)
    line: list[Piece] = [(plural(len(findings), "finding") + ": ", "bold")]
    for severity, count in counts.items():
        last = severity == list(counts)[-1]
        line += [(f"{count:,} {severity}", severity), ("; " if last else ", ", "")]
    if exploited:
        line += [(f"{exploited:,} known to be exploited", "alarm"), (", ", "")]
    return [*line, (f"{summary.fixable(findings):,} closed by an update", "good")]


def _no_findings(report: Report) -> Piece:
    if not report.packages:
        incomplete = "; not all could be read, as told below" if summary.unjudged(report) else ""
        return (f"No packages found: nothing to check{incomplete}.", "warn")
    if not summary.was_checked(report):
        return ("NOTHING WAS CHECKED: no advisories; `lading db update` gets them.", "alarm")
    if summary.unjudged(report):
        return ("No known vulnerabilities in what could be checked; not all could be, as told below.", "warn")
    return (f"No known vulnerabilities in {plural(len(report.packages), 'package')}.", "good")


def _by_package(page: Page, report: Report, widths: Widths) -> None:
    numbers = summary.layer_numbers(report)
    page.line(*headings(widths))
    for group in groups(report.findings):
        page.flow(*_title(group, numbers))
        _rows(page, group, widths)


def _by_layer(page: Page, report: Report, widths: Widths) -> None:
    known = set()
    layers = summary.layers(report)
    for one in layers:
        known.add(one.layer.diff_id)
        _layer_title(page, one, len(layers))
        _groups(page, one.findings, widths)
    rest = tuple(finding for finding in report.findings if finding.layer not in known)
    if rest:
        page.line(("In no layer", "head"))
        _groups(page, rest, widths)


def _layer_title(page: Page, one: summary.LayerSum, count: int) -> None:
    found = plural(len(one.findings), "finding") if one.findings else "no findings"
    packages = plural(one.packages, "package")
    about = joined((size(one.layer.size), packages, found))
    page.line((f"Layer {one.number} of {count}", "head"), ("  " + about, ""))
    made_by = joined((clean(one.where), one.instruction or "no instruction known"), ": ")
    for line in wrap(made_by, page.columns - 2, lines=2):
        page.line(("  " + line, "" if one.instruction else "dim"))
    page.blank()


def _groups(page: Page, findings: tuple[Finding, ...], widths: Widths) -> None:
    if findings:
        page.line(*headings(widths))
    for group in groups(findings):
        page.flow(*_title(group, {}))
        _rows(page, group, widths)


def _rows(page: Page, group: Group, widths: Widths) -> None:
    for finding in group.findings:
        page.line(*row(finding, widths))
    page.blank()


def _title(group: Group, numbers: dict[str, int]) -> list[Piece]:
    number = numbers.get(group.layer)
    source = f"source {group.source}" if group.source else ""
    places = f"{group.places} places" if group.places > len(group.names) else ""
    about = joined((group.type, source, places, f"layer {number}" if number else ""))
    shown = ", ".join(group.names[:_NAMES])
    more = f" and {len(group.names) - _NAMES} more" if len(group.names) > _NAMES else ""
    title: list[Piece] = [(shown, "bold"), (f"{more} {group.version} ", ""), (f"({about})", "dim")]
    return [*title, (_update(group), "good")]


def _update(group: Group) -> str:
    """Return the version that closes them all, where that is not what each line says anyway."""
    fixable = summary.fixable(group.findings)
    version = closing(group.findings)
    if not version or len({one.fixed_in for one in group.findings}) == 1:
        return ""
    count = len(group.findings)
    return f"  {version} closes " + (f"all {count}" if fixable == count else f"{fixable} of {count}")


# So many packages of one source are named above their findings.
_NAMES = 4

FORMAT = Format(
    name="table",
    summary="for people: in a terminal with colours, elsewhere plain",
    render=render,
    suffix=".txt",
    media_type="text/plain; charset=utf-8",
)
