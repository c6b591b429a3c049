"""One HTML page that holds everything: it can be mailed, kept, printed, and opened without a network.

All is in the markup: a page whose scripts are blocked, as build servers do, still shows the whole report.
`page.js` adds tabs, filters and order. The page's policy allows its own style and script, by their
hashes, and nothing else: no request, no inline handler, no style attribute.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from lading.model.report import Report
from lading.model.severity import Severity
from lading.report import summary
from lading.report.format import Format, Options
from lading.report.html_tables import Panel, panels
from lading.report.markup import escape, mono
from lading.report.paint import joined
from lading.report.table import verdict
from lading.report.text import plural, size, utf8

_PLACE = re.compile(r"@@(\w+)@@")


def render(report: Report, _options: Options) -> bytes:
    """Return the page in UTF-8, with all foreign text escaped and made printable."""
    parts = panels(report)
    style, script = _asset("page.css"), _asset("page.js")
    values = {
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "generator": escape(f"{report.tool.name} {report.tool.version}"),
        "title": escape(f"{report.target} - Lading"),
        "target": escape(report.target),
        "facts": _facts(report),
        "warnings": _warnings(report),
        "verdict": escape(_verdict(report)),
        "severity_bar": _severity_bar(report),
        "chips": _chips(report),
        "layers": _layers(report),
        "tabs": "\n".join(_tab(part) for part in parts),
        "panels": "\n".join(part.markup for part in parts),
        "footer": _footer(report),
    }
    # In one pass: what a value holds is never taken for a place.
    return utf8(_PLACE.sub(lambda match: values[match[1]], _asset("page.html")))


def _asset(name: str) -> str:
    return files("lading.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _facts(report: Report) -> str:
    image = report.image
    boxes: list[tuple[str, str]] = []
    if image.digest or image.config_digest:
        about = joined((image.architecture, image.created[:10]))
        boxes.append(("Image", _lines(mono(image.digest or image.config_digest), escape(about))))
    if image.os:
        boxes.append(("System", _lines(escape(summary.os_name(image.os)), escape(summary.support(image.os)))))
    else:
        boxes.append(("System", '<span class="quiet">not known</span>'))
    kinds = joined(f"{count:,} {type_}" for type_, count in summary.by_type(report).items())
    boxes.append(("Contents", _lines(escape(plural(len(report.packages), "package")), escape(kinds))))
    if image.layers:
        total = size(sum(layer.size for layer in image.layers))
        boxes.append(("Layers", _lines(escape(plural(len(image.layers), "layer")), escape(total))))
    known = joined(f"{name} {data.records:,}" for name, data in sorted(report.advisories.items()))
    newest = max((data.modified[:10] for data in report.advisories.values()), default="")
    told = escape(f"newest of {newest}") if newest else ""
    boxes.append(("Advisories", _lines(escape(known), told) if known else "<strong>none</strong>"))
    return "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in boxes)


def _lines(first: str, second: str) -> str:
    return first + (f'<br><span class="quiet">{second}</span>' if second else "")


def _warnings(report: Report) -> str:
    told = []
    if report.image.os and report.image.os.ended:
        ended = f"{escape(summary.os_name(report.image.os))}: {escape(summary.support(report.image.os))}"
        told.append(_warning("End of life.", ended))
    if report.packages and not summary.was_checked(report):
        how = "There were no advisories; <code>lading db update</code> gets them."
        told.append(_warning("Nothing was checked.", how))
    elif report.unmatched:
        names = escape(joined(report.unmatched))
        told.append(_warning("Not all was checked.", f"There were no advisories for {names}.", "mild"))
    if report.skipped:
        count = plural(len(report.skipped), "file")
        unknown = f"{count} could not be, and nothing is known of what is in there."
        told.append(_warning("Not all was read.", unknown, "mild"))
    return "\n".join(told)


def _warning(title: str, text: str, more: str = "") -> str:
    return f'<p class="{joined(("warning", more), " ")}"><strong>{title}</strong> {text}</p>'


def _verdict(report: Report) -> str:
    if not report.findings:
        return verdict(report)[0][0].replace("`", "")
    return plural(len(report.findings), "finding") + " in " + plural(_affected(report), "package")


def _affected(report: Report) -> int:
    return len({(one.package, one.layer) for one in report.findings})


def _severity_bar(report: Report) -> str:
    counts = summary.severities(report.findings)
    told = joined(f"{count} {severity}" for severity, count in counts.items() if count)
    return _spread(counts, "spread", told) if report.findings else ""


def _spread(counts: dict[Severity, int], class_: str, label: str) -> str:
    """Return a bar divided by severity; `label` says the same in words."""
    total = sum(counts.values())
    start = 0
    rects = ""
    for severity, count in counts.items():
        if count:
            place = f'x="{100 * start / total:.3f}%" width="{100 * count / total:.3f}%"'
            rects += f'<rect class="{severity}" {place} height="100%"/>'
        start += count
    return f'<svg class="{class_}" role="img" aria-label="{escape(label)}">{rects}</svg>'


def _chips(report: Report) -> str:
    if not report.findings:
        return ""
    chips = [
        f'<button type="button" class="chip {severity}" data-filter="severity" data-value="{severity}">'
        f'<span class="dot"></span>{severity.capitalize()} <b>{count:,}</b></button>'
        for severity, count in summary.severities(report.findings).items()
        if count
    ]
    exploited, fixable = summary.exploited(report.findings), summary.fixable(report.findings)
    chips.append(
        f'<button type="button" class="chip apart" data-filter="kev">Known exploited <b>{exploited:,}</b></button>'
    )
    chips.append(
        f'<button type="button" class="chip" data-filter="fix">Fix available <b>{fixable:,}</b></button>'
    )
    return '<div class="chips" role="group" aria-label="Show only">' + "".join(chips) + "</div>"


def _layers(report: Report) -> str:
    told = summary.layers(report)
    if not told:
        return ""
    largest = max(one.layer.size for one in told) or 1
    rows = "\n".join(f"<li>{_layer(one, largest)}</li>" for one in told)
    return (
        '<section class="layers" aria-labelledby="layers">'
        '<div class="head"><h2 id="layers">Layers</h2><p>the lowest first, with the instruction that made each</p></div>'
        f'<ol class="stack">{rows}</ol></section>'
    )


def _layer(one: summary.LayerSum, largest: int) -> str:
    counts = summary.severities(one.findings)
    where = f"<i>{escape(one.where)}:</i> " if one.where else ""
    made = escape(one.instruction) or "<i>no instruction known</i>"
    told = joined(f"{count} {severity}" for severity, count in counts.items() if count)
    flaws = _spread(counts, "", told) if one.findings else ""
    share = f'<rect width="{100 * one.layer.size / largest:.3f}%" height="100%"/>'
    found = plural(len(one.findings), "finding") if one.findings else "no findings"
    return (
        f'<button type="button" class="layer" data-layer="{one.number}" title="{escape(one.layer.diff_id)}">'
        f'<span class="n">{one.number}</span>'
        f'<span><span class="made">{where}{made}</span>'
        f'<svg class="bar" aria-hidden="true">{share}</svg></span>'
        f'<span class="size">{size(one.layer.size)}</span>'
        f'<span class="held">{plural(one.packages, "package")}</span>'
        f'<span class="flaws"><span>{found}</span>{flaws}</span></button>'
    )


def _tab(part: Panel) -> str:
    return f'<a href="#{part.id}">{part.title}<span>{part.count:,}</span></a>'


def _footer(report: Report) -> str:
    made = escape(f"{report.tool.name} {report.tool.version}")
    return (
        f"Made by {made}. Order: by risk, from known exploitation (CISA KEV), its probability within 30 days (EPSS)"
        " and severity. The same image and the same advisories give the same page."
    )


FORMAT = Format(
    name="html",
    summary="one page to look at, to mail and to keep; needs no network",
    render=render,
    suffix=".html",
    media_type="text/html; charset=utf-8",
)
