from __future__ import annotations

import pytest

from lading.build.words import Words
from lading.dockerfile.instruction import Copy, Expose, Run
from lading.dockerfile.parse import parse
from lading.errors import MalformedError

VALUES = {"x": "1 2", "y": "b"}


def _first(text: str) -> object:
    return parse(f"FROM a\n{text}\n").stages[0].instructions[0]


def test_words_in_one_and_parted() -> None:
    ports = _first("EXPOSE $x ${y}c")
    assert isinstance(ports, Expose)
    words = Words(VALUES)
    assert [words.one(word) for word in ports.ports] == ["1 2", "bc"]
    assert [words.many(word) for word in ports.ports] == [("1", "2"), ("bc",)]


def test_flags() -> None:
    run = _first("RUN --network=$y --mount=type=cache,target=/$y true")
    assert isinstance(run, Run)
    assert [Words(VALUES).flag(flag) for flag in run.flags] == ["b", "type=cache,target=/b"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("EOF", "b 'b' \"b\" \\\n"), ('"EOF"', "$y '$y' \"${y}\" \\\\\n"), ("-EOF", "b 'b' \"b\" \\\n")],
)
def test_heredocs(name: str, text: str) -> None:
    tab = "\t" if name[0] == "-" else ""
    copy = _first(f"COPY <<{name} /x\n{tab}$y '$y' \"${{y}}\" \\\\\n{tab}EOF")
    assert isinstance(copy, Copy)
    assert Words(VALUES).heredoc(copy.heredocs[0]) == text


def test_an_error_is_told() -> None:
    run = _first("RUN --network=${nothing:?missing} true")
    assert isinstance(run, Run)
    with pytest.raises(MalformedError, match="missing"):
        Words(VALUES).flag(run.flags[0])
