"""LD1008: folders of the system that everybody may write to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Add, Copy
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/root", "/sbin", "/usr")
_OCTAL = re.compile(r"(?:([0-7])(?=[0-7]{3}$))?[0-7]{0,2}([0-7])")
_SYMBOLIC = re.compile(r"[ugo]*[oa][ugoa]*[+=][rxXstugo]*w[rwxXstugo]*")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every such folder, of chmod and of `--chmod`."""
    for _, outer in subject.commands():
        command = outer.unwrapped
        if command.name == "chmod":
            for arg in _opened(command):
                yield Found(arg.span, f"everybody may write to {arg.text[:80]}: keep 755, or 644 for files")
    for one in (*subject.all(Copy), *subject.all(Add)):
        flag = one.flag("chmod")
        target = subject.expanded(one.target, one)
        if flag and target and _opens(flag.value or "") and _is_system(target):
            yield Found(
                flag.span, f"everybody may write to what comes to {target[:80]}: keep 755, or 644 for files"
            )


def _opened(command: Invocation) -> Iterator[Arg]:
    operands = command.operands
    if operands and _opens(operands[0].text):
        yield from (arg for arg in operands[1:] if arg.literal and _is_system(arg.text))


def _opens(mode: str) -> bool:
    """Whether a mode lets others write; the sticky bit (1777) keeps files of others from being removed."""
    if octal := _OCTAL.fullmatch(mode):
        return octal[2] in "2367" and octal[1] not in {"1", "3", "5", "7"}
    return any(_SYMBOLIC.fullmatch(part) for part in mode[:80].split(","))


def _is_system(path: str) -> bool:
    if not path.startswith("/"):
        return False
    path = posixpath.normpath("/" + path.lstrip("/")).removesuffix("/*") or "/"
    return path == "/" or path in _SYSTEM or path.startswith(tuple(f"{one}/" for one in _SYSTEM))


RULE = Rule(
    code="LD1008",
    title="No folder of the system may be written to by everybody.",
    level=Level.WARNING,
    why=(
        "An unprivileged account is of little use when it may replace the programs and the settings that others "
        "run with: with `chmod -R 777 /usr` whoever breaks into the program owns the container, and what a "
        "debugging root later runs in it. Give what has to be written to a folder "
        "of its own (`/app/data`), and that to the account."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN chmod -R 777 /etc\n",
        "FROM debian:12\nRUN make && chmod a+rwx /usr/local/bin /srv\n",
        "FROM debian:12\nRUN chmod 666 /etc/passwd\n",
        "FROM debian:12\nCOPY --chmod=777 app /usr/bin/app\n",
    ),
    good=(
        "FROM debian:12\nRUN chmod a-w /etc && chmod 755 /usr/bin/app\n",
        "FROM debian:12\nRUN chmod 1777 /tmp && chmod 777 /app/data\n",
        "FROM debian:12\nRUN chmod g=u /etc/passwd && chmod u+w /etc && chmod +x /usr/bin/a\n",
        "FROM debian:12\nCOPY --chmod=755 app /usr/bin/app\n",
    ),
)
