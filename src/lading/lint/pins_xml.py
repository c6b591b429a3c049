"""A long XML document as a stream of the few elements that are wanted: nothing is built, nothing kept.

What every piece of XML is held to, `lading.elements` says; here the handlers are few, for the documents are of
hundreds of megabytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lading import elements
from lading.errors import LimitError

_MAX_TEXT_CHARS = 4096


class Start(NamedTuple):
    """An element begins. name: without namespace or prefix."""

    name: str
    attributes: dict[str, str]


Text = tuple[str, str]
"""Name of an element, and the text in it, when it has ended."""


def events(
    pieces: Iterable[bytes], where: str, starts: frozenset[str], texts: frozenset[str]
) -> Iterator[Start | Text]:
    """Yield a `Start` for elements in `starts`, and the text of those in `texts`, in the document's order.

    Raises `MalformedError` for what is not XML, is cut, or has a document type; `LimitError` for a
    wanted text of more than some thousand characters.
    """
    reader = _Reader(where, starts, texts)
    for piece in pieces:
        reader.feed(piece, final=False)
        yield from reader.take()
    reader.feed(b"", final=True)
    yield from reader.take()


class _Reader:
    """expat's handlers; those for texts and ends are only there within an element that is wanted."""

    def __init__(self, where: str, starts: frozenset[str], texts: frozenset[str]) -> None:
        self._where = where
        self._starts = starts
        self._texts = texts
        self._found: list[Start | Text] = []
        self._held: list[str] = []
        self._within = ""
        self._parser = elements.opened(where)
        self._parser.StartElementHandler = self._start

    def feed(self, data: bytes, *, final: bool) -> None:
        elements.feed(self._parser, data, self._where, final=final)

    def take(self) -> list[Start | Text]:
        found, self._found = self._found, []
        return found

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in self._starts:
            self._found.append(Start(name, attributes))
        if name in self._texts and not self._within:
            self._within, self._held = name, []
            self._parser.CharacterDataHandler = self._text
            self._parser.EndElementHandler = self._end

    def _text(self, text: str) -> None:
        self._held.append(text)
        if sum(map(len, self._held)) > _MAX_TEXT_CHARS:
            raise LimitError(f"<{self._within}> has over {_MAX_TEXT_CHARS} characters", self._where)

    def _end(self, _tag: str) -> None:
        self._found.append((self._within, "".join(self._held)))
        self._within = ""
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None
