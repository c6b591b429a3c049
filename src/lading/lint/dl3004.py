"""DL3004: sudo in RUN."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

_HARMLESS = frozenset({"-E", "-H", "-n", "-S", "-EH", "--preserve-env", "--set-home", "--non-interactive"})


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of sudo."""
    for _, command in subject.commands("sudo"):
        span = command.words[0].span
        fix = None
        following = _plain(command)
        if following is not None:
            edit = Edit(Span(span.start, following.span.start), "")
            fix = Fix("Run the command without sudo", (edit,), safe=False, reveals=True)
        yield Found(
            span, "do not use sudo: steps run as root until USER says otherwise; switch with USER", fix
        )


def _plain(command: Invocation) -> Arg | None:
    """Return the word that follows sudo and its options; None if these ask for more than root."""
    for arg in command.args:
        if arg.text not in _HARMLESS:
            return None if arg.text.startswith("-") else arg
    return None


RULE = Rule(
    code="DL3004",
    title="`sudo` has no place in a build step.",
    level=Level.ERROR,
    why=(
        "A build step already runs as the user that USER names, which is root at first. sudo adds a setuid "
        "program to the image, handles terminals and signals in its own way, and hides which steps need root. "
        "Write `USER root` before the steps that need it, and the other user after them."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN sudo apt-get update\n",
        "FROM debian:12\nRUN cd /srv && sudo -u www make\n",
        "FROM debian:12\nONBUILD RUN sudo make\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get install -y sudo=1.9\n",
        "FROM debian:12\nRUN echo sudo make\n",
        "FROM debian:12\nUSER root\nRUN make\n",
    ),
)
