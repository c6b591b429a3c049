"""The labels of a Dockerfile, and those that the configuration gives a type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lading.dockerfile.instruction import Label, Pair
from lading.lint.rule import Found
from lading.lint.subject import Subject


def pairs(subject: Subject) -> Iterator[tuple[Pair, str, str]]:
    """Yield every pair with its name and value, quotes removed; those in ONBUILD are left out."""
    for one in subject.file.instructions:
        if isinstance(one, Label):
            for pair in one.pairs:
                yield pair, _plain(pair.name.value), _plain(pair.value.value)


def _plain(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in {'"', "'"}:
        return text[1:-1]
    return text


def ill_typed(
    subject: Subject, kind: str, is_valid: Callable[[str], bool], should_be: str
) -> Iterator[Found]:
    """Yield the values of labels of a type that are not valid. should_be: what they are to be, for the message."""
    for pair, name, value in pairs(subject):
        if subject.config.labels.get(name) == kind and not is_valid(value):
            yield Found(pair.value.span, f"label {name[:80]} should be {should_be}")
