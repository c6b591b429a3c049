"""DL3034: zypper asks."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_ASKING = ("install", "in", "remove", "rm", "source-install", "si", "patch")


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of zypper that would ask."""
    for _, command in subject.commands("zypper"):
        if command.has_args(*_ASKING) and not command.has_flag("non-interactive", "no-confirm", "n", "y"):
            yield Found(
                command.words[0].span, "zypper asks before it acts: call it as `zypper --non-interactive`"
            )


RULE = Rule(
    code="DL3034",
    title="Zypper is called without a switch that keeps it from asking.",
    level=Level.WARNING,
    why=(
        "A build has nobody who could answer: without an answer given beforehand the program waits for "
        "input that never comes, or takes an end of input for a no, and the step fails. Give `--non- "
        "interactive` to zypper, or `-y` to its command."
    ),
    check=check,
    bad=(
        "FROM opensuse/leap:15.6\nRUN zypper install git=2.43\n",
        "FROM opensuse/leap:15.6\nRUN zypper patch\n",
    ),
    good=(
        "FROM opensuse/leap:15.6\nRUN zypper -n install git=2.43\n",
        "FROM opensuse/leap:15.6\nRUN zypper rm -y git\n",
        "FROM opensuse/leap:15.6\nRUN zypper refresh\n",
    ),
)
