"""DL3006: a base image without a tag."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import base_image
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every base that has neither tag nor digest."""
    for one in base_image.bases(subject):
        if not one.tag and not one.digest:
            message = f"{one.shown} has no tag, so latest is taken: pin a version, or better a digest"
            yield base_image.unpinned(subject, one, message)


RULE = Rule(
    code="DL3006",
    title="A base image should be named with its version.",
    level=Level.WARNING,
    why=(
        "Without a tag the builder takes `latest`, which its owner moves. The same Dockerfile then gives another image "
        "tomorrow, on another machine, or after the cache has been emptied, and nobody can tell which base an "
        "older image was built upon. A version tag is better; a digest is the only name that cannot move."
    ),
    check=check,
    fixable=True,
    needs_index=True,
    bad=(
        "FROM debian\n",
        "FROM registry.example.com:5000/team/app\n",
        "FROM --platform=$BUILDPLATFORM golang AS build\n",
        "ARG BASE=debian\nFROM $BASE\n",
        "FROM debian$SUFFIX\n",
    ),
    good=(
        "FROM debian:12\n",
        "FROM scratch\n",
        "FROM debian@sha256:fac6c2c5b5fb3b5ba5d5bdfd4bd5b1f65b2f11a8a8d5a1b7e6a4b3e1a9b5d0c7\n",
        "FROM debian:12 AS base\nFROM base\n",
        "FROM debian:12 AS Base\nFROM base\n",
        "FROM $BASE\n",
        "ARG TAG=12\nFROM debian:$TAG\n",
    ),
)
