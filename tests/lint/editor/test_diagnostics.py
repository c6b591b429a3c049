from __future__ import annotations

import re

import pytest
from lsprotocol.types import DiagnosticSeverity, DiagnosticTag, Position, Range

from lading import lint
from lading.lint.editor import diagnostics as module
from lading.lint.editor.diagnostics import MAX_SHOWN, diagnostics
from lading.lint.hadolint_config import Config
from lading.lint.page import address
from lint.editor.looking import look


def test_a_diagnostic_in_full() -> None:
    (one,) = (
        d for d in diagnostics(look("# \U0001f600\nFROM a:1\nRUN true; sudo x\n")) if d.code == "DL3004"
    )
    assert one.range == Range(Position(2, 10), Position(2, 14))
    assert one.severity == DiagnosticSeverity.Error
    assert one.source == "lading"
    assert one.message.startswith("do not use sudo:")
    assert one.code_description is not None
    assert one.code_description.href == "https://github.com/hadolint/hadolint/wiki/DL3004"
    assert one.tags is None


def test_the_place_is_exact_where_hadolint_reports_the_first_line() -> None:
    (one,) = (d for d in diagnostics(look("FROM a:1\nRUN true && \\\n  sudo x\n")) if d.code == "DL3004")
    assert one.range == Range(Position(2, 2), Position(2, 6))


def test_places_are_counted_in_the_units_that_were_agreed_upon() -> None:
    text = "FROM a:1\nRUN echo \U0001f600; sudo x\n"
    found = {
        encoding: next(
            d for d in diagnostics(look(text, encoding=encoding)) if d.code == "DL3004"
        ).range.start.character
        for encoding in ("utf-8", "utf-16", "utf-32")
    }
    assert found == {"utf-8": 15, "utf-16": 13, "utf-32": 12}


@pytest.mark.parametrize(
    ("text", "config", "code", "severity", "tags"),
    [
        ("FROM a:1\nMAINTAINER x\n", {}, "DL4000", DiagnosticSeverity.Error, [DiagnosticTag.Deprecated]),
        ("FROM a:1\nENV a b\n", {}, "LegacyKeyValueFormat", None, [DiagnosticTag.Deprecated]),
        ("FROM a:1 AS x\nFROM b:1\n", {}, "LD1014", None, [DiagnosticTag.Unnecessary]),
        ("FROM a:1\nRUN a \\\n\n b\n", {}, "NoEmptyContinuation", None, [DiagnosticTag.Unnecessary]),
        (
            "FROM --platform=$TARGETPLATFORM a:1\n",
            {},
            "DL3065",
            None,
            [DiagnosticTag.Unnecessary],
        ),
        ("FROM a\n", {}, "DL3006", DiagnosticSeverity.Warning, None),
        ("FROM a\n", {"DL3006": "style"}, "DL3006", DiagnosticSeverity.Hint, None),
        ("FROM a\n", {"DL3006": "info"}, "DL3006", DiagnosticSeverity.Information, None),
        ("FROM\n", {}, "DL1000", DiagnosticSeverity.Error, None),
    ],
)
def test_severity_and_tags(
    text: str, config: dict[str, str], code: str, severity: object, tags: object
) -> None:
    (one,) = (d for d in diagnostics(look(text, config=Config(levels=config))) if d.code == code)  # type: ignore[arg-type]
    assert severity is None or one.severity == severity
    assert one.tags == tags


def test_tagged_codes_are_codes() -> None:
    assert set(module._TAGS) - set(lint.RULES) == set()


def test_of_very_many_the_worst_are_shown_in_their_order() -> None:
    text = "FROM a:1\n" + "ENV a b\n" * MAX_SHOWN + "RUN sudo x\nRUN sudo y\n"
    whole = look(text)
    shown = diagnostics(whole)
    assert len(shown) == MAX_SHOWN + 1
    assert [one.code for one in shown].count("DL3004") == 2
    assert [one.range.start.line for one in shown[:-1]] == sorted(one.range.start.line for one in shown[:-1])
    left = len(whole.outcome.findings) - MAX_SHOWN
    assert shown[-1].message == f"{left} more findings are not shown: `lading lint` shows all"
    assert shown[-1].range.start == Position(0, 0)


@pytest.mark.parametrize("code", lint.RULES)
def test_addresses(code: str) -> None:
    url = address(code)
    if code.startswith("LD"):
        assert url == ""
    elif code.startswith("DL"):
        assert url.endswith(f"/wiki/{code}")
    else:
        name = re.fullmatch(r"https://docs\.docker\.com/reference/build-checks/([a-z]+(?:-[a-z]+)*)/", url)
        assert name
        assert name[1].replace("-", "") == code.lower()
