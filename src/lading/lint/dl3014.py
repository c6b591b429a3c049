"""DL3014: apt-get install that waits for a yes."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import apt, verb
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of apt-get install that is not told to go on."""
    for run, command in apt.installs(subject):
        if apt.asks(command):
            fix = verb.with_flag(run, command, "-y", "install", safe=True)
            message = "nobody can answer apt-get during a build: add -y"
            yield Found(command.words[0].span, message, fix)


RULE = Rule(
    code="DL3014",
    title="`apt-get install` needs `-y` in a build.",
    level=Level.WARNING,
    why=(
        "apt-get asks before it installs more than it was asked for. A build has no terminal to answer from, so "
        "the question is taken as answered with no, and the build fails: today for one package, or on the day "
        "when a new version of it brings a dependency. `-y` answers beforehand."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN apt-get install curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get install -q --no-install-recommends curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get update && \\\n    apt-get install \\\n    curl=7.88.1-10\n",
        'FROM debian:12\nRUN ["apt-get", "install", "curl=7.88.1-10"]\n',
        "FROM debian:12\nONBUILD RUN apt-get install curl=7.88.1-10\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get install -y curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get -qy install curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get install --assume-yes curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get install --yes curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get install -qq curl=7.88.1-10\n",
        "FROM debian:12\nRUN apt-get update\n",
    ),
)
