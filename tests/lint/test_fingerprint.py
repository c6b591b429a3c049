from __future__ import annotations

from lading.lint import checking, load
from lading.lint.finding import Outcome
from lading.lint.fingerprint import marks

TEXT = "FROM debian:12\nRUN sudo a\nRUN sudo b\nRUN sudo a\n"


def _check(text: str, path: str = "Dockerfile") -> Outcome:
    return checking.check(text.encode(), path, rules=[load("DL3004")])


def test_marks_differ_within_a_file() -> None:
    outcome = _check(TEXT)
    assert len(set(marks(outcome.findings, outcome.file.source))) == 3


def test_marks_stay_when_lines_move() -> None:
    before, after = _check(TEXT), _check("# one more\n" + TEXT)
    assert marks(before.findings, before.file.source) == marks(after.findings, after.file.source)
