"""The text of a Dockerfile, places in it, and pieces of it that continuation lines have joined.

Offsets count characters from the start of the file, a byte order mark included. Bytes that are not
UTF-8 become surrogate escapes, so that every file can be read, and written back as it was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

BOM = "\ufeff"
# What Go's unicode.IsSpace takes; Python's isspace() takes the control characters 0x1c to 0x1f as well.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)


# The types are given as values: to read them from annotations would be the first use of the compiler, and that
# takes longer than all the rest of this module.
class Span(NamedTuple("Span", [("start", int), ("end", int)])):
    """A part of the source. start: of its first character. end: after its last one."""

    __slots__ = ()


class Position(NamedTuple("Position", [("line", int), ("column", int)])):
    """A place for people. line and column count from 1, columns in characters."""

    __slots__ = ()


class Line(NamedTuple("Line", [("number", int), ("start", int), ("end", int), ("next", int)])):
    """A physical line. number: from 1. start, end: of its text. next: of the line after it.

    The text is without its line end, which is a line feed and any carriage returns before it.
    """

    __slots__ = ()


class Source:
    """A Dockerfile's text. text: the characters, line ends as they were."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def decode(cls, data: bytes) -> Source:
        """Return the source of a file's bytes."""
        return cls(data.decode("utf-8", "surrogateescape"))

    def encode(self) -> bytes:
        """Return the file's bytes, those that are not UTF-8 as they were."""
        return self.text.encode("utf-8", "surrogateescape")

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset of each line."""
        found = [0]
        at = self.text.find("\n")
        while at >= 0:
            found.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(found)

    def lines(self) -> Iterator[Line]:
        """Yield the physical lines, none for the nothing after a last line end."""
        text = self.text
        for number, start in enumerate(self.starts, 1):
            after = self.starts[number] if number < len(self.starts) else len(text)
            if start == after:
                return
            end = after
            while end > start and text[end - 1] in "\r\n":
                end -= 1
            yield Line(number, start, end, after)

    @property
    def newline(self) -> str:
        """The line end of the first line; a line feed if there is none."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    def position(self, offset: int) -> Position:
        """Return the line and column of an offset."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        return Position(line, column - (line == 1 and column > 1 and self.text.startswith(BOM)))

    def of(self, span: Span) -> str:
        """Return the text of a span, as it stands in the file."""
        return self.text[span.start : span.end]


class Joined:
    """Text that was gathered from one or several places of the source.

    text: the characters, without what was left out between the places.
    pieces: for each run of characters that stood together: its offset in `text` and in the source.
    """

    __slots__ = ("_firsts", "pieces", "text")

    def __init__(self, text: str, pieces: tuple[tuple[int, int], ...]) -> None:
        self.text = text
        self.pieces = pieces
        self._firsts = [first for first, _ in pieces]

    def __repr__(self) -> str:
        return f"Joined({self.text!r})"

    def at(self, index: int) -> int:
        """Return the source offset of a character; one past the last is the end of the last."""
        first, origin = self.pieces[max(bisect_right(self._firsts, index) - 1, 0)]
        return origin + index - first

    def span(self, start: int, end: int) -> Span:
        """Return the source span from the character at `start` to the one before `end`."""
        begin = self.at(start)
        return Span(begin, self.at(end - 1) + 1 if end > start else begin)

    def part(self, start: int, end: int) -> Joined:
        """Return the characters from `start` to before `end`."""
        if len(self.pieces) == 1:  # as nearly everywhere: what follows would give the same
            return Joined(self.text[start:end], ((0, self.pieces[0][1] + start),))
        first = max(bisect_right(self._firsts, start) - 1, 0)
        last = max(bisect_right(self._firsts, max(end - 1, start)), first + 1)
        pieces = [(max(at - start, 0), origin + max(start - at, 0)) for at, origin in self.pieces[first:last]]
        return Joined(self.text[start:end], tuple(pieces))

    def stripped(self) -> Joined:
        """Return it without white space at both ends."""
        if self.text == self.text.strip(SPACES):
            return self
        start = len(self.text) - len(self.text.lstrip(SPACES))
        end = max(len(self.text.rstrip(SPACES)), start)
        return self.part(start, end)

    def whole(self) -> Span:
        """Return the source span of all of it."""
        return self.span(0, len(self.text))
