"""DL3024: two stages of one name."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every stage whose name an earlier one has."""
    seen: set[str] = set()
    for stage in subject.stages:
        word = stage.base.stage_word
        if word is not None and stage.name in seen:
            yield Found(word.span, "an earlier stage has this name: give each its own")
        seen.add(stage.name)


RULE = Rule(
    code="DL3024",
    title="Stages should have names of their own.",
    level=Level.ERROR,
    why=(
        "FROM and COPY --from find a stage by its name, in upper or lower case alike. Where two have the same, "
        "the later one hides the earlier, and which is meant depends on where the line stands; a line that is "
        "moved then takes files from another stage without an error."
    ),
    check=check,
    aliases=("DuplicateStageName",),
    bad=(
        "FROM golang:1.22 AS build\nFROM node:22 AS build\n",
        "FROM golang:1.22 AS build\nFROM debian:12 AS app\nFROM build AS build\n",
        "FROM golang:1.22 AS build\nFROM node:22 AS Build\n",
    ),
    good=(
        "FROM golang:1.22 AS build\nFROM node:22 AS pages\n",
        "FROM golang:1.22\nFROM node:22\n",
        "FROM golang:1.22 AS build\nFROM build\n",
    ),
)
