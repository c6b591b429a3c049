"""DL3035: zypper dist-upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of `zypper dist-upgrade`."""
    for _, command in subject.commands("zypper"):
        if command.has_args("dist-upgrade", "dup"):
            message = "the whole distribution is upgraded: take a newer base image instead"
            yield Found(command.words[0].span, message)


RULE = Rule(
    code="DL3035",
    title="The whole distribution is upgraded in the image.",
    level=Level.WARNING,
    why=(
        "An upgrade of everything replaces what the base image was tested with, doubles what it weighs, "
        "and depends on the day of the build. The base image is there to be replaced by a newer one: "
        "choose the release that you want with FROM."
    ),
    check=check,
    bad=(
        "FROM opensuse/leap:15.6\nRUN zypper dist-upgrade -y\n",
        "FROM opensuse/leap:15.6\nRUN zypper -n dup\n",
    ),
    good=(
        "FROM opensuse/leap:15.6\nRUN zypper -n update\n",
        "FROM opensuse/leap:15.6\nRUN echo zypper dup\n",
    ),
)
