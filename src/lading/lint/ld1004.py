"""LD1004: an account that is created, and then nobody uses it."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Cmd, Entrypoint, User
from lading.lint import users
from lading.lint.accounts import Account
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# These let accounts log in, or start programs as the accounts that their settings name.
_SWITCHERS = ("/init", "my_init", "runsvdir", "s6-svscan", "sshd", "supervisord")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every account of the final stage that no other instruction mentions."""
    if not subject.stages or any(_is_script(one.text.text) for one in subject.all(Entrypoint)):
        return
    started = [subject.text(one.span) for kind in (Cmd, Entrypoint) for one in subject.all(kind)]
    if any(name in text for name in _SWITCHERS for text in started):
        return
    for account in users.created(subject, subject.stages[-1]):
        if account.name is None or not account.name.literal or account.name.text == "root":
            continue
        if not _is_used(subject, account, account.name.span.start):
            message = f"{account.name.text[:80]} is created but never used: switch to it with USER"
            yield Found(account.name.span, message)


def _is_script(text: str) -> bool:
    """Whether an entry point may well switch to the account itself."""
    return ".sh" in text or "entrypoint" in text.lower().removeprefix("entrypoint")


def _is_used(subject: Subject, account: Account, start: int) -> bool:
    """Whether the name or the number stands in the file anywhere but in the instruction that creates it."""
    name = account.name.text if account.name else ""
    # A user whose name is not known may be this one.
    if any(users.name(subject, user) is None for user in subject.all(User)):
        return True
    for one in subject.file.instructions:
        text = subject.file.source.text[one.span.start : one.span.end]
        if one.span.start <= start < one.span.end:
            # Later commands of the same step may give files to it: there its name stands again.
            text = subject.file.source.text[start + len(name) : one.span.end]
        if name in text or (account.uid and account.uid in text):
            return True
    return False


RULE = Rule(
    code="LD1004",
    title="An account that is created is used.",
    level=Level.INFO,
    why=(
        "Somebody who adds an account to an image means the program to run as it. Without USER, or a tool that "
        "switches to it, nothing does: the program is still root, and the image has an account more that could be "
        "logged into. Entry points that are scripts are taken to switch by themselves, and so are sshd and programs that "
        "start others, like supervisord."
    ),
    check=check,
    bad=(
        'FROM debian:12\nRUN useradd -r app\nCMD ["server"]\n',
        'FROM alpine:3.20\nRUN adduser -D -u 1234 app\nCMD ["server"]\n',
    ),
    good=(
        "FROM debian:12\nRUN useradd -r app\nUSER app\n",
        "FROM debian:12\nRUN useradd -u 1234 app\nUSER 1234\n",
        "FROM debian:12\nRUN useradd app && chown app /srv\n",
        "FROM debian:12\nRUN useradd app\nCOPY --chown=app x /x\n",
        'FROM debian:12\nRUN useradd app\nENTRYPOINT ["/docker-entrypoint.sh"]\n',
        'FROM debian:12\nRUN useradd guest\nCMD ["/usr/sbin/sshd", "-D"]\n',
    ),
)
