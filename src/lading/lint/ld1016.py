"""LD1016: root's files in the home of the account that the stage runs as."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Copy
from lading.lint import users
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every COPY and ADD of the final stage that brings root-owned files to the home of its user."""
    stage = subject.stages[-1] if subject.stages else None
    last = users.last(subject, stage) if stage else None
    name = users.name(subject, last[1]) if last else None
    if stage is None or not name or name in {"root", "0"}:
        return
    home = f"/home/{name}"
    for one in stage.instructions:
        target = subject.expanded(one.target, one) if isinstance(one, (Copy, Add)) else None
        if target is None or not isinstance(one, (Copy, Add)) or one.flag("chown") is not None:
            continue
        if target == home or target.startswith(home + "/"):
            message = (
                f"root-owned files in the home of {name[:80]}: programs belong to /usr/local/bin or /app, "
                f"data needs --chown={name[:80]}"
            )
            yield Found(one.target.span, message)


RULE = Rule(
    code="LD1016",
    title="What is copied to an account's home belongs to it, or stands elsewhere.",
    level=Level.INFO,
    why=(
        "COPY and ADD make root the owner, whatever USER says. For programs that is right: what runs should not "
        "be able to change itself. But in a home folder, the folder is the account's own, so that it may move "
        "root's file away and put another one in its place; and data that the program wants to write to is not "
        "writable. So: programs outside of the home, and data with `--chown`."
    ),
    check=check,
    bad=(
        'FROM alpine:3.20\nRUN adduser -D app\nCOPY server /home/app/\nUSER app\nCMD ["/home/app/server"]\n',
    ),
    good=(
        "FROM alpine:3.20\nRUN adduser -D app\nCOPY server /usr/local/bin/\nUSER app\n",
        "FROM alpine:3.20\nRUN adduser -D app\nCOPY --chown=app data /home/app/\nUSER app\n",
        "FROM alpine:3.20\nCOPY server /home/app/\n",
        "FROM alpine:3.20\nCOPY server /home/apple/\nUSER app\n",
    ),
)
