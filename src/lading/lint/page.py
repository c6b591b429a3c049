"""The page of a rule, in Markdown: made from what the rule itself says."""

from __future__ import annotations

import re

from lading import lint
from lading.lint.rule import Rule

SYNTAX = "DL1000"
_SHELLCHECK = re.compile(r"SC[1-9][0-9]{3}")
_HADOLINT = "DL"
_LADING = "LD"
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def title(code: str) -> str:
    """Return what a code is about, in one sentence; also for codes that no rule of the list has."""
    if code in lint.RULES:
        return lint.load(code).title
    if code == SYNTAX:
        return "The Dockerfile cannot be built as it is written."
    if is_shellchecks(code):
        from lading.lint.sc_notes import NOTES

        return NOTES[code].title if code in NOTES else f"ShellCheck's {code}: {address(code)}"
    return code


def address(code: str) -> str:
    """Return the URL of the page that whose rule it was first has of it; empty if there is none."""
    if is_shellchecks(code):
        return f"https://www.shellcheck.net/wiki/{code}"
    if code not in lint.RULES or code.startswith(_LADING):
        return ""
    if code.startswith(_HADOLINT):
        return f"https://github.com/hadolint/hadolint/wiki/{code}"
    return f"https://docs.docker.com/reference/build-checks/{_HUMP.sub('-', code).lower()}/"


def is_shellchecks(code: str) -> bool:
    """Whether it has the form of ShellCheck's codes."""
    return _SHELLCHECK.fullmatch(code) is not None


def shellcheck_page(code: str, heading: str = "#") -> str:
    """Return the page of a code of ShellCheck's; one without a note tells where it is described.

    heading: the marks that its first line begins with.
    """
    from lading.lint.sc_notes import NOTES

    note = NOTES.get(code)
    parts = [f"{heading} {code}"]
    if note:
        parts += [note.title, note.why]
        parts += [
            f"{name}:\n\n{_fenced(f'RUN {text}')}"
            for name, text in (("Found", note.bad), ("Better", note.good))
        ]
    parts += [
        f"ShellCheck finds it in the shell commands of RUN, where it is installed. What it is about: {address(code)}",
        f"`# hadolint ignore={code}` above an instruction switches it off there.",
    ]
    return "\n\n".join(parts) + "\n"


def page(rule: Rule, heading: str = "#") -> str:
    """Return a rule's page. heading: the marks that its first line begins with."""
    parts = [f"{heading} {rule.code}", rule.title, f"Level: {rule.level}. Fix: {_fixes(rule)}."]
    if rule.aliases:
        parts.append(f"Also known as {', '.join(rule.aliases)}.")
    parts.append(rule.why)
    for name, example in (("Found", rule.bad), ("Better", rule.good)):
        if example:
            parts += [f"{name}:", _fenced(example[0])]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _fixes(rule: Rule) -> str:
    if not rule.fixable:
        return "by hand"
    return "`--fix`, with versions from an index" if rule.needs_index else "`--fix`"


def _fenced(text: str) -> str:
    """Return an example as a block that nothing in it ends."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}dockerfile\n{text.strip(chr(10))}\n{fence}"
