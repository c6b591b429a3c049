"""SARIF 2.1.0: for code scanning, as GitHub and others take it.

Specification: OASIS `sarif-v2.1.0-os`. A rule is a vulnerability, a result is one in one package, its
place the file in the image where the package was found. Beyond the specification, GitHub reads
`security-severity` of a rule and `primaryLocationLineHash` of a result.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from lading.model.fact import Skipped
from lading.model.finding import Finding
from lading.model.report import Report
from lading.model.severity import Severity
from lading.report import document, gfm, summary
from lading.report.format import Format, Options
from lading.report.links import advisory, web
from lading.report.notes import unmatched, why
from lading.report.paint import joined
from lading.report.text import clean, clip, plural

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.NEGLIGIBLE: "note",
    Severity.UNKNOWN: "warning",
}
# Lowest score of each severity (CVSS 3.1, 5), and what is told where there is no score within it.
_SCORES = {
    Severity.CRITICAL: (9.0, 9.5),
    Severity.HIGH: (7.0, 8.0),
    Severity.MEDIUM: (4.0, 5.5),
    Severity.LOW: (0.1, 2.0),
    Severity.NEGLIGIBLE: (0.1, 0.1),
}
_ROOT = "ROOT"
_MAX_TEXT = 1000


def render(report: Report, _options: Options) -> bytes:
    """Return the document: JSON in UTF-8 with one run; suppressed findings are results, too."""
    return document.write({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]})


def _run(report: Report) -> dict[str, Any]:
    findings = [*report.findings, *report.suppressed]
    rules = _rules(findings)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    return {
        "tool": {
            "driver": {
                "name": "Lading",
                "fullName": f"Lading {report.tool.version}",
                "version": report.tool.version,
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"lading/{_short(report.target)}/"},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)},
        ],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the image"}}},
        "results": [_result(report, one, index[clean(one.id)], seen) for one in findings],
        "properties": {
            "target": report.target,
            "imageDigest": report.image.digest,
            "advisories": {
                name: {"records": data.records, "modified": data.modified, "digest": data.digest}
                for name, data in report.advisories.items()
            },
        },
    }


def _rules(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return one rule for each id, as grave as its gravest finding, in the order of the findings."""
    gravest: dict[str, Finding] = {}
    for finding in findings:
        id_ = clean(finding.id)
        if id_ not in gravest or finding.severity > gravest[id_].severity:
            gravest[id_] = finding
    return [_rule(id_, finding) for id_, finding in gravest.items()]


def _rule(id_: str, finding: Finding) -> dict[str, Any]:
    title = joined((id_, _short(finding.summary)), ": ")
    links = [url for url in (advisory(finding.id), *map(web, finding.references)) if url]
    properties: dict[str, Any] = {
        "tags": [*dict.fromkeys(("security", "vulnerability", *finding.cwes))],
        "precision": "very-high",
    }
    score = _score(finding)
    if score is not None:
        properties["security-severity"] = f"{score:.1f}"
    rule: dict[str, Any] = {
        "id": id_,
        "name": "Vulnerability",
        "shortDescription": {"text": _message(title)},
        "fullDescription": {"text": _message(title)},
        "help": {"text": _message(_help(finding)), "markdown": _braces(_help_markdown(finding, links))},
        "defaultConfiguration": {"level": _LEVEL[finding.severity]},
        "properties": properties,
    }
    return rule | ({"helpUri": links[0]} if links else {})


def _score(finding: Finding) -> float | None:
    """Return a score that says the same as the severity: the CVSS score, if it lies in that range."""
    if finding.severity not in _SCORES:
        return None
    lowest, usual = _SCORES[finding.severity]
    above = min((low for low, _ in _SCORES.values() if low > lowest), default=11.0)
    score = finding.cvss_score
    return score if score is not None and lowest <= score < above else usual


def _facts(finding: Finding) -> list[tuple[str, str]]:
    facts = [
        ("Severity", finding.severity.value),
        ("CVSS", finding.cvss_vector),
        ("Impact", summary.impacts(finding)),
        ("Known to be exploited", "yes" if finding.kev else ""),
        ("Exploitation within 30 days", summary.probability(finding.epss)),
        ("Weakness", joined(finding.cwes)),
        ("Also known as", joined(finding.aliases)),
    ]
    return [(name, _short(value)) for name, value in facts if value]


