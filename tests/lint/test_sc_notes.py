"""What is told of ShellCheck's codes is true: its examples are put before ShellCheck."""

from __future__ import annotations

import os

import pytest

import needs
from lading.lint import checking
from lading.lint.page import is_shellchecks
from lading.lint.sc_notes import NOTES
from lading.shellcheck.batches import Batches
from lading.shellcheck.program import Program


def found(text: str) -> set[str]:
    many = Batches(Program(needs.shellcheck(), os.environ).run)
    outcome = checking.check(f"FROM a\nRUN {text}\n".encode(), rules=[], shellcheck=many.ask)
    many.close()
    assert outcome.unread == ()
    return {one.code for one in outcome.findings}


@pytest.mark.parametrize("code", NOTES)
def test_examples(code: str) -> None:
    assert is_shellchecks(code)
    assert code in found(NOTES[code].bad)
    assert code not in found(NOTES[code].good)


def test_the_better_ones_are_good() -> None:
    """But for hints that go further than the note."""
    assert {code: found(note.good) for code, note in NOTES.items() if found(note.good)} == {}
