"""DL3063: a stage called scratch or context."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_RESERVED = frozenset({"scratch", "context"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every stage with a name that means something else."""
    for stage in subject.stages:
        if stage.name in _RESERVED and stage.base.stage_word is not None:
            message = f"{stage.name} means something else to the build: give the stage another name"
            yield Found(stage.base.stage_word.span, message)


RULE = Rule(
    code="DL3063",
    title="No stage is called scratch or context.",
    level=Level.WARNING,
    why=(
        "`FROM scratch` is a stage without any files, and `context` is the folder that the build is given. A stage "
        "of that name is either never found, or found where somebody meant the other thing: a later "
        "`FROM scratch` that is not empty at all."
    ),
    check=check,
    aliases=("ReservedStageName",),
    bad=("FROM alpine:3.20 AS scratch\n", "FROM alpine:3.20 AS Context\n"),
    good=("FROM alpine:3.20 AS builder\n", "FROM scratch AS out\n"),
)
