"""Heredocs: `<<EOF` in RUN, COPY and ADD, whose text stands in the lines that follow.

`<<-EOF` drops tabs at the start of lines and before the terminator; a quoted name (`<<"EOF"`) says that
variables in the text stay as they are. A number before it is a file descriptor; several may stand on a line.
https://docs.docker.com/reference/dockerfile/#here-documents
"""

from __future__ import annotations

import re

from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.source import Span
from lading.errors import LadingError
from lading.record import Record

_FORM = r"(\d*)<<(-?)[\t\n\f\r ]*([^<]*)"
_LEADING_TABS = r"(?m)^\t+"
# The words of the line are looked for with a backslash as the escape, whatever the directive says.
_LINE = Lexing(raw_quotes=True, raw_escapes=True, keep_unset=True)
_NAME = Lexing(keep_unset=True)
_RAW_NAME = Lexing(raw_quotes=True, keep_unset=True)


class Start(Record):
    """The word that announces a heredoc. expands: variables in its text count. chomps: `<<-`."""

    name: str
    descriptor: int
    expands: bool
    chomps: bool


class Heredoc(Record):
    """A heredoc. content: as written, line ends included. span: of the content.

    terminator: span of the line that ends it; empty where the file ends first.
    """

    name: str
    descriptor: int
    expands: bool
    chomps: bool
    content: str
    span: Span
    terminator: Span

    @property
    def text(self) -> str:
        """The content as a program gets it: without leading tabs, if it chomps."""
        return re.sub(_LEADING_TABS, "", self.content) if self.chomps else self.content


def starts(line: str) -> tuple[Start, ...]:
    """Return the heredocs that a line announces, in order; none if its quotes do not close.

    Raises `MalformedError` for a name that cannot be read.
    """
    try:
        words = expand(line, {}, _LINE).words
    except LadingError:
        return ()
    return tuple(start for word in words if (start := announced(word)))


def announced(word: str) -> Start | None:
    """Return the heredoc that a word announces; None if it is another word.

    Raises `MalformedError` for a name that cannot be read.
    """
    found = re.fullmatch(_FORM, word, re.ASCII) if "<<" in word else None
    if found is None or not found[3]:
        return None
    names = expand(found[3], {}, _NAME).words
    if len(names) != 1:
        return None
    raw = expand(found[3], {}, _RAW_NAME).words
    plain = _quotes(names[0]) == _quotes(raw[0])
    return Start(names[0], int(found[1][:9] or "0"), plain, found[2] == "-")


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
