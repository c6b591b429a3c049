"""StageNameCasing: a stage name with capitals."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every name of a stage that is not in lower case."""
    for stage in subject.stages:
        word = stage.base.stage_word
        if word is None or word.value == word.value.lower():
            continue
        lower = word.value.lower()
        fix = Fix(f"Write it as {lower}", (Edit(word.span, lower),), safe=True)
        yield Found(word.span, f"stage names are lower case: write {lower}", fix)


RULE = Rule(
    code="StageNameCasing",
    title="Stage names are written in lower case.",
    level=Level.STYLE,
    why=(
        "Keywords are in capitals and names are not: that is how a reader tells them apart. The build compares "
        "names of stages without regard to case, so that `COPY --from=Build` goes on working when the "
        "stage is called `build`, and two names that differ by case alone are one."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM alpine:3.20 AS BuilderBase\n",
        "FROM golang:1.23 AS Build\nFROM scratch\nCOPY --from=Build /a /a\n",
    ),
    good=("FROM alpine:3.20 AS builder-base\n", "FROM alpine:3.20\n"),
)
