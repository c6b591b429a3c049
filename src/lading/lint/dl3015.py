"""DL3015: apt-get install that takes recommended packages along."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import apt, verb
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of apt-get install that installs more than what is needed."""
    for run, command in apt.installs(subject):
        if apt.recommends(command):
            fix = verb.with_flag(run, command, "--no-install-recommends", "install", safe=False)
            message = "recommended packages come along, needed or not: add --no-install-recommends"
            yield Found(command.words[0].span, message, fix)


RULE = Rule(
    code="DL3015",
    title="`apt-get install` should leave recommended packages out.",
    level=Level.INFO,
    why=(
        "Debian's packages recommend what most people at a desktop will want: documentation, fonts, mail servers. "
        "An image has one task, and each package that it does not need costs space, time, and a share of "
        "tomorrow's security fixes. If a recommended package is needed after all, name it, so that the Dockerfile "
        "says so."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN apt-get install -y curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get update && apt-get -y install git=1:2.39.5-0\n",
        'FROM debian:12\nRUN ["apt-get", "-y", "install", "curl=7.88.1-10"]\n',
        "FROM debian:12\nRUN apt-get install -y --install-recommends curl=7.88.1-10\n",
        "FROM debian:12\nONBUILD RUN apt-get install -y curl=7.88.1-10\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get --no-install-recommends -y install curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get -o APT::Install-Recommends=false -y install curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get upgrade -y\n",
    ),
)
