from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import converters

from editing import applied
from lading.dockerfile.edit import Edit, apply
from lading.dockerfile.source import Source, Span
from lading.lint.editor import changes
from lading.lint.editor.look import Client
from lading.lint.editor.places import Places
from lint.editor.looking import URI, look

CONVERTER = converters.get_converter()
LINES = st.lists(st.sampled_from(["a", "bb", "", "\u00e9", "\r", "c\x0cd", "\U0001f600"]), max_size=12)


def made(text: str, edits: list[Edit], client: Client | None = None) -> str:
    edit = changes.made(look(text), edits, client or Client())
    return applied(text, CONVERTER.unstructure(edit))


EDITS = [
    pytest.param("FROM a\nRUN b\n", [Edit(Span(5, 6), "x")], id="replaced"),
    pytest.param("FROM a\r\nRUN b\r\n", [Edit(Span(6, 6), "\nUSER 1")], id="line-ends-of-the-file"),
    pytest.param("FROM a\n", [Edit(Span(5, 5), "1"), Edit(Span(5, 5), "2")], id="insertions-in-order"),
    pytest.param("FROM a\n", [Edit(Span(5, 6), "new"), Edit(Span(5, 5), "before "), Edit(Span(6, 6), " behind")], id="around"),
    pytest.param("\ufeffFROM \U0001f600 a\n", [Edit(Span(7, 8), "b"), Edit(Span(1, 5), "from")], id="astral-and-bom"),
    pytest.param("FROM a\rb\nRUN c\n", [Edit(Span(13, 14), "d")], id="behind-a-carriage-return"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edits"), EDITS)
@pytest.mark.parametrize("versions", [True, False])
def test_edits_do_what_they_do_on_disk(text: str, edits: list[Edit], *, versions: bool) -> None:
    there = made(text, edits, Client(versions=versions))
    assert there == apply(Source(text), [tuple(edits)]).source.text
    assert there != text


def test_the_version_is_named_where_the_editor_takes_it() -> None:
    edits = [Edit(Span(0, 0), "#\n")]
    with_version = CONVERTER.unstructure(changes.made(look("FROM a\n", version=7), edits, Client()))
    assert with_version["documentChanges"][0]["textDocument"] == {"uri": URI, "version": 7}
    without = CONVERTER.unstructure(changes.made(look("FROM a\n"), edits, Client(versions=False)))
    assert list(without) == ["changes"]
    assert list(without["changes"]) == [URI]


@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]))
def test_difference(before: list[str], after: list[str], newline: str) -> None:
    old, new = newline.join(before), newline.join(after)
    edits = [CONVERTER.unstructure(one) for one in changes.difference(Places(old), new)]
    assert applied(old, {"changes": {URI: edits}}) == new
    assert bool(edits) == (old != new)


def test_a_difference_is_as_small_as_it_can_be() -> None:
    old = "".join(f"line {number}\n" for number in range(100))
    new = (
        old.replace("line 10\n", "")
        .replace("line 50\n", "line fifty\n")
        .replace("line 99\n", "line 99\nmore\n")
    )
    edits = changes.difference(Places(old), new)
    assert [(one.range.start.line, one.range.end.line, one.new_text) for one in edits] == [
        (10, 11, ""),
        (50, 51, "line fifty\n"),
        (100, 100, "more\n"),
    ]


def test_large_texts_are_not_compared_line_by_line() -> None:
    lines = [f"line {number}\n" for number in range(20_000)]
    shuffled = random.Random(1).sample(lines[1:-1], len(lines) - 2)
    old, new = "".join(lines), "".join([lines[0], *shuffled, lines[-1]])
    (edit,) = changes.difference(Places(old), new)
    assert (edit.range.start.line, edit.range.end.line) == (1, len(lines) - 1)
    assert applied(old, {"changes": {URI: [CONVERTER.unstructure(edit)]}}) == new
