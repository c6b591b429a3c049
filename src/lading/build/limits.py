"""Limits of the system for a command: those that are asked for, and a number of processes where nothing else holds it."""

from __future__ import annotations

import errno
import resource

from lading.build.run_spec import Isolation, Limit, RunSpec
from lading.errors import UsageError

# As docker's --ulimit calls them; `ulimit` in shells, setrlimit(2).
NAMES = (
    "core", "cpu", "data", "fsize", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime",
    "sigpending", "stack",
)  # fmt: skip
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_MAX_DIGITS = 18
_PROCESSES = "nproc"


def limit(text: str) -> Limit:
    """Return what `--ulimit NAME=SOFT[:HARD]` asks for; -1 for no limit. Raises `UsageError` for another form."""
    name, sign, values = text.partition("=")
    if not sign or name not in NAMES:
        raise UsageError(
            f"not a limit: {text[:80]!r}",
            hint=f"write NAME=SOFT[:HARD], where NAME is one of {', '.join(NAMES)}",
        )
    soft, colon, hard = values.partition(":")
    try:
        found = Limit(name=name, soft=_number(soft), hard=_number(hard if colon else soft))
    except ValueError:
        raise UsageError(
            f"not a limit: {text[:80]!r}", hint=f"write {name}=1024, or {name}=1024:2048"
        ) from None
    if 0 <= found.hard < (found.soft if found.soft >= 0 else found.hard + 1):
        raise UsageError(f"the soft limit is above the hard one: {text[:80]!r}")
    return found


def size_bytes(text: str) -> int:
    """Return a number of bytes: digits, with b, k, m, g or t behind them. Raises `UsageError`."""
    digits, unit = text.lower().removesuffix("b"), ""
    if digits and not digits[-1].isdigit():
        digits, unit = digits[:-1], digits[-1]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS and unit in _UNITS):
        raise UsageError(f"not a size: {text[:80]!r}", hint="write a number of bytes, or 64m")
    return int(digits) * _UNITS[unit]


def wanted(spec: RunSpec, isolation: Isolation) -> list[Limit]:
    """Return the limits of a command.

    Where ids are those of a user namespace, its processes are counted by themselves, and it is held to a number of them:
    root of the machine is not held by such a limit, and other users' processes are not counted apart.
    """
    found = {one.name: one for one in spec.limits}
    if isolation.user_namespace and _PROCESSES not in found:
        found[_PROCESSES] = Limit(name=_PROCESSES, soft=spec.max_processes, hard=spec.max_processes)
    return list(found.values())


def hold(spec: RunSpec, isolation: Isolation) -> None:
    """Hold this process, and what it starts, to the limits of a command.

    Raises `OSError` for one that is more than this process may have.
    """
    asked = {one.name for one in spec.limits}
    for one in wanted(spec, isolation):
        kind = getattr(resource, f"RLIMIT_{one.name.upper()}")
        _, most = resource.getrlimit(kind)
        soft, hard = one.soft, one.hard
        if one.name not in asked and most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        try:
            resource.setrlimit(kind, (soft, hard))
        except ValueError as error:  # what Python makes of a refusal
            message = f"more than this process may have: {one.name}={soft}:{hard}"
            raise PermissionError(errno.EPERM, message) from error


def _number(text: str) -> int:
    if text in {"-1", "unlimited"}:
        return -1
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ValueError(text)
    return int(text)
