"""The variables that a word names, with their places."""

from __future__ import annotations

from lading.dockerfile.expand import Lexing, Reference, expand
from lading.dockerfile.instruction import Instruction
from lading.dockerfile.source import Span
from lading.dockerfile.words import Word
from lading.errors import LadingError
from lading.lint.subject import Subject

# These say themselves what is to happen where there is no value.
_GUARDS = frozenset("-+?")


def of(subject: Subject, text: str, at: Instruction) -> tuple[Reference, ...]:
    """Return what `text` names at an instruction; nothing if it cannot be read.

    What has a modifier for the case that there is no value (`${x:-y}`) is left out.
    """
    if "$" not in text:
        return ()
    try:
        found = expand(text, subject.variables.at(at), Lexing(escape=subject.file.escape)).references
    except LadingError:
        return ()
    return tuple(one for one in found if one.modifier[-1:] not in _GUARDS)


def span(subject: Subject, word: Word, one: Reference) -> Span:
    """Return the place of a reference in a word; the word's where continuation lines are inside it."""
    if subject.text(word.span) != word.value:
        return word.span
    return Span(word.span.start + one.start, word.span.start + one.end)
