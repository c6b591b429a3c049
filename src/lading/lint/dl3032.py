"""DL3032: what yum downloads stays in the layer."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import cleaning
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that install with yum and do not clean after it."""
    return cleaning.uncleaned(subject, _installs, _cleans, remedy="yum clean all")


def _installs(command: Invocation) -> bool:
    return command.name == "yum" and command.has_args("install")


def _cleans(command: Invocation) -> bool:
    if command.name == "rm":
        return command.has_args("-rf", "/var/cache/yum/*")
    return command.name == "yum" and command.has_args("clean", "all")


RULE = Rule(
    code="DL3032",
    title="The cache of yum is left in the layer.",
    level=Level.WARNING,
    why=(
        "What a package manager downloads lies in its cache when it is done. A layer keeps all that is "
        "there at the end of its RUN, and a later RUN that deletes it makes no image smaller. Run `yum "
        "clean all` in the same RUN."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM rockylinux:9\nRUN yum install -y git-2.43.5\n",
        "FROM rockylinux:9\nRUN yum clean all && yum install -y git-2.43.5\n",
        "FROM rockylinux:9\nRUN yum -y install git-2.43.5 && git version\n",
    ),
    good=(
        "FROM rockylinux:9\nRUN yum install -y git-2.43.5 && yum clean all\n",
        "FROM rockylinux:9\nRUN yum install -y git-2.43.5 && rm -rf /var/cache/yum\n",
        "FROM rockylinux:9\nRUN yum info git\n",
    ),
)
