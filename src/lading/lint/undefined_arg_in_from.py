"""UndefinedArgInFrom: FROM with a variable that no ARG before the first FROM declares."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import From
from lading.dockerfile.scope import PLATFORM_ARGUMENTS
from lading.dockerfile.source import Span
from lading.lint import references
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every variable of a FROM that nothing declares."""
    known = {one.name.value for arg in subject.file.arguments for one in arg.definitions}
    known.update(PLATFORM_ARGUMENTS)
    for stage in subject.stages:
        for name, span in _named(subject, stage.base):
            if name not in known:
                yield Found(span, f"{name[:80]} is not declared: write ARG {name[:80]} before the first FROM")


def _named(subject: Subject, base: From) -> Iterator[tuple[str, Span]]:
    for one in references.of(subject, base.image.value, base):
        yield one.name, references.span(subject, base.image, one)
    platform = base.flag("platform")
    for one in references.of(subject, (platform and platform.value) or "", base):
        if platform is not None:
            yield one.name, platform.span


RULE = Rule(
    code="UndefinedArgInFrom",
    title="Variables in FROM are declared by an ARG before the first FROM.",
    level=Level.WARNING,
    why=(
        "FROM sees only what ARGs before the first FROM declare, and the platform arguments. Any other name "
        "stands for nothing: `FROM node:$VERSION` becomes `node:`, and the build fails, or worse, a part of the name is "
        "missing and another image is taken. A slip in the name, or an ARG that stands inside a stage, are the causes."
    ),
    check=check,
    bad=(
        "FROM node:22${VARIANT}\n",
        "FROM alpine:3.20 AS a\nARG VARIANT=-slim\nFROM node:22$VARIANT\n",
        "FROM --platform=$BUILDPLATFROM alpine:3.20\n",
    ),
    good=(
        "ARG VARIANT\nFROM node:22${VARIANT}\n",
        "FROM --platform=$BUILDPLATFORM alpine:3.20\n",
        "FROM node:${VERSION:-22}\n",
    ),
)
