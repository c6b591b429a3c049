"""DL3012: more than one HEALTHCHECK in a stage."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Healthcheck
from lading.lint import superseded
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield each HEALTHCHECK that stands after another one in its stage."""
    return superseded.by_another(subject, Healthcheck)


RULE = Rule(
    code="DL3012",
    title="A stage has one HEALTHCHECK.",
    level=Level.ERROR,
    why=(
        "An image has one health check, and a later HEALTHCHECK takes the place of an earlier one without a word. "
        "Whoever wrote two of them wants both to be looked at, and one is not. Put both checks into one command."
    ),
    check=check,
    fixable=True,
    aliases=("MultipleInstructionsDisallowed",),
    bad=(
        'FROM debian:12\nHEALTHCHECK CMD ["/check"]\nHEALTHCHECK CMD ["/other"]\n',
        'FROM debian:12\nHEALTHCHECK NONE\nRUN make\nHEALTHCHECK --interval=5s CMD ["/check"]\n',
    ),
    good=(
        'FROM debian:12\nHEALTHCHECK CMD ["/check"]\n',
        'FROM debian:12 AS a\nHEALTHCHECK CMD ["/check"]\nFROM debian:12\nHEALTHCHECK CMD ["/check"]\n',
        'FROM debian:12\nHEALTHCHECK CMD ["/check"]\nONBUILD HEALTHCHECK CMD ["/check"]\n',
    ),
)
