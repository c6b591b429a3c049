from __future__ import annotations

import pytest

from lading.dockerfile import directive
from lading.dockerfile.source import Source


@pytest.mark.parametrize(
    ("text", "found", "escape"),
    [
        (
            "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\n",
            [("syntax", "docker/dockerfile:1"), ("escape", "`")],
            "`",
        ),
        ("#CHECK = skip=all ; x \r\n", [("check", "skip=all ; x")], "\\"),
        ("\ufeff# escape=`\n", [("escape", "`")], "`"),
        ("\n# escape=`\n", [], "\\"),
        ("# why\n# escape=`\n", [], "\\"),
        ("# unknown=1\n# escape=`\n", [], "\\"),
        ("FROM a\n# escape=`\n", [], "\\"),
        ("#!/bin/x\n# syntax=a\n# escape=`\n# check=b\n", [("syntax", "a"), ("check", "b")], "\\"),
        ("# escape=\n", [], "\\"),
        ("", [], "\\"),
    ],
)
def test_read(text: str, found: list[tuple[str, str]], escape: str) -> None:
    read = directive.read(Source(text))
    assert [(one.name, one.value) for one in read.found] == found
    assert read.escape == escape
    assert read.problems == ()


def test_places() -> None:
    source = Source("# syntax=a\n  #  escape =  ` \n")
    found = directive.read(source).found
    assert [(one.line, source.of(one.span), source.of(one.value_span)) for one in found] == [
        (1, "# syntax=a", "a"),
        (2, "#  escape =  ` ", "`"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("# escape=x\n", "directive-escape", "x"),
        ("# escape=\\\n# escape=`\n", "directive-duplicate", "# escape=`"),
    ],
)
def test_problems(text: str, code: str, place: str) -> None:
    source = Source(text)
    (problem,) = directive.read(source).problems
    assert (problem.code, source.of(problem.span)) == (code, place)
