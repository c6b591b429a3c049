"""JUnit XML, which every build server reads: a suite per type of package, a failure per finding.

The form is the one that Ant's `junitreport` made and that Jenkins and GitLab document. What was
set aside or could not be read is a skipped test; if nothing was checked, that is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lading.model.finding import Finding
from lading.model.report import Report
from lading.report import summary
from lading.report.format import Format, Options
from lading.report.links import advisory
from lading.report.notes import why
from lading.report.paint import joined
from lading.report.text import clean, plural, utf8


@dataclass(frozen=True, slots=True)
class _Case:
    """A test. outcome: `failure`, `error`, `skipped`, or empty if it passed."""

    name: str
    group: str
    outcome: str = ""
    message: str = ""
    type: str = ""
    body: str = ""


def render(report: Report, _options: Options) -> bytes:
    """Return the document: XML 1.0 in UTF-8, without characters that XML forbids."""
    suites = [*_suites(report)]
    cases = [case for _, held in suites for case in held]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites{_attributes(('name', f'lading {report.target}'), *_counts(cases))}>")
    for name, held in suites:
        lines.append(f"  <testsuite{_attributes(('name', name), *_counts(held))}>")
        lines += [line for case in held for line in _case(case)]
        lines.append("  </testsuite>")
    return utf8("\n".join([*lines, "</testsuites>", ""]))


def _suites(report: Report) -> Iterable[tuple[str, list[_Case]]]:
    types = dict.fromkeys([*summary.by_type(report), *(one.package.type for one in report.findings)])
    for type_ in types:
        cases = [_failure(one) for one in report.findings if one.package.type == type_]
        cases += [_set_aside(one) for one in report.suppressed if one.package.type == type_]
        count = sum(package.type == type_ for package in report.packages)
        yield type_, cases or [_Case(f"no known vulnerabilities in {plural(count, 'package')}", type_)]
    if report.packages and not summary.was_checked(report):
        told = "nothing was checked: no advisories"
        yield "advisories", [_Case("advisories", "lading", "error", told, "advisories", told)]
    if report.skipped:
        yield (
            "could not be read",
            [_Case(one.path or one.layer, one.reader, "skipped", one.reason) for one in report.skipped],
        )


def _failure(finding: Finding) -> _Case:
    package = finding.package
    message = joined(
        (f"{finding.severity.upper()} in {package.name} {package.version}", finding.summary), ": "
    )
    body = [
        ("Severity", joined((finding.severity, finding.cvss_vector), " ")),
        ("Remedy", f"update to {finding.fixed_in}" if finding.fixed_in else summary.remedy(finding)),
        ("Impact", summary.impacts(finding)),
        (
            "Exploit",
            joined(("known to be exploited" if finding.kev else "", summary.probability(finding.epss))),
        ),
        ("Also", joined(finding.aliases)),
        ("Package", package.purl),
        ("Path", package.path),
        ("Layer", finding.layer),
        ("See", advisory(finding.id)),
    ]
    text = "\n".join(f"{name}: {clean(value)}" for name, value in body if value)
    return _Case(finding.id, _group(finding), "failure", message, finding.severity, text)


def _set_aside(finding: Finding) -> _Case:
    return _Case(finding.id, _group(finding), "skipped", why(finding))


def _group(finding: Finding) -> str:
    return f"{finding.package.name} {finding.package.version}"


def _counts(cases: Sequence[_Case]) -> tuple[tuple[str, str], ...]:
    def count(outcome: str) -> str:
        return str(sum(case.outcome == outcome for case in cases))

    return (
        ("tests", str(len(cases))),
        ("failures", count("failure")),
        ("errors", count("error")),
        ("skipped", count("skipped")),
        ("time", "0"),
    )


def _case(case: _Case) -> Iterable[str]:
    start = f"    <testcase{_attributes(('name', case.name), ('classname', case.group), ('time', '0'))}"
    if not case.outcome:
        return [start + "/>"]
    kind = (("type", case.type),) if case.type else ()
    told = f"      <{case.outcome}{_attributes(('message', case.message), *kind)}"
    told += f">{escape(case.body)}</{case.outcome}>" if case.body else "/>"
    return [start + ">", told, "    </testcase>"]


def _attributes(*pairs: tuple[str, str]) -> str:
    return "".join(f" {name}={quoteattr(clean(value))}" for name, value in pairs)


FORMAT = Format(
    name="junit",
    summary="for build servers: a failed test per finding",
    render=render,
    suffix=".xml",
    media_type="application/xml",
)
