from __future__ import annotations

import logging

import pytest

from lading.cli import tell


def test_a_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    tell.line("a\x1b[2Jb\nc", "do \u202ethis")
    tell.line("no hint")
    assert capsys.readouterr().err == "lading: a\\x1b[2Jb c\n  do \\u202ethis\nlading: no hint\n"


def test_log_records() -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "%s is \r%s", ("a\tb", "odd"), None)
    assert tell.Formatter().format(record) == "lading: a b is  odd"


def test_a_traceback_keeps_its_lines() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("why")
    traceback = (caught.type, caught.value, caught.tb)
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "odd", (), traceback)
    first, *more = tell.Formatter().format(record).splitlines()
    assert (first, more[0], more[-1]) == (
        "lading: odd",
        "Traceback (most recent call last):",
        "ValueError: invalid literal for int() with base 10: 'why'",
    )
