"""DL3023: COPY --from names the stage that it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import copied_from
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY --from of its own stage."""
    for one in copied_from.all_of(subject):
        if one.name == one.stage.name:
            message = "a stage cannot copy from itself: name another one, or use RUN cp"
            yield Found(one.flag.span, message)


RULE = Rule(
    code="DL3023",
    title="COPY --from cannot name its own stage.",
    level=Level.ERROR,
    why=(
        "COPY --from takes files out of a stage that is done. Its own stage is not, so the builder refuses. "
        "Mostly the name of another stage was meant; to copy within a stage there is `RUN cp`."
    ),
    check=check,
    bad=(
        "FROM debian:12 AS app\nCOPY --from=app /a /b\n",
        "FROM golang:1.22 AS build\nFROM debian:12 AS app\nCOPY --chown=1:1 --from=app /a /b\n",
        "FROM debian:12 AS App\nCOPY --from=app /a /b\n",
    ),
    good=(
        "FROM golang:1.22 AS build\nFROM debian:12 AS app\nCOPY --from=build /a /b\n",
        "FROM debian:12 AS app\nCOPY app /b\n",
        "FROM debian:12 AS app\nCOPY --from=app:1 /a /b\n",
        "FROM debian:12 AS app\nONBUILD COPY --from=app /a /b\n",
    ),
)
