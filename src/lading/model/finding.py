"""A vulnerability that a package has, and why a finding may be set aside."""

from __future__ import annotations

import msgspec

from lading.model.severity import Impact, Severity, Status


class PackageRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The package of a finding.

    type: purl type. path: where it was found, first location. source_name: the source package
    that the advisory names, if the package is another.
    """

    name: str
    version: str
    purl: str
    type: str
    source_name: str = ""
    path: str = ""


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a finding is set aside.

    source: the file that says so. reason: in its words. owner: who answers for it.
    expires: ISO date, last day on which it holds; empty for never.
    vex_status: `not_affected`, `fixed` ... where an OpenVEX document says it.
    """

    source: str
    reason: str = ""
    owner: str = ""
    expires: str = ""
    vex_status: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One vulnerability of one installed package.

    id: the identifier people know first (CVE, else GHSA, else the source's own).
    aliases: all other identifiers of the same flaw, sorted.
    fixed_in: the lowest version above the installed one that closes it; None if there is none.
    cvss_score: 0.0 to 10.0, base score of `cvss_vector`; None if there is no vector.
    impact: what an attacker gains, gravest first; empty if nothing tells.
    kev: listed in CISA's catalogue of known exploited vulnerabilities.
    epss: probability of exploitation in the next 30 days, 0 to 1; None if unknown.
    risk: 0 to 100, what findings are ordered by; `advisories.risk` has the formula.
    layer: diff ID of the layer that brought the package.
    summary: one line. cwes: `CWE-79`, sorted. references: URLs, advisory pages first.
    sources: IDs of the OSV records that say it, sorted.
    """

    id: str
    aliases: tuple[str, ...] = ()
    package: PackageRef
    fixed_in: str | None = None
    severity: Severity = Severity.UNKNOWN
    cvss_score: float | None = None
    cvss_vector: str = ""
    impact: tuple[Impact, ...] = ()
    kev: bool = False
    epss: float | None = None
    status: Status = Status.AFFECTED
    risk: float = 0.0
    layer: str = ""
    summary: str = ""
    cwes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    published: str = ""
    suppression: Suppression | None = None
