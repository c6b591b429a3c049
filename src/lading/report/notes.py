"""What a report must not keep quiet about, after the findings: what was not read, not checked, set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lading.model.finding import Finding
from lading.model.package import Package
from lading.model.report import Report
from lading.report import summary
from lading.report.paint import Page, joined
from lading.report.text import plural

# Of each kind so many are listed; the number stands above, and the JSON document has them all.
_SHOWN = 10


def notes(page: Page, report: Report, *, show_suppressed: bool) -> None:
    """Add the notes that apply, each with an empty line below."""
    _unmatched(page, report)
    _skipped(page, report)
    _removed(page, report)
    _suppressed(page, report.suppressed, listed=show_suppressed)


def unmatched(report: Report) -> list[tuple[str, int]]:
    """Return the ecosystems that nothing could be said of, each with the number of its packages."""
    return [(name, sum(_belongs(package, name) for package in report.packages)) for name in report.unmatched]


def _belongs(package: Package, ecosystem: str) -> bool:
    return package.ecosystem == ecosystem or package.ecosystem.startswith(ecosystem + ":")


def _unmatched(page: Page, report: Report) -> None:
    missing = unmatched(report)
    # Where nothing at all was checked the verdict has said so.
    if not missing or not summary.was_checked(report):
        return
    page.line(("Not checked, for want of advisories:", "warn"))
    _some(page, [f"{name}: {plural(count, 'package')}" for name, count in missing])


def _skipped(page: Page, report: Report) -> None:
    if not report.skipped:
        return
    page.line((f"{len(report.skipped):,} could not be read, so that nothing is known of it:", "warn"))
    _some(page, [f"{joined((one.path, one.reason), ': ')} ({one.reader})" for one in report.skipped])


def _removed(page: Page, report: Report) -> None:
    if not report.removed:
        return
    numbers = summary.layer_numbers(report)
    page.line((f"{len(report.removed):,} removed or replaced, but still shipped in a lower layer:", "warn"))
    listed = []
    for one in report.removed:
        here, gone = numbers.get(one.package.layer), numbers.get(one.removed_in)
        where = joined((f"layer {here}" if here else "", f"gone since layer {gone}" if gone else ""))
        listed.append(f"{one.package.name} {one.package.version}" + (f" ({where})" if where else ""))
    _some(page, listed)


def _suppressed(page: Page, suppressed: Sequence[Finding], *, listed: bool) -> None:
    if not suppressed:
        return
    page.line((f"{plural(len(suppressed), 'finding')} set aside by exceptions" + ":" * listed, "bold"))
    if listed:
        for one in suppressed:
            about = f" {one.id} in {one.package.name}: {why(one)}"
            page.line(("  ", ""), (one.severity.upper(), one.severity), (about, ""))
    page.blank()


def why(finding: Finding) -> str:
    """Return why a finding is set aside, in one line; not cleaned."""
    held = finding.suppression
    if held is None:
        return ""
    until = f"until {held.expires}" if held.expires else ""
    by = f"by {held.owner}" if held.owner else ""
    told = joined((held.vex_status.replace("_", " "), held.reason), ": ") or "no reason given"
    return f"{told} ({joined((held.source, by, until))})"


def _some(page: Page, lines: Iterable[str]) -> None:
    lines = list(lines)
    for line in lines[:_SHOWN]:
        page.line(("  " + line, ""))
    if len(lines) > _SHOWN:
        page.line((f"  and {len(lines) - _SHOWN:,} more", "dim"))
    page.blank()
