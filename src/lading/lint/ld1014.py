"""LD1014: a stage that nothing of the final one comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lading.dockerfile.parse import Stage
from lading.lint import taken_from
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every stage that the last one does not need, by whatever way."""
    if not subject.stages:
        return
    names = taken_from.names(subject)
    reached = {len(subject.stages) - 1}
    pending = list(reached)
    while pending:
        needed = _needed(subject, subject.stages[pending.pop()], names)
        if needed is None:
            return
        pending += needed - reached
        reached |= needed
    for stage in subject.stages:
        if stage.index in reached:
            continue
        if stage.name:
            message = f"the last stage needs nothing of {stage.name[:80]}: only --target={stage.name[:80]} builds it"
            yield Found(stage.base.keyword.span, message)
        else:
            message = (
                "no other stage needs this one, and it has no name to build it by: take it out, or name it"
            )
            yield Found(stage.base.keyword.span, message, level=Level.WARNING)


def _needed(subject: Subject, stage: Stage, names: Mapping[str, int]) -> set[int] | None:
    """Return the stages that a stage takes something from; None if that cannot be known."""
    parent = subject.parent(stage)
    # What a build argument chooses from may be any of them.
    if parent is not None and "$" in stage.base.image.value:
        return None
    found = taken_from.stages(subject, stage, names)
    return found if found is None or parent is None else found | {parent.index}


RULE = Rule(
    code="LD1014",
    title="Every stage is of use to the last one.",
    level=Level.INFO,
    why=(
        "A build makes the last stage, and those that it takes something from. A stage outside of that is text that "
        "nobody runs: a rest, or a sign that a `COPY --from` names the wrong one. Stages with a name may be there to "
        "be asked for (`--target=test`), so for these it is a remark."
    ),
    check=check,
    bad=(
        "FROM golang:1.23 AS build\nRUN make\nFROM alpine:3.20\nCOPY app /app\n",
        "FROM golang:1.23\nRUN make\nFROM alpine:3.20\n",
    ),
    good=(
        "FROM golang:1.23 AS build\nFROM alpine:3.20\nCOPY --from=Build /a /a\n",
        "FROM golang:1.23\nFROM alpine:3.20\nCOPY --from=0 /a /a\n",
        "FROM alpine:3.20 AS base\nFROM base\n",
        "FROM alpine:3.20 AS tools\nFROM debian:12\nRUN --mount=type=bind,from=tools,target=/t /t/x\n",
        "ARG KIND=a\nFROM alpine:3.20 AS a\nFROM debian:12 AS b\nFROM $KIND\n",
    ),
)
