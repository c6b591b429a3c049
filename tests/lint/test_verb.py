"""Flags put behind a verb."""

from __future__ import annotations

import pytest

from lading.dockerfile.edit import apply
from lading.dockerfile.parse import parse
from lading.lint import verb
from lading.lint.subject import Subject


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tool add a", "tool add -y a"),
        ("tool -q put a", "tool -q put -y a"),
        ('tool "add" a', 'tool "add" -y a'),
        ("tool add \\\n  a", "tool add -y \\\n  a"),
        ('["tool", "add", "a"]', '["tool", "add", "-y", "a"]'),
        ("<<E\ntool add\nE", "<<E\ntool add -y\nE"),
        ("tool remove a", None),
        ("tool $add a", None),
        ("tool -- add a", None),
    ],
)
def test_a_flag_stands_behind_the_verb(command: str, expected: str | None) -> None:
    file = parse(f"FROM debian:12\nRUN {command}\n")
    ((run, one),) = Subject(file).commands("tool")
    fix = verb.with_flag(run, one, "-y", "add", "put", safe=True)
    if expected is None:
        assert fix is None
        return
    assert fix is not None
    assert (fix.title, fix.safe) == ("Add -y", True)
    assert apply(file.source, [fix.edits]).source.text == f"FROM debian:12\nRUN {expected}\n"
