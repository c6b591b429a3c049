"""DL3007: a base image by the tag latest."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import base_image
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every base with the tag latest and no digest."""
    for one in base_image.bases(subject):
        if one.tag == "latest" and not one.digest:
            message = (
                f"{one.shown} is another image whenever its owner wants: pin a version, or better a digest"
            )
            yield base_image.unpinned(subject, one, message)


RULE = Rule(
    code="DL3007",
    title="The tag latest is no version.",
    level=Level.WARNING,
    why=(
        "`latest` is a name like any other that its owner moves with each release. Builds of the same Dockerfile differ "
        "from one day to the next, a major version arrives unasked, and going back is not possible because the name of "
        "what worked is gone. Name the version that you have tested, or pin the digest."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM debian:latest\n",
        "FROM debian:latest AS build\n",
        "ARG REGISTRY\nFROM $REGISTRY/debian:latest\n",
        "ARG BASE=debian:latest\nFROM $BASE\n",
    ),
    good=(
        "FROM debian:12\n",
        "FROM debian:12-latest\n",
        "FROM debian:latest@sha256:fac6c2c5b5fb3b5ba5d5bdfd4bd5b1f65b2f11a8a8d5a1b7e6a4b3e1a9b5d0c7\n",
        "FROM debian:12 AS latest\nFROM latest\n",
    ),
)