def _help(finding: Finding) -> str:
    return "\n".join([_short(finding.summary), *(f"{name}: {value}" for name, value in _facts(finding))])


def _help_markdown(finding: Finding, links: list[str]) -> str:
    facts = [f"- **{name}:** {gfm.text(value)}" for name, value in _facts(finding)]
    return "\n".join([gfm.text(finding.summary), "", *facts, *(f"- <{link}>" for link in links[:5])])


def _result(report: Report, finding: Finding, rule: int, seen: Counter[str]) -> dict[str, Any]:
    mark = _fingerprint(finding)
    seen[mark] += 1
    result: dict[str, Any] = {
        "ruleId": clean(finding.id),
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": _message(_what(finding))},
        "locations": [_location(finding, report.target)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{mark[:16]}:{seen[mark]}",
            "ladingFinding/v1": f"{mark}:{seen[mark]}",
        },
        "properties": {
            "purl": finding.package.purl,
            "version": finding.package.version,
            "fixedIn": finding.fixed_in,
            "status": finding.status,
            "layer": finding.layer,
            "risk": finding.risk,
        },
    }
    # 3.27.23: either all results of a run say whether they are suppressed, or none does.
    if report.suppressed:
        result["suppressions"] = [_suppression(finding)] if finding.suppression else []
    return result


def _what(finding: Finding) -> str:
    package = finding.package
    remedy = f"update to {finding.fixed_in}" if finding.fixed_in else summary.remedy(finding)
    named = f"{_short(package.name)} {_short(package.version)} has {_short(finding.id)} ({finding.severity})"
    return f"{joined((named, _short(finding.summary)), ': ')}. Remedy: {_short(remedy)}."


def _short(text: str) -> str:
    return clip(clean(text), _MAX_TEXT)


def _location(finding: Finding, target: str) -> dict[str, Any]:
    package = finding.package
    place = {"uri": _uri(package.path), "uriBaseId": _ROOT} if package.path else {"uri": _uri(target)}
    named: dict[str, Any] = {"name": package.name, "kind": "package"}
    if package.purl:
        named["fullyQualifiedName"] = package.purl
    return {
        "physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}},
        "logicalLocations": [named],
    }


def _uri(path: str) -> str:
    """Return a path as a relative reference (RFC 3986); bytes that are not UTF-8 come as they were."""
    return quote(path.lstrip("/").encode("utf-8", "surrogateescape" if _is_bytes(path) else "replace")) or "."


def _is_bytes(path: str) -> bool:
    return not any("\ud800" <= char < "\udc80" or "\udcff" < char <= "\udfff" for char in path)


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same while the package is updated and still has the vulnerability."""
    package = finding.package
    text = f"{finding.id}\0{package.type}\0{package.name}\0{package.path}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _suppression(finding: Finding) -> dict[str, Any]:
    return {"kind": "external", "status": "accepted", "justification": _short(why(finding))}


def _notifications(report: Report) -> list[dict[str, Any]]:
    missing = [
        _notification(f"{plural(count, 'package')} of {_short(name)} not checked: no advisories")
        for name, count in unmatched(report)
    ]
    return missing + [_unread(one) for one in report.skipped]


def _unread(skipped: Skipped) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": _uri(skipped.path), "uriBaseId": _ROOT}}}
    told = f"could not be read ({_short(skipped.reader)}): {_short(skipped.reason)}"
    return _notification(told) | ({"locations": [place]} if skipped.path else {})


def _notification(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": _message(text)}}


def _message(text: str) -> str:
    """Escape what a SARIF message gives a meaning to: links (3.11.6) and placeholders (3.11.5)."""
    return _braces(text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]"))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


FORMAT = Format(
    name="sarif",
    summary="SARIF 2.1.0, for code scanning",
    render=render,
    suffix=".sarif",
    media_type="application/sarif+json",
)
