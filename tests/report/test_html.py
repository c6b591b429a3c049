from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from lading.model.report import OsInfo, Report
from lading.report.rendering import render
from lading.report.text import clean, clip
from report import factory

REPORTS = {
    "small": factory.report(),
    "bare": factory.bare(),
    "hostile": factory.hostile(),
    "large": factory.large(100, 200),
}
_VOID = {"meta", "link", "input", "br", "rect", "path"}


class _Page(HTMLParser):
    """The elements of a page, with the text that stands in each and in those within it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in _VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        index = self._open.pop()
        if self.elements[index][0] != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        for index in self._open:
            self.elements[index][2].append(data)

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [
            "".join(text).strip()
            for name, held, text in self.elements
            if name == tag and all(held.get(key.strip("_")) == value for key, value in attributes.items())
        ]


def page(report: Report) -> _Page:
    return _Page(render("html", report).decode())


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_foreign_becomes_markup(name: str) -> None:
    shown = page(REPORTS[name])
    assert shown.unbalanced == []
    tags = {tag for tag, _, _ in shown.elements}
    assert "img" not in tags
    assert [tag for tag, _, _ in shown.elements].count("script") == 1
    attributes = {name for _, held, _ in shown.elements for name in held}
    assert not any(name.startswith("on") for name in attributes)
    assert "style" not in attributes
    links = [held["href"] for tag, held, _ in shown.elements if "href" in held and tag == "a"]
    assert all(re.match(r"#[a-z]+$|https?://", link) for link in links)


@pytest.mark.parametrize("name", REPORTS)
def test_it_asks_for_nothing_from_anywhere(name: str) -> None:
    shown = page(REPORTS[name])
    sources = [
        held[key]
        for _, held, _ in shown.elements
        for key in ("src", "srcset", "data", "poster")
        if key in held
    ]
    assert sources == []
    (icon,) = [held["href"] for tag, held, _ in shown.elements if tag == "link"]
    assert icon.startswith("data:")
    assert "url(" not in "".join(shown.texts("style"))
    assert "@import" not in "".join(shown.texts("style"))


def test_the_policy_allows_this_script_and_this_style_alone() -> None:
    text = render("html", factory.report()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        assert rules[rule] == f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", REPORTS)
def test_printable_and_the_same_again(name: str) -> None:
    text = render("html", REPORTS[name])
    assert all(line.isprintable() for line in text.decode().split("\n"))
    assert render("html", REPORTS[name]) == text


def test_hostile_texts_are_shown() -> None:
    cells = page(factory.hostile()).texts("td", class_="mono")
    for text in factory.HOSTILE:
        assert clip(clean(text), 1000).strip() in cells


def test_what_a_reader_looks_for() -> None:
    shown = page(factory.report())
    assert shown.texts("h1") == ["docker://example.com/shop:1.2"]
    assert shown.texts("h2", id="verdict") == ["5 findings in 4 packages"]
    assert shown.texts("span", class_="made") == [
        "ADD file:abababa in /",
        "Dockerfile:4: RUN apt-get update && apt-get install -y nodejs",
        "Dockerfile:9: COPY . /app",
    ]
    assert shown.texts("a", href="#findings")[1:] == ["Findings5"]
    for id_, count in (("packages", 4), ("suppressed", 1), ("removed", 1), ("skipped", 1), ("advisories", 4)):
        assert shown.texts("a", href=f"#{id_}")[0].endswith(str(count))


def test_places_in_the_template_are_filled_once() -> None:
    shown = render("html", factory.report(target="@@script@@ @@style@@")).decode()
    assert shown.count("@@") == 2 * 4
    assert set(re.findall(r"@@(\w+)@@", files("lading.report").joinpath("page.html").read_text())) >= {
        "target"
    }


@pytest.mark.parametrize(
    ("report", "words"),
    [
        pytest.param(
            factory.report(findings=()), "No known vulnerabilities in 4 packages.", id="nothing-found"
        ),
        pytest.param(
            factory.report(findings=(), advisories={}), "Nothing was checked.", id="nothing-checked"
        ),
        pytest.param(
            factory.report(unmatched=("npm",)), "There were no advisories for npm.", id="not-all-checked"
        ),
        pytest.param(factory.report(), "1 file could not be", id="not-all-read"),
        pytest.param(
            factory.report(
                image=factory.image(os=OsInfo(id="debian", version="9", end_of_life="2022-06-30", ended=True))
            ),
            "END OF LIFE since 2022-06-30",
            id="end-of-life",
        ),
    ],
)
def test_what_must_be_said(report: Report, words: str) -> None:
    (text,) = page(report).texts("body")
    assert words in text
