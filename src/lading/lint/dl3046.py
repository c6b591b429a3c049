"""DL3046: useradd with a high number makes a large file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_DIGITS = 5


def check(subject: Subject) -> Iterator[Found]:
    """Yield calls of useradd with a number of more than five digits and without -l."""
    for _, command in subject.commands("useradd"):
        if not command.has_flag("l", "no-log-init") and _has_high_number(command):
            message = "a high user number makes the file lastlog huge: call useradd with --no-log-init"
            yield Found(command.words[0].span, message)


def _has_high_number(command: Invocation) -> bool:
    texts = command.texts
    return any(
        flag.startswith("-") and not flag.startswith("--") and "u" in flag and len(value) > _DIGITS
        for flag, value in itertools.pairwise(texts)
    )


RULE = Rule(
    code="DL3046",
    title="A user with a high number is added with a log entry.",
    level=Level.WARNING,
    why=(
        "useradd writes into /var/log/lastlog and /var/log/faillog, where the entry of a user stands at "
        "its number times a fixed size. The file is sparse, but builders store the hole as zeros: a "
        "number such as 1000000000 makes a layer of many gigabytes. The flag `--no-log-init` leaves the "
        "entries out."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN useradd -u 100000 app\n",
        "FROM debian:12\nRUN useradd -m -u 1000000000 app\n",
    ),
    good=(
        "FROM debian:12\nRUN useradd -l -u 100000 app\n",
        "FROM debian:12\nRUN useradd -u 10001 app\n",
        "FROM debian:12\nRUN useradd --no-log-init -u 100000 app\n",
    ),
)
