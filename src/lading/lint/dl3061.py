"""DL3061: an instruction stands before the first FROM."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, From
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield all but ARG before the first FROM."""
    for one in subject.file.instructions:
        if isinstance(one, From):
            return
        if not isinstance(one, Arg):
            yield Found(one.keyword.span, f"{one.name} stands before FROM: only ARG may, move it behind FROM")


RULE = Rule(
    code="DL3061",
    title="An instruction stands before the first FROM.",
    level=Level.ERROR,
    why=(
        "Instructions change the image that FROM has named. Before the first FROM there is none, so that "
        "a builder refuses everything there but ARG, whose values the FROMs can use."
    ),
    check=check,
    bad=(
        "RUN make\nFROM debian:12\n",
        "ARG VERSION\nENV A=1\nFROM debian:12\n",
    ),
    good=(
        "FROM debian:12\nRUN make\n",
        "# a comment\nARG VERSION=12\nFROM debian:$VERSION\n",
    ),
)
