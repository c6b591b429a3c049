"""Who a stage runs as, and the accounts that its steps create."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Run, User
from lading.dockerfile.parse import Stage
from lading.lint import accounts
from lading.lint.accounts import Account
from lading.lint.subject import Subject

_ROOT = frozenset({"root", "0"})
_USERS = ("adduser", "useradd")


def last(subject: Subject, stage: Stage) -> tuple[Stage, User] | None:
    """Return the USER that holds at the end of a stage, and the stage it stands in; None if there is none."""
    for one in subject.lineage(stage):
        found = [user for user in one.instructions if isinstance(user, User)]
        if found:
            return one, found[-1]
    return None


def name(subject: Subject, user: User) -> str | None:
    """Return the name or number of a USER without its group; None if it is not known."""
    text = subject.expanded(user.user, user)
    return None if text is None else text.partition(":")[0]


def is_root(subject: Subject, user: User) -> bool:
    """Whether a USER is known to be root."""
    return name(subject, user) in _ROOT


def created(subject: Subject, stage: Stage) -> Iterator[Account]:
    """Yield the accounts, not groups, that a stage and those it is built upon create."""
    image = subject.image(stage)
    for one in subject.lineage(stage):
        for run in one.instructions:
            # The grammar is only asked where there may be something.
            concerned = isinstance(run, Run) and any(name in subject.text(run.span) for name in _USERS)
            for script in subject.scripts(run) if concerned else ():
                for command in script.commands:
                    account = accounts.read(command.unwrapped, image)
                    if account is not None and not account.is_group and account.name is not None:
                        yield account
