"""LD1001: a base by tag, without digest."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.scope import SCRATCH
from lading.dockerfile.source import Span
from lading.errors import LadingError
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject
from lading.oci import reference


def check(subject: Subject) -> Iterator[Found]:
    """Yield every base that has a tag, but for `latest`, and no digest."""
    names: dict[str, list[Span]] = {}
    for stage in subject.stages:
        base = subject.variables.base(stage)
        if base.parent is None and base.image != SCRATCH and _has_tag_alone(base.image):
            names.setdefault(base.image, []).append(stage.base.image.span)
    digests = subject.pins("image", tuple(names))
    for name, spans in names.items():
        for span in spans:
            digest = digests.get(name, "")
            fix = None
            # With a variable in it, the name and the digest could come to disagree.
            if digest and subject.text(span) == name:
                fix = Fix("Add the digest", (Edit(Span(span.end, span.end), f"@{digest}"),), safe=True)
            message = "the base may change under its tag: add the digest (image:tag@sha256:...)"
            yield Found(span, message, fix, could_fix=fix is None and subject.text(span) == name)


def _has_tag_alone(image: str) -> bool:
    """Whether there is a tag to hold fast; what has none, or `latest`, is the matter of DL3006 and DL3007."""
    try:
        found = reference.parse(image)
    except LadingError:
        return False
    return not found.digest and image.endswith(":" + found.tag) and found.tag != "latest"


RULE = Rule(
    code="LD1001",
    title="The base image is held fast by its digest.",
    level=Level.INFO,
    why=(
        "A tag is a name that its owner may move: the same Dockerfile gives another image tomorrow, and an image "
        "that nobody has looked at when the registry, or the account of the publisher, is broken into. With a digest "
        "the build takes these bytes or fails. The tag stays in the line, for people and for the services that "
        "propose the next digest."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM alpine:3.20\n",
        "ARG TAG=3.20\nFROM alpine:$TAG\n",
        "FROM --platform=linux/amd64 ghcr.io/a/b:1 AS x\n",
    ),
    good=(
        "FROM alpine:3.20@sha256:" + "0" * 64 + "\n",
        "FROM scratch\n",
        "FROM alpine@sha256:" + "0" * 64 + " AS base\nFROM base\n",
        "ARG TAG\nFROM alpine:$TAG\n",
    ),
)
