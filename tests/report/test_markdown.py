from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lading.model.report import Report
from lading.report import gfm, render
from lading.report.format import Options
from lading.report.text import clean, clip
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(2000, 3000),
}
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Page(HTMLParser):
    """What a browser would make of it: the text, the tags, the links."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.feed(_MARKDOWN.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def page(report: Report, options: Options | None = None) -> _Page:
    return _Page(render("markdown", report, options).decode())


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("suppressed", [False, True])
def test_within_the_bound_and_free_of_foreign_markup(name: str, *, suppressed: bool) -> None:
    text = render("markdown", REPORTS[name], Options(show_suppressed=suppressed)).decode()
    assert len(text) <= 65_000
    assert all(line.isprintable() for line in text.split("\n"))
    shown = _Page(text)
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


TEXTS = st.text(st.characters(), max_size=80) | st.sampled_from(factory.HOSTILE)


@given(TEXTS)
@settings(max_examples=300)
def test_text_is_shown_as_it_is(raw: str) -> None:
    shown = _Page(f"| h |\n| --- |\n| before {gfm.text(raw)} |\n")
    assert shown.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert shown.rows[1][0].strip() == f"before {clip(clean(raw), 300)}".strip()


@given(TEXTS)
@settings(max_examples=300)
def test_code_is_shown_as_it_is(raw: str) -> None:
    shown = _Page(f"| h |\n| --- |\n| {gfm.code(raw)} |\n")
    assert shown.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert shown.rows[1][0].strip() == clip(clean(raw), 120).strip()


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        pytest.param("@everyone", "@<!-- -->everyone", id="mention"),
        pytest.param("see #12", r"see \#<!-- -->12", id="issue"),
        pytest.param("http://x.example", "http:<!-- -->//x.example", id="link"),
        pytest.param("www.x.example", "www<!-- -->.x.example", id="link-without-scheme"),
        pytest.param("$x$", "$<!-- -->x$<!-- -->", id="mathematics"),
        pytest.param("1. x", r"1\. x", id="list"),
        pytest.param("1.2.3", "1.2.3", id="version"),
        pytest.param("- x", r"\- x", id="bullet"),
        pytest.param("a-b", "a-b", id="hyphen"),
    ],
)
def test_what_github_looks_for_after_the_markdown(raw: str, written: str) -> None:
    assert gfm.text(raw) == written
