"""Patterns of `.dockerignore` and wildcards of COPY, against Docker's own matchers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import needs
from lading.dockerfile import dockerignore
from lading.dockerfile.wildcard import Wildcard
from lading.errors import LadingError

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

pytestmark = needs.tool("go")

SEED = 20261128
SIGNS = [
    *"aab/*?[]^-!.\\+({",
    "**",
    "**/",
    "/**",
    "[a-c]",
    "[^b]",
    "b",
    "é",
    "\\[",
    "[[:alpha:]]",
    "\\d",
    "x",
]
PATHS = [
    "a", "b", "ab", "a/b", "b/a", "a/b/ab", "a.b", "a/a/a/a", "é", "a/é", "[a]", "!a", "a+b", "x/a/b", "x", "a-b", "^a", "(a)", "a\\b",
    "b/x/b", "a\nb", "ab/ba/x", "7", "a/7", "{a}", ".", ".a", "-", "a^b", "*", "a*b",
]  # fmt: skip
REAL = [
    "*", "*\n!src\n!go.*", "**/node_modules\n**/*.log\n!important.log", "a/**\n!a/b", "a/*\n!a/b/", "**/.git\n.git*\n", "*/temp*\n",
    "*/*/temp*", "temp?", "*.md\n!README*.md\nREADME-secret.md", "**", "**/a", "a**", "/a/b", "./a", "a/../b", "# x\n\n \t\na",
    "**/[ab]", "**/*.py[co]", "a/**/b", "!a", "*\n!*/b", "*\n!**/b", "a\n!a/b\na/b/ab", "**/b\n!a", "**/a/**/b", "a**b*x",
]  # fmt: skip


# Letters that regular expressions give a meaning to, and `ignore_pattern` does not.
_REFUSED = re.compile(r"\\[bx]")


def _mixed(source: random.Random, longest: int) -> str:
    while _REFUSED.search(text := "".join(source.choices(SIGNS, k=source.randint(1, longest)))):
        pass
    return text


def _ignored(text: str, paths: list[str]) -> list[bool] | None:
    try:
        patterns = dockerignore.parse(text.encode(), "f")
    except LadingError:
        return None
    found = []
    for path in paths:
        ignored, inherited = False, dockerignore.Inherited()
        names = path.split("/")
        for end in range(len(names)):
            ignored, inherited = patterns.below("/".join(names[: end + 1]), inherited)
        found.append(ignored)
    return found


def test_ignore_files(ask_docker: Ask) -> None:
    source = random.Random(SEED)
    texts = [*REAL, *SIGNS]
    for _ in range(3000):
        lines = [_mixed(source, 6) for _ in range(source.randint(1, 3))]
        texts.append("\n".join(source.choice(["", "", "!"]) + line for line in lines))
    answers = ask_docker([{"kind": "ignore", "text": text, "paths": PATHS} for text in texts])
    differing = {}
    for text, answer in zip(texts, answers, strict=True):
        mine = _ignored(text, PATHS)
        # Docker finds out about some broken patterns only where a path comes that has to be compared with them.
        if mine != (None if answer["error"] else answer["fits"]) and not (mine is None and _is_late(text)):
            differing[text] = (mine, answer)
    assert differing == {}
    assert sum(not answer["error"] for answer in answers) > 1500


def _is_late(text: str) -> bool:
    """Whether a pattern is one that Docker would not get to in this file, and refuses alone."""
    return text.count("\n") > 0 or "!" in text


def test_single_patterns_are_refused_alike(ask_docker: Ask) -> None:
    source = random.Random(SEED + 1)
    texts = [_mixed(source, 7).replace("!", "/") for _ in range(3000)]
    answers = ask_docker([{"kind": "ignore", "text": text, "paths": PATHS} for text in texts])
    differing = {
        text: answer["error"]
        for text, answer in zip(texts, answers, strict=True)
        if (_ignored(text, PATHS) is None) is not bool(answer["error"])
    }
    assert differing == {}


def _fitting(pattern: str) -> list[bool] | None:
    try:
        return [Wildcard(pattern).fits(path) for path in PATHS]
    except LadingError:
        return None


def test_wildcards(ask_docker: Ask) -> None:
    source = random.Random(SEED + 2)
    patterns = ["".join(source.choices(SIGNS, k=source.randint(1, 7))) for _ in range(6000)]
    answers = ask_docker([{"kind": "wildcard", "text": pattern, "paths": PATHS} for pattern in patterns])
    differing = {
        pattern: (mine, answer)
        for pattern, answer in zip(patterns, answers, strict=True)
        if (mine := _fitting(pattern)) != (None if answer["error"] else answer["fits"])
    }
    assert differing == {}
    assert sum(any(answer["fits"] or []) for answer in answers) > 500
