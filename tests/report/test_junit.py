from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from lading.model.report import Report
from lading.report.rendering import render
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(100, 200),
}


def suites(report: Report) -> ET.Element:
    return ET.fromstring(render("junit", report))


@pytest.mark.parametrize("name", REPORTS)
def test_well_formed_and_counted(name: str) -> None:
    root = suites(REPORTS[name])
    assert root.tag == "testsuites"
    for element, cases in [(root, root.findall("testsuite/testcase"))] + [
        (suite, suite.findall("testcase")) for suite in root
    ]:
        assert int(element.attrib["tests"]) == len(cases)
        for outcome, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.attrib[attribute]) == sum(case.find(outcome) is not None for case in cases)
    assert len(root.findall(".//failure")) == len(REPORTS[name].findings)


def test_a_failure() -> None:
    case = suites(factory.report()).find("testsuite/testcase")
    assert case is not None
    assert (case.attrib["name"], case.attrib["classname"]) == ("CVE-2022-3602", "libssl3 3.0.11-1~deb12u1")
    failure = case.find("failure")
    assert failure is not None
    assert failure.attrib == {
        "message": "CRITICAL in libssl3 3.0.11-1~deb12u1: X.509 email address 4-byte buffer overflow",
        "type": "critical",
    }
    assert "Remedy: update to 3.0.15-1~deb12u1\n" in (failure.text or "")


def test_a_suite_for_each_type_and_for_what_was_not_read() -> None:
    assert [suite.attrib["name"] for suite in suites(factory.report())] == [
        "deb",
        "generic",
        "pypi",
        "could not be read",
    ]


def test_what_is_set_aside_is_skipped() -> None:
    told = suites(factory.report()).find("testsuite/testcase[@name='CVE-2019-1563']/skipped")
    assert told is not None
    assert told.attrib["message"].startswith("the function is never called")


def test_nothing_found_passes() -> None:
    root = suites(factory.report(findings=(), suppressed=(), skipped=()))
    assert root.attrib["failures"] == "0"
    assert [case.attrib["name"] for case in root.findall("testsuite/testcase")] == [
        "no known vulnerabilities in 2 packages",
        "no known vulnerabilities in 1 package",
        "no known vulnerabilities in 1 package",
    ]


def test_nothing_checked_is_an_error() -> None:
    root = suites(factory.report(findings=(), suppressed=(), skipped=(), advisories={}))
    assert root.attrib["errors"] == "1"
    assert root.find("testsuite/testcase/error[@message='nothing was checked: no advisories']") is not None


def test_hostile_text_stays_text() -> None:
    root = suites(factory.hostile())
    tags = {element.tag for element in root.iter()}
    assert tags == {"testsuites", "testsuite", "testcase", "failure", "skipped"}
    names = {case.attrib["name"] for case in root.findall("testsuite/testcase")}
    assert "<script>alert(1)</script>" in names
    assert r"\x1b[31mred\x1b]0;title\x07\x9b2J" in names
