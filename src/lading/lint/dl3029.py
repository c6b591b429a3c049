"""DL3029: FROM with a fixed platform."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import From
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# The builder's own words for where it runs, and for what it builds; for the latter there is DL3065.
_AUTOMATIC = ("BUILDPLATFORM", "TARGETPLATFORM")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every --platform of FROM that the builder does not set by itself."""
    for one in subject.all(From):
        flag = one.flag("platform")
        if flag is not None and flag.value and not any(name in flag.value for name in _AUTOMATIC):
            message = "the platform is fixed: leave it to who builds, or use $BUILDPLATFORM for build tools"
            yield Found(flag.span, message)


RULE = Rule(
    code="DL3029",
    title="FROM should not fix a platform.",
    level=Level.WARNING,
    why=(
        "The platform is for who builds to choose (`--platform`), and one Dockerfile then serves all of them. "
        "Where FROM names one, an image for arm64 may be built upon amd64 and fail when it starts, or run under "
        "emulation. A stage that cross-compiles runs on the builder's own platform: `FROM "
        "--platform=$BUILDPLATFORM`."
    ),
    check=check,
    aliases=("FromPlatformFlagConstDisallowed",),
    bad=(
        "FROM --platform=linux/amd64 debian:12\n",
        "ARG PLATFORM=linux/arm64\nFROM --platform=$PLATFORM debian:12\n",
        "FROM --platform=linux/$TARGETARCH debian:12 AS build\n",
    ),
    good=(
        "FROM debian:12\n",
        "FROM --platform=$BUILDPLATFORM golang:1.22 AS build\n",
        'FROM --platform="${BUILDPLATFORM}" golang:1.22 AS build\n',
        "FROM --platform=${BUILDPLATFORM:-linux/amd64} golang:1.22\n",
    ),
)
