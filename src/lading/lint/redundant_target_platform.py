"""RedundantTargetPlatform: `FROM --platform=$TARGETPLATFORM`."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_REDUNDANT = frozenset({"$TARGETPLATFORM", "${TARGETPLATFORM}"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every such flag."""
    for stage in subject.stages:
        flag = stage.base.flag("platform")
        if flag is None or flag.value not in _REDUNDANT:
            continue
        text, end = subject.file.source.text, flag.span.end
        while end < len(text) and text[end] in " \t":
            end += 1
        fix = Fix("Take the flag out", (Edit(Span(flag.span.start, end), ""),), safe=True)
        yield Found(flag.span, "this is the platform that FROM takes anyway: leave the flag out", fix)


RULE = Rule(
    code="RedundantTargetPlatform",
    title="FROM takes the target platform without being told.",
    level=Level.INFO,
    why=(
        "A stage is built for the platform that the build is asked for. `--platform=$TARGETPLATFORM` says the same "
        "again, and makes readers look for the difference. A flag is of use with `$BUILDPLATFORM`, for stages "
        "that compile for other machines than their own."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM --platform=$TARGETPLATFORM alpine:3.20\n",
        "FROM --platform=${TARGETPLATFORM} alpine:3.20 AS a\n",
    ),
    good=("FROM --platform=$BUILDPLATFORM alpine:3.20\n", "FROM alpine:3.20\n"),
)
