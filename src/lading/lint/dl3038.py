"""DL3038: dnf asks."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import verb
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_ASKING = ("install", "groupinstall", "localinstall")


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of dnf and microdnf that would ask."""
    for run, command in subject.commands("dnf", "microdnf"):
        if command.has_args(*_ASKING) and not command.has_flag("y", "assumeyes"):
            fix = verb.with_flag(run, command, "-y", *_ASKING, safe=True)
            message = f"{command.name} asks before it installs: call it with -y"
            yield Found(command.words[0].span, message, fix)


RULE = Rule(
    code="DL3038",
    title="DNF is called without the switch that keeps it from asking.",
    level=Level.WARNING,
    why=(
        "A build has nobody who could answer: without an answer given beforehand the program waits for "
        "input that never comes, or takes an end of input for a no, and the step fails. Write `dnf "
        "install -y`."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM fedora:41\nRUN dnf install git-2.47\n",
        "FROM fedora:41\nRUN microdnf install git-2.47\n",
    ),
    good=(
        "FROM fedora:41\nRUN dnf -y install git-2.47\n",
        "FROM fedora:41\nRUN dnf install --assumeyes git-2.47\n",
        "FROM fedora:41\nRUN dnf search git\n",
    ),
)
