"""The packages and modules that yum and dnf are told to install, and which of them have a version.

A package with a version is `name-version[-release][.arch]`, a module with a stream `name:stream`.
https://dnf.readthedocs.io/en/latest/command_ref.html#specifying-packages
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run
from lading.lint.rule import Fix, Found
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject

_WORDS = frozenset({"install", "module"})
_VERSION = re.compile(r"[A-Za-z0-9.~^_:+]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*", re.ASCII)


def has_version(package: str) -> bool:
    """Whether a package argument names a version, or a file that has one in its name."""
    _, *rest = package.split("-")
    if not rest or package.endswith(".rpm"):
        return bool(rest)
    digits = any(part[:1].isascii() and part[:1].isdigit() for part in rest)
    return digits and all(_VERSION.fullmatch(part) for part in rest)


def unpinned(command: Invocation) -> tuple[Arg, ...]:
    """Return the arguments of an installation that have no version."""
    found = [arg for arg in command.operands if arg.masked not in _WORDS]
    if command.has_args("module"):
        return tuple(arg for arg in found if ":" not in arg.masked)
    return tuple(arg for arg in found if not has_version(arg.masked))


def check(subject: Subject, index: str, names: tuple[str, ...], groups: tuple[str, ...]) -> Iterator[Found]:
    """Yield what the commands of these names install without a version.

    index: where versions come from. groups: subcommands whose arguments are groups, which have none.
    """
    for run, command in subject.commands(*names):
        if command.has_args("install") and not command.has_args(*groups):
            yield from _found(subject, run, command, index)


def _found(subject: Subject, run: Run, command: Invocation, index: str) -> Iterator[Found]:
    missing = unpinned(command)
    is_module = command.has_args("module")
    names = () if is_module else tuple(arg.text for arg in missing if _is_name(arg))
    stage = subject.stage_of(run)
    pins = subject.pins(index, names, subject.image(stage) if stage else "") if names else {}
    for arg in missing:
        shown = arg.text[:80]
        if is_module:
            yield Found(arg.span, f"module {shown} has no stream: name it as `{shown}:STREAM`")
            continue
        version = pins.get(arg.text) if _is_name(arg) else None
        message = f"{shown} is installed in whatever version there is: pin it as `{shown}-VERSION`"
        pinned = f"{arg.text}-{version}"
        fix = None
        if version and has_version(pinned):
            fix = Fix(f"Pin {arg.text} to {version}", (Edit(arg.span, pinned),), safe=True)
        yield Found(arg.span, message, fix, could_fix=fix is None and _is_name(arg))


def _is_name(arg: Arg) -> bool:
    return arg.literal and _NAME.fullmatch(arg.text) is not None
