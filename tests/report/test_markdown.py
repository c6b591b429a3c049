from __future__ import annotations

import re

import pytest

from lading.model.report import Report
from lading.report.format import Options
from lading.report.rendering import render
from report import factory
from report.rendered import Rendered

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(2000, 3000),
}


def page(report: Report, options: Options | None = None) -> Rendered:
    return Rendered(render("markdown", report, options).decode())


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("suppressed", [False, True])
def test_within_the_bound_and_free_of_foreign_markup(name: str, *, suppressed: bool) -> None:
    text = render("markdown", REPORTS[name], Options(show_suppressed=suppressed)).decode()
    assert len(text) <= 65_000
    assert all(line.isprintable() for line in text.split("\n"))
    shown = Rendered(text)
    ours = {"h3", "p", "strong", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td", "a"}
    assert shown.tags <= ours | {"details", "summary"}
    assert all(link.startswith("https://osv.dev/vulnerability/") for link in shown.links)


def test_a_row() -> None:
    shown = page(factory.report())
    assert [cell.strip() for cell in shown.rows[1]] == [
        "CRITICAL",
        "CVE-2022-3602",
        "libssl3",
        "3.0.11-1~deb12u1",
        "3.0.15-1~deb12u1",
        "KEV 94%",
        "code execution, denial of service",
    ]


def test_what_does_not_fit_is_counted() -> None:
    text = render("markdown", REPORTS["large"]).decode()
    rows = len(re.findall(r"^\| .*osv\.dev", text, flags=re.MULTILINE))
    (more,) = re.findall(r"\*\*and ([\d,]+) rows more\*\*", text)
    assert rows + int(more.replace(",", "")) == 3000
    assert 60_000 < len(text) <= 65_000
    assert "<summary>Layers</summary>" in text


@pytest.mark.parametrize(
    ("report", "line"),
    [
        pytest.param(
            factory.report(findings=()), "No known vulnerabilities in 4 packages.", id="nothing-found"
        ),
        pytest.param(factory.report(findings=(), advisories={}), "NOTHING WAS CHECKED", id="nothing-checked"),
    ],
)
def test_a_report_without_findings_says_why(report: Report, line: str) -> None:
    assert line in page(report).text


def test_suppressed_only_by_number_unless_asked() -> None:
    report = factory.report()
    assert "1 finding set aside by exceptions" in page(report).text
    assert "the function is never called" not in page(report).text
    assert "the function is never called" in page(report, Options(show_suppressed=True)).text
