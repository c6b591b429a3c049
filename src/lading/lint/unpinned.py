"""Packages that a command installs without saying which version, and the pins for them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found
from lading.lint.shell import Arg, Invocation
from lading.lint.subject import Subject
from lading.record import Record

# What is written into the file comes from an index: nothing in it may mean something to a shell.
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+:~_-]{0,199}", re.ASCII)
_MAX_NAME = 200


class Ecosystem(Record):
    """How one package manager pins. index: as `Subject.pins` has it. sign: between name and version.

    name: a form of the name without a version that the index knows; group 1 is what to ask for.
    elsewhere: words in the file that say packages may come from another place than the index.
    """

    index: str
    sign: str
    name: re.Pattern[str]
    elsewhere: tuple[str, ...] = ()


def packages(command: Invocation, verbs: Container[str], valued: frozenset[str]) -> Iterator[Arg]:
    """Yield the arguments that are neither flags, nor values of the flags `valued`, nor verbs.

    Names of flags are without dashes; a group of short ones counts if one of them takes a value.
    """
    skip = False
    for arg in command.args:
        text = arg.masked
        if text.startswith("-") and text != "-":
            skip = _takes_value(text, valued)
        elif skip:
            skip = False
        elif text not in verbs:
            yield arg


def _takes_value(flag: str, valued: frozenset[str]) -> bool:
    if "=" in flag:
        return False
    return flag[2:] in valued if flag.startswith("--") else not valued.isdisjoint(flag[1:])


def found(
    subject: Subject, run: Run, args: Iterable[Arg], ecosystem: Ecosystem, *, can_pin: bool = True
) -> Iterator[Found]:
    """Yield a finding for each of these arguments, with the pin if the index knows it.

    can_pin: False where the version does not come from the index, whatever the name.
    """
    args = tuple(args)
    if not args:
        return
    asked = [_asked(arg, ecosystem.name) if can_pin else "" for arg in args]
    stage = subject.stage_of(run)
    base = subject.image(stage) if stage is not None else ""
    versions = subject.pins(ecosystem.index, tuple(dict.fromkeys(filter(None, asked))), base)
    for arg, name in zip(args, asked, strict=True):
        text = shown(arg.text)
        message = f"{text} comes in whatever version is newest: pin it as {text}{ecosystem.sign}VERSION"
        version = versions.get(name, "") if name else ""
        if _VERSION.fullmatch(version):
            edits = (_edit(subject, arg, ecosystem.sign + version),)
            yield Found(arg.span, message, Fix(f"Pin {text} to {version}", edits, _safe(subject, ecosystem)))
        else:
            yield Found(arg.span, message, could_fix=bool(name))


def _asked(arg: Arg, form: re.Pattern[str]) -> str:
    matched = form.fullmatch(arg.text) if arg.literal and len(arg.text) <= _MAX_NAME else None
    return matched[1] if matched else ""


def _edit(subject: Subject, arg: Arg, text: str) -> Edit:
    """Return the edit that puts `text` behind a word, inside its quotes if it ends with one."""
    end = arg.span.end
    if arg.quoted and subject.text(Span(end - 1, end)) in {"'", '"'}:
        end -= 1
    return Edit(Span(end, end), text)


def _safe(subject: Subject, ecosystem: Ecosystem) -> bool:
    text = subject.file.source.text
    return not any(word in text for word in ecosystem.elsewhere)


def shown(text: str) -> str:
    """Return text of the file for a message: one line, and not long."""
    return " ".join(text.split())[:80]
