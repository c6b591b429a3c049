"""DL3063: no USER anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import User
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield the last FROM, if there is no USER in the file; reported, as hadolint does, on the line after it."""
    last = next((stage.base for stage in reversed(subject.stages)), None)
    if last is None or any(isinstance(one, User) for one in subject.file.instructions):
        return
    message = "no USER is set, so that programs run as the base image says, mostly as root: set USER"
    yield Found(last.span, message, line=last.line + 1)


RULE = Rule(
    code="DL3063",
    title="No USER is set in the file.",
    level=Level.IGNORE,
    why=(
        "Without USER a container runs as the user that the base image has, which is root nearly always. "
        "Whoever breaks into the program then owns all that is in the container. The rule is off at "
        "first; configuration can switch it on."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN make\n",
        "FROM debian:12 AS a\nFROM debian:13\n",
    ),
    good=(
        "FROM debian:12\nUSER 1000\n",
        "FROM debian:12 AS a\nUSER 1\nFROM debian:13\n",
    ),
)
