from __future__ import annotations

import pytest

from lading.cli import tell


def test_a_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    tell.line("a\x1b[2Jb\nc", "do \u202ethis")
    tell.line("no hint")
    assert capsys.readouterr().err == "lading: a\\x1b[2Jb c\n  do \\u202ethis\nlading: no hint\n"
