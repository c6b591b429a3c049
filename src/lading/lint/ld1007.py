"""LD1007: a base with a shell and a package manager under a program that needs neither; setuid programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Cmd, Copy, Entrypoint, Exec, Healthcheck, Run, Shell
from lading.dockerfile.parse import Stage
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_BASES = frozenset(
    {"alpine", "amazonlinux", "almalinux", "busybox", "centos", "debian", "fedora", "rockylinux", "ubuntu"}
)
# What a stage may run to prepare a place for the program, and which another stage could do as well.
_PREPARING = frozenset(
    {
        "adduser",
        "addgroup",
        "useradd",
        "groupadd",
        "chmod",
        "chown",
        "mkdir",
        "rm",
        "true",
        "echo",
        "ln",
        "touch",
    }
)
_SETUID = re.compile(r"[0-7]?[4-7][0-7]{3}|[ugoa]{0,4}[+=][rwxXt]{0,5}s[rwxXst]{0,5}")
_SHELLS = ("sh", "bash", "ash")


def check(subject: Subject) -> Iterator[Found]:
    """Yield the base of a final stage that could do without one, and each program that is made setuid."""
    if not subject.stages:
        return
    final = subject.stages[-1]
    name = subject.image(final).rpartition("/")[2].partition("@")[0].partition(":")[0]
    if name in _BASES and _only_copies(subject, final):
        message = (
            f"{name} leaves a shell and a package manager in the image, and only a copied program runs: "
            "take scratch, or a distroless base"
        )
        yield Found(final.base.image.span, message)
    for stage in subject.lineage(final):
        for run in stage.instructions:
            for script in subject.scripts(run) if isinstance(run, Run) else ():
                for command in script.commands:
                    yield from _setuid(command.unwrapped)


def _only_copies(subject: Subject, final: Stage) -> bool:
    """Whether a stage starts, by itself, a program that comes from another stage, and installs nothing."""
    if subject.parent(final) is not None:
        return False
    starts = [one for one in final.instructions if isinstance(one, (Cmd, Entrypoint))]
    copied = any(isinstance(one, Copy) and one.flag("from") for one in final.instructions)
    checked = any(
        isinstance(one, Healthcheck) and isinstance(one.command, Shell) for one in final.instructions
    )
    if not copied or not starts or checked:
        return False
    for start in starts:
        if not isinstance(start.command, Exec) or not start.command.words:
            return False
        program = start.command.words[0].value
        if not program.startswith(("/", "./")) or program.endswith((".sh", *(f"/{one}" for one in _SHELLS))):
            return False
    runs = [script for one in final.instructions if isinstance(one, Run) for script in subject.scripts(one)]
    return all(command.name in _PREPARING for script in runs for command in script.commands)


def _setuid(command: Invocation) -> Iterator[Found]:
    operands = command.operands
    if command.name != "chmod" or not operands:
        return
    parts = operands[0].text[:80].split(",")
    # 1 is the sticky bit, and the group's bit on a folder is for sharing it.
    if any(_SETUID.fullmatch(part) and not part.startswith("g") for part in parts) and len(operands) > 1:
        message = (
            "a setuid program gives its caller root: leave the bit out, or give the one capability it needs"
        )
        yield Found(operands[0].span, message, level=Level.WARNING)


RULE = Rule(
    code="LD1007",
    title="The final image has no shell, package manager or setuid programs that nobody needs.",
    level=Level.INFO,
    why=(
        "A program that was copied from a build stage, and is started by itself, needs its libraries, certificates and "
        "perhaps time zones; not a shell, a package manager, or the setuid programs (su, mount, passwd) that come with a "
        "distribution. These are what an intruder works with, and most of what scanners find. scratch is enough for a "
        "static program, a distroless base for others. What a health check by shell or a script needs is left alone."
    ),
    check=check,
    bad=(
        'FROM golang:1.23 AS b\nFROM alpine:3.20\nCOPY --from=b /app /app\nUSER 1\nENTRYPOINT ["/app"]\n',
        "FROM debian:12\nRUN chmod 4755 /usr/bin/tool\n",
        "FROM debian:12\nRUN chmod u+s /usr/bin/tool\n",
    ),
    good=(
        'FROM golang:1.23 AS b\nFROM scratch\nCOPY --from=b /app /app\nENTRYPOINT ["/app"]\n',
        'FROM golang:1.23 AS b\nFROM alpine:3.20\nRUN apk add tini\nCOPY --from=b /app /app\nCMD ["/app"]\n',
        "FROM golang:1.23 AS b\nFROM alpine:3.20\nCOPY --from=b /app /app\nCMD /app\n",
        "FROM debian:12\nRUN chmod 755 /a && chmod 1777 /b && chmod g+s /c && chmod u+x /d && chmod 0644 /e\n",
    ),
)
