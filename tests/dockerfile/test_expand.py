"""Words are compared with BuildKit's in `test_buildkit`; here is what it does not say: places, limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import expand as expanding
from lading.dockerfile.expand import Lexing, Reference, expand
from lading.errors import LadingError, LimitError, MalformedError

VALUES = {"x": "value", "empty": "", "path": "a/b.tar.gz"}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("a${x}b", "avalueb"),
        ("${none:-a b}", "a b"),
        ("${empty:-y}${empty-y}", "y"),
        ("${x:+set}${empty:+set}${empty+set}", "setset"),
        ("${path#*/}|${path##*/}|${path%.*}|${path%%.*}", "b.tar.gz|b.tar.gz|a/b.tar|a/b"),
        ("${path/a/z}|${path//[a]/z}|${path//a/z}", "z/b.tar.gz|a/b.tar.gz|z/b.tzr.gz"),
        ("""\\$x '$x' "$x \\"q\\"" """, '$x $x value "q" '),
    ],
)
def test_text(word: str, text: str) -> None:
    assert expand(word, VALUES).text == text


def test_words() -> None:
    assert expand("a $x 'b c'd \"\" e\\ f", {"x": "1  2"}).words == ("a", "1", "2", "b cd", "e f")


def test_references_have_places() -> None:
    word = 'a$x ${none:-$empty}"${path##*/}"'
    found = expand(word, VALUES).references
    assert found == (
        Reference("x", 1, 3, "", found=True),
        Reference("none", 4, 19, ":-", found=False),
        Reference("empty", 12, 18, "", found=True),
        Reference("path", 20, 31, "#", found=True),
    )
    assert [word[one.start : one.end] for one in found] == ["$x", "${none:-$empty}", "$empty", "${path##*/}"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("${", "missing } after"),
        ("${}", "bad substitution"),
        ("${x", "unsupported modifier ''"),
        ("${x:-${none:?never}", "never"),
        ("${x:-a", "looking for the matching }"),
        ("${x/a}", "looking for the matching /"),
        ("${x!a}", "unsupported modifier '!'"),
        ("${x:#a}", "unsupported modifier ':#'"),
        ("${x:=a}", "unsupported modifier ':='"),
        ("'a", "single quote"),
        ('"a', "double quote"),
        ("${none?}", "^none: is not allowed to be unset$"),
        ("${empty:?}", "^empty: is not allowed to be empty$"),
        ("${none:?give it}", "^none: give it$"),
        (r"${x#\a}", r"invalid escape \\a"),
    ],
)
def test_malformed(word: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        expand(word, VALUES)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError, match="nested more than 64 deep"):
        expand("${a:-" * 100_000, {})
    assert expand("${a:-" * 60 + "b" + "}" * 60, {}).text == "b"
    monkeypatch.setattr(expanding, "MAX_RESULT", 100)
    with pytest.raises(LimitError, match="grows beyond 100 characters"):
        expand("$x" * 21, {"x": "12345"})


def test_long_words_are_quick() -> None:
    expand("a" * 500_000, {})
    expand("'" + "a" * 500_000 + "'", {})
    expand("$x" * 100_000, {"x": "y"})
    expand("\\a" * 100_000, {})


@given(st.text("ax$${}{}:-+?#%/*\\'\"<` ", max_size=24), st.booleans(), st.booleans(), st.booleans())
def test_any_word_gives_text_or_an_error(word: str, raw: bool, keep: bool, quotes: bool) -> None:  # noqa: FBT001 - drawn
    try:
        found = expand(word, VALUES, Lexing(raw_quotes=raw, raw_escapes=raw, keep_unset=keep, quotes=quotes))
    except LadingError:
        return
    assert all(word[one.start] == "$" for one in found.references)


@given(st.text(st.characters(exclude_characters="$\\'\"<"), max_size=24))
def test_plain_text_is_itself(word: str) -> None:
    assert expand(word, VALUES).text == word.removeprefix("\ufeff")
