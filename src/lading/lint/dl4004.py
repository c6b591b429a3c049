"""DL4004: more than one ENTRYPOINT."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Entrypoint
from lading.lint import superseded
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield each ENTRYPOINT that stands after another one in its stage."""
    return superseded.by_another(subject, Entrypoint)


RULE = Rule(
    code="DL4004",
    title="A stage has more than one ENTRYPOINT.",
    level=Level.ERROR,
    why=(
        "An image has one ENTRYPOINT. Each further one replaces what was there, so that the earlier ones "
        "do nothing but mislead the reader: what looks like two programs is one. Delete those that do not "
        "count, or start what is needed from one script."
    ),
    check=check,
    fixable=True,
    aliases=("MultipleInstructionsDisallowed",),
    bad=(
        'FROM debian:12\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n',
        'FROM debian:12\nENTRYPOINT ["a"]\nRUN make\nENTRYPOINT ["b"]\n',
    ),
    good=(
        'FROM debian:12\nENTRYPOINT ["a"]\n',
        'FROM debian:12 AS a\nENTRYPOINT ["a"]\nFROM debian:12\nENTRYPOINT ["b"]\n',
    ),
)
