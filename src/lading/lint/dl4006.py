"""DL4006: a pipe whose failures get lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile import execform
from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Onbuild, Run, ShellChange
from lading.dockerfile.parse import Stage
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shebang import shell_name
from lading.lint.shell import Invocation, Script
from lading.lint.subject import Subject

_KNOW_PIPEFAIL = frozenset({"bash", "ash", "zsh", "ksh", "mksh"})
_ASH = re.compile(r"(?:.*[/-])?(?:alpine|busybox)(?:[:@-].*)?|.*[:-]alpine.*", re.DOTALL)
_BASH = ("/bin/bash", "-o", "pipefail", "-c")


def check(subject: Subject) -> Iterator[Found]:
    """Yield the first pipe of each RUN that no `pipefail` is in force for."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    edits: dict[int, Fix | None] = {}
    for run in subject.all(Run):
        if id(run) in inside or not subject.language(run):
            continue
        if isinstance(run.command, Exec):
            yield from _within(subject, run, run.command)
            continue
        # SHELL has no say in what another shell reads.
        if subject.reads_heredoc(run):
            continue
        shell = _shell(subject, run)
        for script in subject.scripts(run):
            pipe = None if shell and _has_pipefail([word.value for word in shell.words]) else _lossy(script)
            if pipe is not None:
                key = id(shell) if shell else -_stage_number(subject, run)
                if key not in edits:
                    edits[key] = _fix(subject, run, shell)
                yield Found(
                    pipe,
                    "without pipefail only the last command of a pipe can fail: set it with SHELL before this step",
                    edits[key],
                )


def _within(subject: Subject, run: Run, command: Exec) -> Iterator[Found]:
    """Yield the text that a shell gets as a word, if it pipes; SHELL has no say there."""
    pipes = any(script.pipelines for script in subject.scripts(run))
    if pipes and not _has_pipefail([word.value for word in command.words]):
        span = command.words[-1].span
        yield Found(
            span, "without pipefail only the last command of a pipe can fail: call bash with -o pipefail"
        )


def _stage_number(subject: Subject, run: Run) -> int:
    stage = subject.stage_of(run)
    return stage.index if stage else 0


def _lossy(script: Script) -> Span | None:
    """Return the place of the first pipe that runs before any `set -o pipefail`."""
    for command in script.commands:
        if _sets_pipefail(command):
            return None
        if command.place.pipeline >= 0:
            return command.place.after_span if command.place.after[:1] == "|" else command.span
    return _compound_pipe(script)


def _compound_pipe(script: Script) -> Span | None:
    """Return all of a script that pipes nothing but groups and the like, which are no simple commands."""
    return script.text.whole() if script.pipelines else None


def _sets_pipefail(command: Invocation) -> bool:
    if command.name != "set" or command.place.depth or command.place.length > 1:
        return False
    for option, value in zip(command.texts, command.texts[1:], strict=False):
        if option == "--":
            return False
        if value == "pipefail" and option.startswith("-") and option.endswith("o"):
            return True
    return False


def _shell(subject: Subject, run: Run) -> ShellChange | None:
    """Return the SHELL in force; one that a stage beneath has set holds too."""
    stage = subject.stage_of(run)
    for known in subject.lineage(stage) if stage else ():
        found = subject.of_stage(known, ShellChange, run if known is stage else None)
        if found:
            return found[-1]
    return None


def _has_pipefail(words: list[str]) -> bool:
    knows = shell_name(words) in _KNOW_PIPEFAIL
    return knows and any(word == "pipefail" or word.endswith("o pipefail") for word in words)


def _fix(subject: Subject, run: Run, shell: ShellChange | None) -> Fix | None:
    stage = subject.stage_of(run)
    if stage is None or not subject.language(run):
        return None
    words = _wanted(subject, stage, shell)
    if words is None:
        return None
    form = execform.written(words)
    if shell is not None and subject.stage_of(shell) is stage:
        edit = Edit(Span(shell.words[0].span.start, shell.words[-1].span.end), form[1:-1])
    else:
        start = min([run.span.start, *(one.span.start for one in run.comments)])
        edit = Edit(Span(start, start), f"{subject.keyword('SHELL')} {form}\n")
    # ShellCheck says other things of commands for another shell.
    return Fix(f"Set SHELL {form}", (edit,), safe=False, reveals=True)


def _wanted(subject: Subject, stage: Stage, shell: ShellChange | None) -> list[str] | None:
    """Return the words of a SHELL with pipefail that does otherwise what the one in force does."""
    if shell is None:
        image = subject.image(stage)
        if not image or "$" in image:
            return None
        return ["/bin/ash", "-o", "pipefail", "-c"] if _ASH.fullmatch(image) else list(_BASH)
    words = [word.value for word in shell.words]
    name = shell_name(words)
    if not words[-1].startswith("-") or "c" not in words[-1]:
        return None
    if name in _KNOW_PIPEFAIL:
        return [*words[:-1], "-o", "pipefail", words[-1]]
    return list(_BASH) if words in (["/bin/sh", "-c"], ["sh", "-c"]) else None


RULE = Rule(
    code="DL4006",
    title="A pipe should fail when any of its commands fails.",
    level=Level.WARNING,
    why=(
        "A shell takes the status of the last command of a pipe for that of the whole. In `curl ... | tar x` a download "
        "that breaks off goes unnoticed if tar is content with what it got, and the image is built with half of it. With "
        "`pipefail` the step fails. The default shell need not know it, so SHELL should name one that does: bash, or ash "
        "on Alpine."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nRUN curl x | tar x\n",
        "FROM alpine:3.20\n# unpack\nRUN curl x | tar x\nRUN a && b |& c\n",
        'FROM debian:12\nSHELL ["/bin/bash", "-c"]\nRUN (a | b)\n',
        'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nSHELL ["/bin/sh", "-c"]\nRUN a | b\n',
        "FROM debian:12\nRUN <<EOF\na | b\nEOF\n",
        'FROM debian:12\nRUN ["bash", "-c", "a | b"]\n',
        "FROM debian:12\nRUN a | b && set -o pipefail\n",
    ),
    good=(
        'FROM debian:12\nRUN ["bash", "-eo", "pipefail", "-c", "a | b"]\n',
        'FROM debian:12\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN a | b\n',
        "FROM debian:12\nRUN a || b\n",
        "FROM debian:12\nRUN echo 'a | b'\n",
        "FROM debian:12\nRUN set -euo pipefail; a | b\n",
        'FROM debian:12 AS base\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM base\nRUN a | b\n',
        'FROM debian:12\nSHELL ["powershell"]\nRUN a | b\n',
        'FROM debian:12\nRUN ["a", "|", "b"]\n',
    ),
)
