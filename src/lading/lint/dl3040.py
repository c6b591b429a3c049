"""DL3040: what dnf downloads stays in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import cleaning
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that install with dnf or microdnf and do not clean after it."""
    for name in ("dnf", "microdnf"):
        yield from _of(subject, name)


def _of(subject: Subject, name: str) -> Iterator[Found]:
    def installs(command: Invocation) -> bool:
        return command.name == name and command.has_args("install", "reinstall")

    def cleans(command: Invocation) -> bool:
        if command.name == "rm":
            return command.has_args("-rf", "/var/cache/libdnf5*")
        return command.name == name and command.has_args("clean", "all")

    return cleaning.uncleaned(
        subject, installs, cleans, cache="/var/cache/libdnf5", remedy=f"{name} clean all"
    )


RULE = Rule(
    code="DL3040",
    title="The cache of dnf is left in the layer.",
    level=Level.WARNING,
    why=(
        "What a package manager downloads lies in its cache when it is done. A layer keeps all that is "
        "there at the end of its RUN, and a later RUN that deletes it makes no image smaller. Run `dnf "
        "clean all` in the same RUN, or mount a cache at /var/cache/libdnf5."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM fedora:41\nRUN dnf install -y git-2.47\n",
        "FROM fedora:41\nRUN microdnf install -y git-2.47\n",
        "FROM fedora:41\nRUN dnf clean all && dnf install -y git-2.47\n",
    ),
    good=(
        "FROM fedora:41\nRUN dnf install -y git-2.47 && dnf clean all\n",
        "FROM fedora:41\nRUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y git-2.47\n",
    ),
)
