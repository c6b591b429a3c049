from __future__ import annotations

import pytest

from lading.dockerfile.source import Span
from lading.lint.output.format import Look
from lading.lint.rule import Found, Level
from lint.output.samples import linted, rendered, rule


def test_text() -> None:
    assert rendered("text", linted()) == (
        "a/Dockerfile:2:5 error T1: no sudo [--fix]\n"
        "    2 | RUN sudo é && \\\n"
        "      |     ^^^^\n"
        "\n"
        'a/Dockerfile:2:5 style T3: two <lines> & "more" [x] {0}\n'
        "    2 | RUN sudo é && \\\n"
        "      |     ^^^^^^^^^^^\n"
        "\n"
        "a/Dockerfile:3:5 warning T2: say 100%: a, b [--fix --unsafe-fixes]\n"
        "    3 |     ls\n"
        "      |     ^^\n"
        "\n"
        "3 findings (1 error, 1 warning, 1 style) in 1 file; fixable: 1 with --fix, 2 with --fix --unsafe-fixes\n"
    )


def test_text_has_colours_where_they_may_be() -> None:
    coloured = rendered("text", linted(), look=Look(color=True))
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert "\x1b" not in rendered("text", linted())


def test_text_shows_the_place_within_a_long_line() -> None:
    text = "FROM a\nRUN " + "x" * 25_000 + " sudo " + "y" * 25_000 + "\n"
    start = text.index("sudo")
    only = rule("T1", Level.ERROR, Found(Span(start, start + 4), "m"))
    _, excerpt, carets, *_ = rendered("text", linted(text, rules=(only,))).splitlines()
    assert len(excerpt) <= 100
    assert excerpt[carets.index("^") : carets.rindex("^") + 1] == "sudo"


@pytest.mark.parametrize(
    ("text", "part", "excerpt", "carets"),
    [
        pytest.param("FROM 日本\n", "本", "    1 | FROM 日本", "      |        ^^", id="wide"),
        pytest.param(
            "\ufeffFROM x\r\n", "x", "    1 | FROM x", "      |      ^", id="mark-and-carriage-return"
        ),
        pytest.param("FROM x", "", "    1 | FROM x", "      | ^", id="empty-place"),
    ],
)
def test_carets(text: str, part: str, excerpt: str, carets: str) -> None:
    start = text.index(part) if part else 0
    only = rule("T1", Level.ERROR, Found(Span(start, start + len(part)), "m"))
    assert rendered("text", linted(text, rules=(only,))).splitlines()[1:3] == [excerpt, carets]
