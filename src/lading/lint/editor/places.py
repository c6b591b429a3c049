"""Places in a text as the protocol has them: lines from 0, and in a line the units of an encoding.

A line ends with a line feed, a carriage return, or both: unlike a Dockerfile's own lines, which a carriage return alone
does not end. Units are those of UTF-16 unless client and server have agreed upon UTF-8 or UTF-32.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

from lading.dockerfile.source import Span

_END = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Bytes of a unit, and the codec that makes them.
_UNITS: dict[str, tuple[int, str]] = {
    PositionEncodingKind.Utf8.value: (1, "utf-8"),
    PositionEncodingKind.Utf16.value: (2, "utf-16-le"),
    PositionEncodingKind.Utf32.value: (4, "utf-32-le"),
}


def whole(text: str) -> str:
    """Return a text in which what is half a character has become U+FFFD, in the same place."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


class Places:
    """The places of a text. encoding: what `character` counts, a value of `PositionEncodingKind`."""

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16.value) -> None:
        self.text = text
        self._size, self._codec = _UNITS.get(encoding, _UNITS[PositionEncodingKind.Utf16.value])
        self._is_plain = text.isascii()
        ends = [found.span() for found in _END.finditer(text)]
        self._starts = [0, *(end for _, end in ends)]
        self._stops = [*(start for start, _ in ends), len(text)]

    def position(self, offset: int) -> Position:
        """Return the position of an offset; one within a line end is where the line's text ends."""
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return Position(line, self._units(start, min(offset, self._stops[line])))

    def range(self, span: Span) -> Range:
        """Return the range of a span."""
        return Range(self.position(span.start), self.position(span.end))

    def offset(self, position: Position) -> int:
        """Return the offset of a position; the end of its line, or of the text, where it lies behind that."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, stop = self._starts[position.line], self._stops[position.line]
        if self._is_plain:
            return min(start + position.character, stop)
        units = self.text[start:stop].encode(self._codec)[: position.character * self._size]
        return start + len(units.decode(self._codec, "ignore"))

    def span(self, range_: Range) -> Span:
        """Return the span of a range."""
        start = self.offset(range_.start)
        return Span(start, max(start, self.offset(range_.end)))

    def _units(self, start: int, stop: int) -> int:
        if self._is_plain:
            return stop - start
        return len(self.text[start:stop].encode(self._codec)) // self._size
