"""Names of shells: from the words of SHELL, and from `#!` lines."""

from __future__ import annotations

from collections.abc import Sequence

_POSIX = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "yash"})


def shell_name(words: Sequence[str]) -> str:
    """Return the POSIX shell that a command line starts, such as `bash`; empty if it is none."""
    names = [word.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") for word in words]
    for number, name in enumerate(names):
        if name in _POSIX:
            return name
        through = number == 0 and name in {"busybox", "env"}
        if not (through or (number and name.startswith("-") and names[0] == "env")):
            return ""
    return ""


def interpreter(text: str) -> str | None:
    """Return the POSIX shell that the `#!` line of a script names, empty for another program; None without one."""
    if not text.startswith("#!"):
        return None
    return shell_name(text[2:].partition("\n")[0].split())
