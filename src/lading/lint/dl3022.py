"""DL3022: COPY --from names no stage."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import copied_from
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY --from of what is neither a stage up to there nor an image with its version."""
    for one in copied_from.all_of(subject):
        if not (":" in one.name or _is_number(one.name, one.stage.index)):
            if one.name in {stage.name for stage in subject.stages[: one.stage.index + 1]} - {""}:
                continue
            message = "there is no such stage before: name one with FROM ... AS, or an image with its tag"
            yield Found(one.flag.span, message)


def _is_number(name: str, last: int) -> bool:
    return name.isascii() and name.isdigit() and len(name.lstrip("0")) <= len(str(last)) and int(name) <= last


RULE = Rule(
    code="DL3022",
    title="COPY --from should name a stage above it.",
    level=Level.WARNING,
    why=(
        "What is no stage is taken for an image: the builder asks a registry for it, and what somebody has "
        "published there under that name, in its latest version, gets into the image. A slip in the name of a "
        "stage thus becomes a download. If an image is meant, say its tag or digest too."
    ),
    check=check,
    bad=(
        "FROM debian:12\nCOPY --from=build /app /app\n",
        "FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=biuld /app /app\n",
        "FROM golang:1.22\nFROM debian:12\nCOPY --from=2 /app /app\n",
        "FROM debian:12\nCOPY --from=nginx /etc/nginx /etc/nginx\n",
        "FROM debian:12\nCOPY --from=build /app /app\nFROM golang:1.22 AS build\n",
    ),
    good=(
        "FROM golang:1.22 AS build\nFROM debian:12\nCOPY --from=build /app /app\n",
        "FROM golang:1.22\nFROM debian:12\nCOPY --from=0 /app /app\n",
        "FROM debian:12\nCOPY --from=nginx:1.27 /etc/nginx /etc/nginx\n",
        "FROM golang:1.22 AS Build\nFROM debian:12\nCOPY --from=build /app /app\n",
        "FROM debian:12\nONBUILD COPY --from=build /app /app\n",
    ),
)
