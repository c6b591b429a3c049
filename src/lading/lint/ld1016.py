"""LD1016: root's files in the home of the account that the stage runs as."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Copy, Instruction, Run
from lading.dockerfile.parse import Stage
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
        if _is_in(target, home) and not _is_given_away(subject, stage, one, target):
            message = (
                f"root-owned files in the home of {name[:80]}: programs belong to /usr/local/bin or /app, "
                f"data needs --chown={name[:80]}"
            )
            yield Found(one.target.span, message)


def _is_in(path: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return path.rstrip("/") == folder or path.startswith(folder + "/")


def _is_given_away(subject: Subject, stage: Stage, copy: Instruction, target: str) -> bool:
    """Whether a later step changes the owner of what was copied there, or of something whose place is not known."""
    for run in subject.of_stage(stage, Run):
        for script in subject.scripts(run) if run.span > copy.span else ():
            for command in script.commands:
                for arg in command.unwrapped.operands[1:] if command.unwrapped.name == "chown" else ():
                    path = arg.text
                    sure = arg.literal and path.startswith("/") and "*" not in path
                    if not sure or _is_in(target, path) or _is_in(path, target):
                        return True
    return False


RULE = Rule(
    code="LD1016",
    title="What is copied to an account's home belongs to it, or stands elsewhere.",
    level=Level.INFO,
    why=(
        "COPY and ADD make root the owner, whatever USER says. For programs that is right: what runs should not "
        "be able to change itself. But in a home folder, the folder is the account's own, so that it may move "
        "root's file away and put another one in its place; and data that the program wants to write to is not "
        "writable. So: programs outside of the home, and data with `--chown`. What a later RUN gives away with chown "
        "is not reported."
    ),
    check=check,
    bad=(
        'FROM alpine:3.20\nRUN adduser -D app\nCOPY server /home/app/\nUSER app\nCMD ["/home/app/server"]\n',
    ),
    good=(
        "FROM alpine:3.20\nRUN adduser -D app\nCOPY server /usr/local/bin/\nUSER app\n",
        "FROM alpine:3.20\nRUN adduser -D app\nCOPY --chown=app data /home/app/\nUSER app\n",
        "FROM alpine:3.20\nRUN adduser -D app\nCOPY data /home/app/data\nRUN chown -R app /home/app\nUSER app\n",
        "FROM alpine:3.20\nCOPY server /home/app/\n",
        "FROM alpine:3.20\nCOPY server /home/apple/\nUSER app\n",
    ),
)
