"""Lines for a terminal: pieces of text with a style, clipped to a width, coloured if it may be.

Styles are the terminal's own sixteen colours, so that they fit its theme. Nothing is told by colour
alone: without it the same words stand there.
"""

from __future__ import annotations

from collections.abc import Iterable

from lading.model.severity import Severity
from lading.report.text import clean, clip, width

# Name of a style -> SGR parameters (ECMA-48, 8.3.117).
STYLES = {
    "": "",
    "bold": "1",
    "dim": "2",
    "good": "32",
    "warn": "33",
    "alarm": "1;31",
    "head": "1;36",
    Severity.CRITICAL: "1;97;41",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.NEGLIGIBLE: "2",
    Severity.UNKNOWN: "35",
}

Piece = tuple[str, str]


class Page:
    """Lines that grow downwards.

    columns: that a line may take. color: whether styles come out.
    """

    def __init__(self, columns: int, *, color: bool) -> None:
        self.columns = columns
        self._color = color
        self._lines: list[str] = []

    def line(self, *pieces: Piece) -> None:
        """Add a line of (text, style) pieces: clipped to the page, what cannot be printed escaped."""
        left = self.columns
        painted: list[str] = []
        for raw, style in pieces:
            whole = clean(raw)
            text = clip(whole, left)
            painted.append(self._paint(text, style))
            left -= width(text)
            if text != whole:
                break
        self._lines.append("".join(painted).rstrip())

    def flow(self, *pieces: Piece) -> None:
        """Add a line of pieces, going on in the next line before a piece that does not fit."""
        held: list[Piece] = []
        left = self.columns
        for raw, style in pieces:
            needs = width(clean(raw).rstrip())
            if held and needs > left:
                self.line(*held)
                held, left = [], self.columns
            held.append((raw, style))
            left -= width(clean(raw))
        self.line(*held)

    def blank(self) -> None:
        """Add an empty line, unless the last one is empty."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self._color and style and text.strip() else text

    def text(self) -> str:
        """Return all lines, each with its end."""
        return "\n".join([*self._lines, ""])


def joined(parts: Iterable[str], separator: str = ", ") -> str:
    """Return the parts that are not empty, joined."""
    return separator.join(part for part in parts if part)
