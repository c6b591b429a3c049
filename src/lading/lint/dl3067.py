"""DL3067: a whole file system is copied from a stage."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Copy
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield COPYs from the root of a stage to the root."""
    for one in subject.file.instructions:
        if not isinstance(one, Copy) or one.flag("from") is None or one.target.value.strip("\"'") != "/":
            continue
        for source in one.sources:
            if source.value.strip("\"'") == "/":
                yield Found(
                    source.span, "all of another stage is copied: copy only the files that are needed"
                )
                break


RULE = Rule(
    code="DL3067",
    title="A whole file system is copied from another stage.",
    level=Level.WARNING,
    why=(
        "A stage is there to leave behind what the image does not need. Who copies its root carries the "
        "compilers, caches and secrets of the build along, in one layer that shares nothing with any "
        "other image. Copy the files that the program needs."
    ),
    check=check,
    bad=("FROM debian:12 AS build\nFROM scratch\nCOPY --from=build / /\n",),
    good=(
        "FROM debian:12 AS build\nFROM scratch\nCOPY --from=build /srv /srv\n",
        "FROM debian:12\nCOPY / /\n",
        "FROM debian:12 AS build\nFROM scratch\nCOPY --from=build / /root\n",
    ),
)
