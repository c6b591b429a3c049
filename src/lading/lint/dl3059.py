"""DL3059: RUNs that could be one."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Flag, Run, Shell
from lading.dockerfile.source import Joined, Span
from lading.lint import shell
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Script
from lading.lint.subject import Subject

_FEW = 1
# What these do ends with their shell, or ends it.
_LASTING = frozenset(
    {
        "cd",
        "pushd",
        "popd",
        "set",
        "export",
        "unset",
        "readonly",
        "declare",
        "typeset",
        "local",
        "alias",
        "unalias",
        ".",
        "source",
        "eval",
        "exit",
        "exec",
        "return",
        "umask",
        "ulimit",
        "trap",
        "shopt",
        "hash",
        "enable",
    }
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield RUNs that follow one with the same flags, if both are one command."""
    first: Run | None = None
    last: Run | None = None
    for one in subject.file.instructions:
        if not isinstance(one, Run):
            first = None
            continue
        if (
            first is None
            or _flags(first) != _flags(one)
            or max(_count(subject, first), _count(subject, one)) > _FEW
        ):
            first = one
        elif last is not None:
            message = "this RUN follows another: make them one, joined with &&, which is one layer"
            yield Found(one.keyword.span, message, _fix(subject, last, one))
        last = one


def _flags(run: Run) -> set[tuple[str, object]]:
    return {_flag(flag) for flag in run.flags}


def _flag(flag: Flag) -> tuple[str, object]:
    return flag.name, frozenset((flag.value or "").split(","))


def _count(subject: Subject, run: Run) -> int:
    """Return how many commands a POSIX shell would see there, those with a variable for a name left out."""
    return sum(
        1
        for script in _scripts(subject, run)
        for one in script.commands
        if one.words and one.words[0].literal
    )


def _scripts(subject: Subject, run: Run) -> tuple[Script, ...]:
    if isinstance(run.command, Exec):
        text = " ".join(word.value for word in run.command.words)
        return (shell.parse(Joined(text, ((0, run.span.start),))),)
    return subject.scripts(run)


def _fix(subject: Subject, before: Run, run: Run) -> Fix | None:
    """Return the fix that joins two RUNs, where what they do cannot depend on their being two."""
    if not _joins(subject, before) or not _joins(subject, run) or run.comments:
        return None
    between = (
        Span(before.span.end, run.command.text.whole().start) if isinstance(run.command, Shell) else None
    )
    if between is None or subject.text(Span(before.span.end, run.span.start)).strip():
        return None
    text = f" {subject.file.escape}\n    && "
    return Fix("Join it with the RUN before", (Edit(between, text),), safe=True)


def _joins(subject: Subject, run: Run) -> bool:
    if not isinstance(run.command, Shell) or run.heredocs or "#" in run.command.text.text:
        return False
    for script in subject.scripts(run):
        if not script.language or script.broken or not script.commands:
            return False
        for command in script.commands:
            place = command.place
            if place.depth or place.after not in {"", "&&", "|"} or place.negated:
                return False
            if not command.words or command.name in _LASTING or not command.words[0].literal:
                return False
            # `exec` before a program leaves no shell for what follows; with another /bin/sh, what follows is
            # for that one, and has to wait for it.
            if "exec" in subject.before(command).split() or command.has_args("/bin/sh"):
                return False
    return True


RULE = Rule(
    code="DL3059",
    title="RUNs follow each other that could be one.",
    level=Level.INFO,
    why=(
        "Each RUN makes a layer, which the builder has to compare, pack, push and pull by itself, and "
        "which keeps what a later RUN deletes. Steps that belong together are better written as one RUN "
        "with `&&`, or as a heredoc. RUNs with more than one command are left alone, for their author "
        "seems to have parted them on purpose."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN make\nRUN make install\n",
        "FROM debian:12\nRUN make\n\nRUN make check\nRUN make install\n",
        "FROM debian:12\nRUN cd /srv\nRUN make\n",
    ),
    good=(
        "FROM debian:12\nRUN make && make install\n",
        "FROM debian:12\nRUN make\nCOPY a /a\nRUN make install\n",
        "FROM debian:12\nRUN a && b && c\nRUN d\n",
        "FROM debian:12\nRUN --network=none make\nRUN make install\n",
    ),
)
