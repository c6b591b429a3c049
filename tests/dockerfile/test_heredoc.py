from __future__ import annotations

import pytest

from lading.dockerfile import heredoc
from lading.dockerfile.heredoc import Heredoc, Start
from lading.dockerfile.source import Span
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("word", "start"),
    [
        ("<<EOF", Start("EOF", 0, expands=True, chomps=False)),
        ("<<-EOF", Start("EOF", 0, expands=True, chomps=True)),
        ("3<<'EOF'", Start("EOF", 3, expands=False, chomps=False)),
        ('<<-"A B"', Start("A B", 0, expands=False, chomps=True)),
        ("<< EOF", Start("EOF", 0, expands=True, chomps=False)),
        ("<<", None),
        ("<<-", None),
        ("a<<EOF", None),
        ("<<<EOF", None),
        ("<EOF", None),
        ("<<a b", None),
        ('<<""', None),
        ("", None),
    ],
)
def test_announced(word: str, start: Start | None) -> None:
    assert heredoc.announced(word) == start


def test_starts() -> None:
    assert [one.name for one in heredoc.starts("RUN cat <<A 3<<-'B' \"<<C\" x<<D > /e")] == ["A", "B"]
    assert heredoc.starts("RUN cat <<A 'open") == ()
    assert heredoc.starts("") == ()
    with pytest.raises(MalformedError, match="single quote"):
        heredoc.announced("<<'A")


def test_text_of_a_chomping_one_has_no_leading_tabs() -> None:
    made = Heredoc("E", 0, True, True, "\ta\n\t\tb\n c\t\n", Span(0, 0), Span(0, 0))
    assert made.text == "a\nb\n c\t\n"
    assert Heredoc("E", 0, True, False, "\ta\n", Span(0, 0), Span(0, 0)).text == "\ta\n"
