"""Edits of a Dockerfile as edits of the protocol."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from lsprotocol.types import (
    OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Source, Span
from lading.lint.editor.look import Client, Look
from lading.lint.editor.places import Places

# Comparing lines takes time that may grow with the product of their numbers.
_MAX_COMPARED = 4_000_000


def made(look: Look, edits: Iterable[Edit], client: Client) -> WorkspaceEdit:
    """Return what makes these edits; they do not overlap."""
    newline = Source(look.places.text).newline
    # As `edit.apply` has it: what is inserted where a replacement begins stands before it.
    ordered = sorted(edits, key=lambda one: one.span)
    return of(
        look,
        [TextEdit(look.places.range(one.span), one.text.replace("\n", newline)) for one in ordered],
        client,
    )


def of(look: Look, edits: Sequence[TextEdit], client: Client) -> WorkspaceEdit:
    """Return what makes these edits in the document that was looked at, and in no other version of it if possible."""
    if not client.versions:
        return WorkspaceEdit(changes={look.uri: list(edits)})
    document = OptionalVersionedTextDocumentIdentifier(uri=look.uri, version=look.version)
    return WorkspaceEdit(document_changes=[TextDocumentEdit(document, list(edits))])


def difference(places: Places, after: str) -> list[TextEdit]:
    """Return what makes `after` of a text: whole lines, and as few as can be told in short time."""
    before, new = _lines(places.text), _lines(after)
    offsets = [0, *accumulate(map(len, before))]
    return [
        TextEdit(places.range(Span(offsets[start], offsets[end])), "".join(new[first:last]))
        for start, end, first, last in _changed(before, new)
    ]


def _lines(text: str) -> list[str]:
    """Return the lines with their line feeds; no other character ends one."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _changed(before: list[str], after: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the rows of lines that differ: from where to where in the old ones, and in the new ones."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    most = shorter - head
    tail = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), most)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(old) * len(new) > _MAX_COMPARED:
        yield head, len(before) - tail, head, len(after) - tail
        return
    for tag, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield head + start, head + end, head + first, head + last
