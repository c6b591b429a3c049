"""The working directory at an instruction, as far as WORKDIRs say it."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from lading.dockerfile.instruction import Instruction, Workdir
from lading.lint.subject import Subject
from lading.record import Record


class Directory(Record):
    """A directory. path: absolute. certain: False where the base image has a word in it, which nobody has asked."""

    path: str
    certain: bool


def before(subject: Subject, instruction: Instruction) -> Directory | None:
    """Return the working directory that an instruction finds; None if a variable hides it."""
    stage = subject.stage_of(instruction)
    if stage is None:
        return None
    current = Directory("/", subject.image(stage) == "scratch")
    for workdir in _earlier(subject, instruction):
        path = subject.expanded(workdir.path, workdir)
        if path is None or "\\" in path or path[1:2] == ":":
            return None
        current = joined(current, path)
    return current


def joined(current: Directory, path: str) -> Directory:
    """Return where `cd path` or `WORKDIR path` leads."""
    if path.startswith("/"):
        return Directory("/" + normpath(path).lstrip("/"), certain=True)
    return Directory("/" + normpath(f"{current.path}/{path}").lstrip("/"), current.certain)


def _earlier(subject: Subject, instruction: Instruction) -> Iterator[Workdir]:
    """Yield the WORKDIRs before an instruction, those of the stages beneath first, from the last absolute one on."""
    stage = subject.stage_of(instruction)
    found: list[Workdir] = []
    for each in subject.lineage(stage) if stage else ():
        for one in reversed(subject.of_stage(each, Workdir, instruction if each is stage else None)):
            found.append(one)
            if (subject.expanded(one.path, one) or "").startswith("/"):
                return reversed(found)
    return reversed(found)
