"""DL3065: FROM --platform=$TARGETPLATFORM."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import From
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield FROMs with the platform that they have anyway."""
    given = (each for arg in subject.file.arguments for each in arg.definitions)
    # An ARG before the first FROM with a value of its own is what FROM gets then.
    if any(each.name.value == "TARGETPLATFORM" and each.default is not None for each in given):
        return
    for one in subject.all(From):
        flag = one.flag("platform")
        written = subject.text(flag.span).partition("=")[2] if flag else ""
        if not flag or written not in {"$TARGETPLATFORM", "${TARGETPLATFORM}"}:
            continue
        text, end = subject.file.source.text, flag.span.end
        while end < len(text) and text[end] in " \t":
            end += 1
        fix = Fix("Take the flag out", (Edit(Span(flag.span.start, end), ""),), safe=True)
        yield Found(flag.span, "this is the platform that FROM takes anyway: leave --platform out", fix)


RULE = Rule(
    code="DL3065",
    title="FROM names the platform that it has anyway.",
    level=Level.WARNING,
    why=(
        "FROM takes the platform that is built for unless it is told another. "
        "`--platform=$TARGETPLATFORM` says nothing more, and makes a reader look for a reason. Leave it "
        "out, or write `$BUILDPLATFORM` where a stage is to run on the building machine."
    ),
    check=check,
    fixable=True,
    aliases=("RedundantTargetPlatform",),
    bad=(
        "FROM --platform=$TARGETPLATFORM debian:12\n",
        "FROM --platform=${TARGETPLATFORM} debian:12 AS build\n",
    ),
    good=(
        "FROM debian:12\n",
        "FROM --platform=$BUILDPLATFORM debian:12\n",
        "ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian:12\n",
    ),
)
