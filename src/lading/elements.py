"""XML from outside, element by element: no tree is built, and nothing in it can grow.

expat alone reads it. A document type is refused, and with it every entity: none of the formats read here needs
one, and bombs are made of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from lading.errors import LimitError, MalformedError


class Element(NamedTuple):
    """An element that begins. tag: as expat has it. line: of its start, from 1."""

    tag: str
    attributes: dict[str, str]
    line: int


class Limits(NamedTuple):
    """What is accepted. max_depth: of elements in elements. max_text_chars: of a text, the rest of which is cut."""

    max_depth: int
    max_text_chars: int


def opened(where: str, between: str | None = None) -> expat.XMLParserType:
    """Return a parser that refuses document types. between: put between namespace and name; None for no namespaces."""
    parser = expat.ParserCreate(namespace_separator=between)
    parser.buffer_text = True

    def refuse(*_: object) -> NoReturn:
        raise MalformedError("has a document type definition", where)

    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(parser: expat.XMLParserType, data: bytes, where: str, *, final: bool) -> None:
    """Give more of a document to a parser.

    Raises `MalformedError` for what is not XML, is cut, or has a document type, and what handlers raise.
    """
    try:
        parser.Parse(data, final)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: of encodings
        raise MalformedError(f"not XML: {error}", where) from error


def read(
    data: bytes,
    where: str,
    start: Callable[[Element], None],
    end: Callable[[str], None],
    *,
    limits: Limits,
    between: str | None = None,
) -> None:
    """Hand each element of a document to `start` when it begins, and to `end` when it has ended.

    `end` is given the text since the last tag, which for elements without others in them is their own.
    Raises as `feed`, and `LimitError` where elements are nested deeper than the limit.
    """
    parser = opened(where, between)
    max_depth, max_text_chars = limits
    held: list[str] = []
    depth = chars = 0

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, chars
        depth += 1
        if depth > max_depth:
            raise LimitError(f"elements nested over {max_depth} deep", where)
        if held:
            held.clear()
            chars = 0
        start(Element(tag, attributes, parser.CurrentLineNumber))

    def on_text(text: str) -> None:
        nonlocal chars
        if chars < max_text_chars:
            held.append(text)
            chars += len(text)

    def on_end(_tag: str) -> None:
        nonlocal depth, chars
        depth -= 1
        text = "".join(held)[:max_text_chars]
        if held:
            held.clear()
            chars = 0
        end(text)

    parser.StartElementHandler = on_start
    parser.CharacterDataHandler = on_text
    parser.EndElementHandler = on_end
    feed(parser, data, where, final=True)
