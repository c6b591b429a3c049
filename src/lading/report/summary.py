"""Numbers and groups that several formats show; worked out here once, from the report alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lading.model.fact import DATABASES
from lading.model.finding import Finding
from lading.model.report import LayerInfo, OsInfo, Report
from lading.model.severity import Severity, Status
from lading.report.instruction import short

GRAVEST_FIRST = tuple(reversed(Severity))
# Not ecosystems: what else a report names the data of.
ENRICHMENT = ("KEV", "EPSS")
_UNJUDGED = ("advisories", *DATABASES)


def severities(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Return how many findings each severity has, gravest first, those with none included."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in GRAVEST_FIRST}


def fixable(findings: Iterable[Finding]) -> int:
    """Return how many findings a newer version closes."""
    return sum(finding.fixed_in is not None for finding in findings)


def exploited(findings: Iterable[Finding]) -> int:
    """Return how many findings are known to be exploited."""
    return sum(finding.kev for finding in findings)


def was_checked(report: Report) -> bool:
    """Tell whether there were advisories for any package; without, no finding means nothing."""
    return any(name not in ENRICHMENT for name in report.advisories)


def unjudged(report: Report) -> bool:
    """Tell whether there are packages, or may be some, of which no finding means nothing."""
    return bool(report.unmatched) or any(item.reader.startswith(_UNJUDGED) for item in report.skipped)


@dataclass(frozen=True, slots=True)
class LayerSum:
    """What a layer brought.

    number: from 1, the lowest. instruction: short, one printable line, may be empty.
    where: `Dockerfile:12`, or empty. packages: those that it brought and that are still there.
    """

    number: int
    layer: LayerInfo
    instruction: str
    where: str
    packages: int
    findings: tuple[Finding, ...]


def layers(report: Report) -> list[LayerSum]:
    """Return the layers, lowest first. Of layers with one diff ID the first has the packages."""
    packages = Counter(package.layer for package in report.packages)
    findings: dict[str, list[Finding]] = {}
    for finding in report.findings:
        findings.setdefault(finding.layer, []).append(finding)
    return [
        LayerSum(
            number=number,
            layer=layer,
            instruction=short(layer.created_by),
            where=place(layer),
            packages=packages.pop(layer.diff_id, 0),
            findings=tuple(findings.pop(layer.diff_id, ())),
        )
        for number, layer in enumerate(report.image.layers, 1)
    ]


def layer_numbers(report: Report) -> dict[str, int]:
    """Return the number of each layer by diff ID, from 1, the lowest."""
    numbers: dict[str, int] = {}
    for number, layer in enumerate(report.image.layers, 1):
        numbers.setdefault(layer.diff_id, number)
    return numbers


def place(layer: LayerInfo) -> str:
    """Return `Dockerfile:12` where the layer is known to come from there; not cleaned."""
    return f"{layer.source or 'Dockerfile'}:{layer.line}" if layer.line else ""


def os_name(os: OsInfo) -> str:
    """Return what people call the operating system: `Debian GNU/Linux 12 (bookworm)`; not cleaned."""
    name = os.name or os.id
    if os.version and os.version not in name:
        name = f"{name} {os.version}"
    if os.codename and os.codename.lower() not in name.lower():
        name = f"{name} ({os.codename})"
    return name


def support(os: OsInfo) -> str:
    """Return what is known of the end of support, in words; empty if nothing is."""
    if os.ended:
        since = f" since {os.end_of_life}" if os.end_of_life else ""
        return f"END OF LIFE{since}: gets no more security fixes"
    return f"supported until {os.end_of_life}" if os.end_of_life else ""


_STATUS = {
    Status.FIXED: "fixed",
    Status.AFFECTED: "no fix yet",
    Status.WILL_NOT_FIX: "will not be fixed",
    Status.END_OF_LIFE: "release is at its end",
}


def remedy(finding: Finding) -> str:
    """Return the version that closes the finding, or in words why there is none; not cleaned."""
    return finding.fixed_in or _STATUS[finding.status]


def impacts(finding: Finding) -> str:
    """Return what an attacker gains, in words: `code execution, information leak`."""
    return ", ".join(impact.replace("-", " ") for impact in finding.impact)


def gravest_impact(finding: Finding) -> str:
    """Return the gravest thing that an attacker gains, and how many more: `code execution +2`."""
    if not finding.impact:
        return ""
    more = len(finding.impact) - 1
    return finding.impact[0].replace("-", " ") + (f" +{more}" if more else "")


def probability(epss: float | None) -> str:
    """Return the probability of exploitation as `97%`, `0.4%`, `<0.1%`; empty if not known."""
    if epss is None:
        return ""
    percent = epss * 100
    if percent < 0.1:  # noqa: PLR2004 -- less than the form below can say
        return "<0.1%"
    short = f"{percent:.1f}"
    return (short if len(short) == len("0.0") else f"{percent:.0f}") + "%"


def by_type(report: Report) -> dict[str, int]:
    """Return how many packages each type has, the most frequent first."""
    counts = Counter(package.type for package in report.packages)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
