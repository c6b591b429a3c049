"""DL3002: the last USER of a stage is root."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import (
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Label,
    StopSignal,
    User,
)
from lading.dockerfile.parse import Stage
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_NOBODY = "65532:65532"
# These do the same whoever the user is: COPY and ADD make files of root unless they are told otherwise.
_ANY_USER = (Add, Arg, Cmd, Copy, Entrypoint, Env, Expose, Healthcheck, Label, StopSignal)


def check(subject: Subject) -> Iterator[Found]:
    """Yield the last USER of each stage that ends as root."""
    parents = {one.index for stage in subject.stages if (one := subject.parent(stage))}
    for stage in subject.stages:
        last = next((one for one in reversed(stage.instructions) if isinstance(one, User)), None)
        if last is not None and _is_root(subject, last):
            yield Found(
                last.user.span,
                "the stage ends as root: switch to another user once root is no longer needed",
                None if stage.index in parents else _fix(subject, stage, last),
            )


def _name(subject: Subject, user: User) -> str:
    text = subject.expanded(user.user, user)
    return (user.user.value if text is None else text).partition(":")[0]


def _is_root(subject: Subject, user: User) -> bool:
    return _name(subject, user) in {"root", "0"}


def _fix(subject: Subject, stage: Stage, last: User) -> Fix | None:
    after = [one for one in stage.instructions if one.span > last.span]
    others = [one for one in stage.instructions if isinstance(one, User) and not _is_root(subject, one)]
    if others and not _name(subject, others[-1]).isdigit():
        return None  # To go back to it is what is meant, but a name is no better for who checks the image.
    user = others[-1].user.value if others else _NOBODY
    edit = Edit(last.user.span, user)
    if not all(isinstance(one, _ANY_USER) for one in after):
        end = subject.end_of(stage)
        if end is None:
            return None
        edit = Edit(end, f"\n{subject.keyword('USER')} {user}")
    return Fix(f"End as user {user}", (edit,), safe=False)


RULE = Rule(
    code="DL3002",
    title="The last USER of a stage should not be root.",
    level=Level.WARNING,
    why=(
        "The last USER is who runs the container. A process of root in a container is root for the kernel too: with one "
        "flaw more, in the runtime or in a mounted volume, it is root on the host. Being root while packages are "
        "installed is fine; go back to a user without privileges when that is done."
    ),
    check=check,
    fixable=True,
    bad=(
        'FROM debian:12\nUSER root\nCMD ["/app"]\n',
        "FROM debian:12\nUSER 1000\nRUN a\nUSER 0:0\nRUN b\n",
        "FROM debian:12\nUSER root\nFROM debian:12\nUSER 1000\n",
        "FROM debian:12\nARG WHO=root\nUSER $WHO\n",
        "FROM debian:12\nUSER root\nRUN <<EOF\nmake\nEOF\n",
    ),
    good=(
        "FROM debian:12\nUSER root\nRUN a\nUSER 1000\n",
        "FROM debian:12\nRUN a\n",
        "FROM debian:12\nUSER $WHO\n",
        "FROM debian:12\nUSER rooter\n",
        "FROM debian:12\nONBUILD USER root\n",
    ),
)
