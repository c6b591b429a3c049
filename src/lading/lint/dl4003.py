"""DL4003: more than one CMD."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Cmd
from lading.lint import superseded
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield each CMD that stands after another one in its stage."""
    return superseded.by_another(subject, Cmd)


RULE = Rule(
    code="DL4003",
    title="A stage has more than one CMD.",
    level=Level.WARNING,
    why=(
        "An image has one CMD. Each further one replaces what was there, so that the earlier ones do "
        "nothing but mislead the reader: what looks like two programs is one. Delete those that do not "
        "count, or start what is needed from one script."
    ),
    check=check,
    fixable=True,
    aliases=("MultipleInstructionsDisallowed",),
    bad=(
        'FROM debian:12\nCMD ["a"]\nCMD ["b"]\n',
        'FROM debian:12\nCMD ["a"]\nRUN make\nCMD ["b"]\n',
    ),
    good=(
        'FROM debian:12\nCMD ["a"]\n',
        'FROM debian:12 AS a\nCMD ["a"]\nFROM debian:12\nCMD ["b"]\n',
    ),
)
