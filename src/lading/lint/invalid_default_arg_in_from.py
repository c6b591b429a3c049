"""InvalidDefaultArgInFrom: FROM that is no image unless an argument is given."""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import LadingError
from lading.lint import references
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject
from lading.oci import reference


def check(subject: Subject) -> Iterator[Found]:
    """Yield every FROM whose default values make no name of an image."""
    declared = {one.name.value for arg in subject.file.arguments for one in arg.definitions}
    for stage in subject.stages:
        word = stage.base.image
        named = references.of(subject, word.value, stage.base)
        # What is not declared at all is another rule's matter.
        if not named or not declared.issuperset(one.name for one in named):
            continue
        base = subject.variables.base(stage)
        if base.parent is None and not _is_image(base.image):
            names = ", ".join(sorted({one.name for one in named if not one.found}) or [named[0].name])
            message = f"without a build argument this is no image: give a default to {names[:80]}"
            yield Found(word.span, message)


def _is_image(text: str) -> bool:
    try:
        reference.parse(text)
    except LadingError:
        return False
    return True


RULE = Rule(
    code="InvalidDefaultArgInFrom",
    title="FROM names an image also when no build argument is given.",
    level=Level.WARNING,
    why=(
        "A Dockerfile that needs `--build-arg` to have a valid base cannot be built by those who do not know it, nor "
        "by tools that read it: services that update bases, scanners, editors. A default in the ARG, or in the "
        "variable itself (`${TAG:-3.20}`), costs nothing."
    ),
    check=check,
    bad=("ARG TAG\nFROM busybox:${TAG}\n", "ARG BASE\nFROM $BASE\n", "ARG TAG=a:b\nFROM busybox:$TAG\n"),
    good=(
        "ARG TAG=1.36\nFROM busybox:${TAG}\n",
        "ARG VARIANT\nFROM node:22${VARIANT}\n",
        "ARG TAG\nFROM busybox:${TAG:-1.36}\n",
        "FROM busybox:1.36 AS a\nARG B\nFROM a\n",
    ),
)
