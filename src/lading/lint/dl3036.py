"""DL3036: what zypper downloads stays in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import cleaning
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that install with zypper and do not clean after it."""
    return cleaning.uncleaned(
        subject, _installs, _cleans, cache="/var/cache/zypp", remedy="zypper clean --all"
    )


def _installs(command: Invocation) -> bool:
    return command.name == "zypper" and command.has_args("install", "in")


def _cleans(command: Invocation) -> bool:
    return command.name == "zypper" and command.has_args("clean", "cc")


RULE = Rule(
    code="DL3036",
    title="The cache of zypper is left in the layer.",
    level=Level.WARNING,
    why=(
        "What a package manager downloads lies in its cache when it is done. A layer keeps all that is "
        "there at the end of its RUN, and a later RUN that deletes it makes no image smaller. Run `zypper "
        "clean --all` in the same RUN, or mount a cache at /var/cache/zypp."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM opensuse/leap:15.6\nRUN zypper install -y git=2.43\n",
        "FROM opensuse/leap:15.6\nRUN zypper cc && zypper in -y git=2.43\n",
    ),
    good=(
        "FROM opensuse/leap:15.6\nRUN zypper in -y git=2.43 && zypper cc --all\n",
        "FROM opensuse/leap:15.6\nRUN --mount=type=cache,target=/var/cache/zypp zypper in -y git=2.43\n",
    ),
)
