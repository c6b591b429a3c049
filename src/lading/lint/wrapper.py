"""Commands that run another command: `sudo apt-get install`, `env A=b make`, `nice -n 5 make`."""

from __future__ import annotations

from lading.lint.shell import Arg, Invocation
from lading.record import replace

# Of each: the options that take the next word, and how many words stand between options and command.
_WRAPPERS: dict[str, tuple[tuple[str, ...], int]] = {
    "sudo": (("-u", "--user", "-g", "--group", "-C", "-h", "--host", "-p", "--prompt", "-r", "-t", "-D", "-T"), 0),
    "doas": (("-u", "-C"), 0),
    "env": (("-u", "--unset", "-C", "--chdir", "-S"), 0),
    "nice": (("-n", "--adjustment"), 0),
    "ionice": (("-c", "--class", "-n", "--classdata"), 0),
    "nohup": ((), 0),
    "setsid": ((), 0),
    "time": (("-f", "--format", "-o", "--output"), 0),
    "timeout": (("-k", "--kill-after", "-s", "--signal"), 1),
    "stdbuf": (("-i", "-o", "-e"), 0),
    "chroot": ((), 1),
    "gosu": ((), 1),
    "su-exec": ((), 1),
    "eatmydata": ((), 0),
    "xargs": (
        ("-a", "-d", "-E", "-I", "-L", "-n", "-P", "-s", "--arg-file", "--delimiter", "--max-args", "--max-procs"),
        0,
    ),
}  # fmt: skip


def unwrapped(command: Invocation) -> Invocation:
    """Return the command that runs in the end; `command` itself if nothing stands before it."""
    words = command.words
    while words and words[0].masked in _WRAPPERS:
        inner = _inner(words)
        if not inner:
            break
        words = inner
    return command if words is command.words else replace(command, words=words)


def _inner(words: tuple[Arg, ...]) -> tuple[Arg, ...]:
    valued, between = _WRAPPERS[words[0].masked]
    at = 1
    while at < len(words):
        text = words[at].masked
        if text == "--":
            at += 1
            break
        if text.startswith("-") and len(text) > 1:
            at += 1 + (text in valued)
        elif "=" in text and words[0].masked in {"env", "sudo"}:
            at += 1
        else:
            break
    return words[at + between :]
