"""Logical lines: what one instruction is made of, and the comments and empty lines around it.

A line that ends in the escape character goes on in the next one; comment lines and empty lines in
between are passed over, the empty ones with a warning. The lines of heredocs are not looked at here:
`Reader.heredoc` takes them when an instruction has asked for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.problem import Gravity, Problem
from lading.dockerfile.source import BOM, SPACES, Joined, Line, Source, Span
from lading.record import Record

# What BuildKit takes: a longer line ends the build.
MAX_LINE_BYTES = 65_535


class Comment(Record):
    """A comment line. text: without `#` and the spaces around. line: its number. span: from the `#` on.

    inside: whether it stands within an instruction.
    """

    text: str
    line: int
    span: Span
    inside: bool = False


class LogicalLine(Record):
    """The text of one instruction. first, last: numbers of its first and last physical line.

    span: from its first character to the end of its last line that has text of it. comments: that
    stand right before it. too_long: one of its lines is longer than BuildKit takes.
    """

    joined: Joined
    first: int
    last: int
    span: Span
    comments: tuple[Comment, ...] = ()
    too_long: bool = False


class Body(Record):
    """The lines of a heredoc. content: as written, line ends included. terminated: whether its end was found.

    span: of the content. last: number of the line with the terminator. end: of that line's text.
    """

    content: str
    span: Span
    last: int
    end: int
    terminated: bool


class Reader:
    """Reads logical lines one after the other.

    source, escape: what is read, and how. problems, comments: what has been met on the way so far.
    """

    def __init__(self, source: Source, escape: str, directive_lines: frozenset[int]) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self._escape = escape
        self._directives = directive_lines
        self._lines = list(source.lines())
        self._at = 0

    def lines(self) -> Iterator[LogicalLine]:
        """Yield the logical lines; heredocs that are asked for in between are not among them."""
        waiting: list[Comment] = []
        while self._at < len(self._lines):
            line = self._take()
            start = self._text_start(line)
            if self.source.text.startswith("#", start, line.end):
                comment = self._comment(line, start, inside=False)
                # An empty comment parts what is above from what is below.
                if not comment.text:
                    waiting = []
                else:
                    waiting.append(comment)
            elif start < line.end:
                yield self._logical(line, start, tuple(waiting))
                waiting = []

    def heredoc(self, name: str, *, chomp: bool) -> Body:
        """Take the lines of a heredoc up to the one that is `name`, with tabs before it if it `chomp`s."""
        first = self._lines[self._at].start if self._at < len(self._lines) else len(self.source.text)
        end, last = first, self._at
        while self._at < len(self._lines):
            line = self._take()
            last = line.number
            text = self.source.text[line.start : line.end]
            if (text.lstrip("\t") if chomp else text) == name:
                return Body(self.source.text[first:end], Span(first, end), last, line.end, terminated=True)
            end = line.next
        return Body(self.source.text[first:end], Span(first, end), last, end, terminated=False)

    def _take(self) -> Line:
        line = self._lines[self._at]
        self._at += 1
        return line

    def _text_start(self, line: Line) -> int:
        start = line.start + (line.number == 1 and self.source.text.startswith(BOM))
        text = self.source.text[start : line.end]
        return line.end - len(text.lstrip(SPACES))

    def _comment(self, line: Line, start: int, *, inside: bool) -> Comment:
        text = self.source.text[start + 1 : line.end].strip(SPACES)
        comment = Comment(text, line.number, Span(start, line.end), inside)
        if line.number not in self._directives or inside:
            self.comments.append(comment)
            return comment
        return Comment("", line.number, comment.span)

    def _logical(self, line: Line, start: int, comments: tuple[Comment, ...]) -> LogicalLine:
        texts: list[str] = []
        pieces: list[tuple[int, int]] = []
        size = 0
        first, last, end = line.number, line.number, line.end
        begin = start
        too_long = False
        while True:
            too_long |= self._is_too_long(line)
            stop = self._continued(start, line.end)
            text = self.source.text[start : line.end if stop is None else stop]
            if text:
                pieces.append((size, start))
                texts.append(text)
                size += len(text)
            last, end = line.number, line.end
            if stop is None:
                break
            following = self._continuation()
            if following is None:
                last = self._lines[self._at - 1].number
                break
            line = following
            start = line.start
        joined = Joined("".join(texts), tuple(pieces) or ((0, begin),))
        return LogicalLine(joined, first, last, Span(begin, end), comments, too_long)

    def _continuation(self) -> Line | None:
        """Take the next line that goes on with an instruction; None if the file ends first."""
        empty: list[Line] = []
        found = None
        while self._at < len(self._lines):
            line = self._take()
            start = self._text_start(line)
            if self.source.text.startswith("#", start, line.end):
                self._comment(line, start, inside=True)
            elif start == line.end:
                empty.append(line)
            else:
                found = line
                break
        for line in empty:
            message = "empty line inside an instruction"
            span = Span(line.start, line.end)
            self.problems.append(Problem("empty-continuation", message, span, Gravity.WARNING))
        return found

    def _continued(self, start: int, end: int) -> int | None:
        """Return where the text ends that the next line goes on with; None if none does.

        The escape character has to be the last one but for blanks, and not to follow another one.
        """
        text = self.source.text
        stop = end
        while stop > start and text[stop - 1] in " \t":
            stop -= 1
        if stop == start or text[stop - 1] != self._escape:
            return None
        if stop - 1 > start and text[stop - 2] == self._escape:
            return None
        return stop - 1

    def _is_too_long(self, line: Line) -> bool:
        if line.next - line.start <= MAX_LINE_BYTES // 4:
            return False
        size = len(self.source.text[line.start : line.next].encode("utf-8", "surrogateescape"))
        if size <= MAX_LINE_BYTES:
            return False
        message = f"line is longer than {MAX_LINE_BYTES} bytes"
        self.problems.append(Problem("line-too-long", message, Span(line.start, line.start + 1)))
        return True
