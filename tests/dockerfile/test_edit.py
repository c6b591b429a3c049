from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile.edit import Change, Edit, apply
from lading.dockerfile.source import Source, Span
from lading.errors import UsageError


def _edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span(start, end), text)


@pytest.mark.parametrize(
    ("changes", "text", "dropped"),
    [
        pytest.param([], "abcdef", (), id="none"),
        pytest.param([(_edit(1, 3, "X"),)], "aXdef", (), id="replace"),
        pytest.param([(_edit(3, 3, "X"),)], "abcXdef", (), id="insert"),
        pytest.param([(_edit(0, 6, ""),)], "", (), id="delete-all"),
        pytest.param([(_edit(6, 6, "X"),)], "abcdefX", (), id="append"),
        pytest.param([(_edit(4, 5, "Y"),), (_edit(0, 1, "X"),)], "XbcdYf", (), id="any-order"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(2, 4, "Y"),)], "aXdef", (1,), id="overlap"),
        pytest.param([(_edit(1, 5, "X"),), (_edit(2, 3, "Y"),)], "aXf", (1,), id="within"),
        pytest.param([(_edit(2, 3, "Y"),), (_edit(1, 5, "X"),)], "abYdef", (1,), id="around"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(1, 3, "X"),)], "aXdef", (), id="the-same"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(1, 3, "Y"),)], "aXdef", (1,), id="same-place"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(3, 4, "Y"),)], "aXYef", (), id="neighbours"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(2, 2, "Y"),)], "aXdef", (1,), id="insert-within"),
        pytest.param([(_edit(2, 2, "Y"),), (_edit(1, 3, "X"),)], "abYcdef", (1,), id="around-an-insert"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(1, 1, "Y"),)], "aYXdef", (), id="insert-before"),
        pytest.param([(_edit(1, 3, "X"),), (_edit(3, 3, "Y"),)], "aXYdef", (), id="insert-behind"),
        pytest.param([(_edit(3, 3, "X"),), (_edit(3, 3, "Y"),)], "abcXYdef", (), id="two-inserts"),
        pytest.param([(_edit(3, 3, "X"),), (_edit(3, 3, "X"),)], "abcXdef", (), id="the-same-insert"),
        pytest.param(
            [(_edit(0, 1, "X"),), (_edit(2, 3, "Y"), _edit(0, 1, "Z"))], "Xbcdef", (1,), id="all-or-nothing"
        ),
        pytest.param(
            [(_edit(0, 1, "X"),), (_edit(2, 3, "Y"), _edit(0, 1, "Z")), (_edit(2, 3, "V"),)],
            "XbVdef",
            (1,),
            id="dropped-takes-no-place",
        ),
    ],
)
def test_changes(changes: list[Change], text: str, dropped: tuple[int, ...]) -> None:
    edited = apply(Source("abcdef"), changes)
    assert edited.source.text == text
    assert edited.dropped == dropped
    assert edited.applied == tuple(number for number in range(len(changes)) if number not in dropped)


def test_line_ends_are_the_files_own() -> None:
    assert apply(Source("a\r\nb"), [(_edit(3, 3, "c\nd\n"),)]).source.text == "a\r\nc\r\nd\r\nb"
    assert apply(Source("a\nb"), [(_edit(2, 2, "c\nd\n"),)]).source.text == "a\nc\nd\nb"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((_edit(0, 7, ""),), "outside the text"),
        ((_edit(-1, 1, ""),), "outside the text"),
        ((_edit(3, 2, ""),), "outside the text"),
        ((_edit(0, 2, ""), _edit(1, 3, "")), "edits of one change overlap"),
    ],
)
def test_impossible_changes(change: Change, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        apply(Source("abcdef"), [change])


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10), st.text("xy", max_size=2)), max_size=8))
def test_what_is_applied_is_what_one_would_do_by_hand(wanted: list[tuple[int, int, str]]) -> None:
    changes = [(_edit(min(a, b), max(a, b), text),) for a, b, text in wanted]
    edited = apply(Source("0123456789"), changes)
    kept = list(dict.fromkeys(changes[number][0] for number in edited.applied))
    text = "0123456789"
    for edit in sorted(kept, key=lambda one: (one.span.start, one.span.end, kept.index(one)), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert edited.source.text == text
    assert sorted(edited.applied + edited.dropped) == list(range(len(changes)))


def test_many_changes_are_quick() -> None:
    changes = [(_edit(at, at + 1, "y"),) for at in range(0, 60_000, 2)]
    assert apply(Source("x" * 60_000), changes).source.text == "yx" * 30_000
