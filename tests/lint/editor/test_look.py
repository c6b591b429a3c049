from __future__ import annotations

import pytest

from lading.dockerfile.source import Span
from lading.lint.editor.diagnostics import diagnostics
from lading.lint.editor.look import MAX_CHARACTERS, touches
from lint.editor.looking import look


@pytest.mark.parametrize(
    ("span", "hit"),
    [
        (Span(13, 17), True),
        (Span(0, 13), True),
        (Span(17, 17), True),
        (Span(15, 15), True),
        (Span(0, 99), True),
        (Span(0, 12), False),
        (Span(18, 18), False),
    ],
)
def test_touches(span: Span, *, hit: bool) -> None:
    (found,) = (one for one in look("FROM a:1\nRUN sudo x\n").outcome.findings if one.code == "DL3004")
    assert found.span == Span(13, 17)
    assert touches(found, span) is hit


def test_what_is_too_long_is_not_looked_at() -> None:
    longest = "FROM a:1\nRUN sudo x\n".ljust(MAX_CHARACTERS - 1, "#") + "\n"
    assert len(look(longest).outcome.findings) > 1
    (note,) = diagnostics(look(longest + "#"))
    assert note.message == "longer than 1048576 characters: not looked at here, but by `lading lint`"
    assert note.code is None
