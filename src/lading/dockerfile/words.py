"""The three ways in which instructions part their arguments into words.

Words keep their quotes and escapes, for these are read when variables are expanded; only flags lose
them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.source import SPACES, Joined, Span
from lading.record import Record

# What parts the words of most instructions: not all that is white space elsewhere.
BLANKS = "\t\v\f\r "
_BLANK = re.compile("[\t\v\f\r ]+")
_WORD = re.compile("[^\t\v\f\r ]+")


class Word(Record):
    """A word. value: as written, but for continuation lines. span: where, these included."""

    value: str
    span: Span


class FlagWords(Record):
    """Flags before the arguments. words: without quotes and escapes. rest: where the arguments begin."""

    words: tuple[Word, ...]
    rest: int


def word(joined: Joined) -> Word:
    """Return all of `joined` as one word."""
    return Word(joined.text, joined.whole())


def first(joined: Joined) -> tuple[Joined, Joined]:
    """Return the first word, and what follows it without the blanks between."""
    found = _BLANK.search(joined.text)
    if found is None:
        return joined, joined.part(len(joined.text), len(joined.text))
    return joined.part(0, found.start()), joined.part(found.end(), len(joined.text))


def by_blanks(joined: Joined) -> tuple[Word, ...]:
    """Return the words that blanks part; quotes mean nothing."""
    return tuple(Word(found[0], joined.span(*found.span())) for found in _WORD.finditer(joined.text))


def by_quotes(joined: Joined, escape: str) -> tuple[Joined, ...]:
    """Return the words that white space parts, where it is neither quoted nor escaped."""
    return tuple(joined.part(start, end) for start, end in _quoted(joined.text, escape))


def _quoted(text: str, escape: str) -> Iterator[tuple[int, int]]:
    start, quote, at = -1, "", 0
    while at < len(text):
        char = text[at]
        if start < 0:
            if char in SPACES:
                at += 1
                continue
            start = at
        if not quote and char in SPACES:
            yield start, at
            start = -1
        elif char == quote:
            quote = ""
        elif not quote and char in {"'", '"'}:
            quote = char
        elif char == escape and quote != "'":
            at += 1
        at += 1
    if start >= 0:
        yield start, len(text)


def flags(joined: Joined, escape: str) -> FlagWords:
    """Return the words at the start that begin with `--`; a bare `--` ends them and is none of them."""
    text = joined.text
    found: list[Word] = []
    at = 0
    while True:
        while at < len(text) and text[at] in SPACES:
            at += 1
        if not text.startswith("--", at):
            return FlagWords(tuple(found), at)
        value, end = _flag(text, at, escape)
        if value == "--":
            return FlagWords(tuple(found), end)
        found.append(Word(value, joined.span(at, end)))
        at = end


def _flag(text: str, at: int, escape: str) -> tuple[str, int]:
    """Return the flag that begins at `at`, without quotes and escapes, and where it ends."""
    taken: list[str] = []
    quote = ""
    while at < len(text) and (quote or text[at] not in SPACES):
        char = text[at]
        at += 1
        if char == quote:
            quote = ""
        elif not quote and char in {"'", '"'}:
            quote = char
        elif char == escape:
            taken.append(text[at : at + 1])
            at += 1
        else:
            taken.append(char)
    return "".join(taken), min(at, len(text))
