"""Findings to be written: real ones, and such as want to be more than text."""

from __future__ import annotations

from lading.dockerfile.source import Source, Span
from lading.lint import checking
from lading.lint.finding import Finding
from lading.lint.output import load
from lading.lint.output.format import Linted, Look
from lading.lint.rule import Edit, Fix, Found, Level, Rule
from lading.lint.subject import Subject

TEXT = 'FROM debian:12\nRUN\tsudo é && \\\n    ls\n# lading ignore=T4\nCMD ["x"]\n'


def rule(code: str, level: Level, *found: Found) -> Rule:
    def check(_: Subject) -> tuple[Found, ...]:
        return found

    return Rule(code=code, title="t", level=level, why="w", check=check, bad=(), good=())


def span(part: str) -> Span:
    start = TEXT.index(part)
    return Span(start, start + len(part))


RULES = (
    rule("T1", Level.ERROR, Found(span("sudo"), "no sudo", Fix("drop it", (Edit(span("sudo"), ""),), safe=True))),
    rule("T2", Level.WARNING, Found(span("ls"), "say 100%: a, b", could_fix=True)),
    rule("T3", Level.STYLE, Found(span("sudo é && \\\n    ls"), 'two <lines> & "more" [x] {0}')),
    rule("T4", Level.INFO, Found(span("x"), "switched off")),
)  # fmt: skip


def linted(text: str = TEXT, path: str = "a/Dockerfile", rules: tuple[Rule, ...] = RULES) -> Linted:
    outcome = checking.check(text.encode(), path, rules=rules)
    return Linted(path, outcome.file.source, outcome.findings, outcome.suppressed)


def rendered(name: str, *held: Linted, look: Look | None = None) -> str:
    return load(name).render(held, look or Look()).decode()


HOSTILE = "\x1b[31m\u202e]]>&<\"'\n::error::%0A|\udcff"


def hostile() -> Linted:
    """Return a finding with a name, a message and a source that want to be more than text."""
    source = Source(HOSTILE * 3)
    whole = Span(0, len(source.text))
    finding = Finding(
        file=HOSTILE, line=1, column=1, end_line=7, end_column=2, code=HOSTILE, level=Level.INFO, message=HOSTILE,
        span=whole, start=source.position(0), fix=Fix(HOSTILE, (Edit(whole, HOSTILE),), safe=False), fixable=True,
    )  # fmt: skip
    return Linted(HOSTILE, source, (finding,), (finding,))
