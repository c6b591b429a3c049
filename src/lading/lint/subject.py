"""What rules look at: a Dockerfile, and what is worked out from it once for all of them."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast

from lading.dockerfile.instruction import (
    Cmd,
    Entrypoint,
    Exec,
    From,
    Healthcheck,
    Instruction,
    Onbuild,
    Run,
    Shell,
)
from lading.dockerfile.parse import Dockerfile, Stage
from lading.dockerfile.source import Span
from lading.dockerfile.words import Word
from lading.errors import LadingError
from lading.lint import shell, shell_text
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import PinSource, Wanted
from lading.lint.shell import Invocation, Script
from lading.lint.shell_text import ShellText
from lading.lint.variables import Variables
from lading.record import replace

Kind = TypeVar("Kind", bound=Instruction)
_DEFAULT = Config()
# A file of any sense takes a few milliseconds.
_MAX_SHELL_S = 5.0


class Subject:
    """A Dockerfile under the eyes of rules.

    file, path: the Dockerfile and its name. config: what the user has set. context: folder of the build
    context; None if there is none to look at. index: where versions come from; None when not fixing.
    notes: what could not be found out, one line each, for the user. unread: what could not be looked at, likewise.
    languages: the shell at each instruction.
    """

    def __init__(
        self,
        file: Dockerfile,
        path: str = "Dockerfile",
        *,
        config: Config = _DEFAULT,
        context: Path | None = None,
        index: PinSource | None = None,
        shells: tuple[tuple[int, str], ...] = (),
    ) -> None:
        self.file = file
        self.path = path
        self.config = config
        self.context = context
        self.index = index
        self.notes: list[str] = []
        self.unread: list[str] = []
        self.languages = shell_text.Languages(file, shells, self._image_of)
        self._shell_s = 0.0
        self._scripts: dict[int, tuple[Script, ...]] = {}
        self._read_by_shell: set[int] = set()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The build stages, in order."""
        return self.file.stages

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """All instructions in order; an ONBUILD is followed by the instruction in it."""
        found: list[Instruction] = []
        for one in self.file.instructions:
            found.append(one)
            if isinstance(one, Onbuild):
                found.append(one.inner)
        return tuple(found)

    @cached_property
    def _by_kind(self) -> dict[type[Instruction], list[Instruction]]:
        found: dict[type[Instruction], list[Instruction]] = {}
        for one in self.instructions:
            found.setdefault(type(one), []).append(one)
        return found

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the instructions of a kind in order, those inside ONBUILD too: `subject.all(Run)`."""
        return tuple(one for one in self._by_kind.get(kind, ()) if isinstance(one, kind))

    @cached_property
    def _by_stage(self) -> dict[tuple[int, type[Instruction]], list[Instruction]]:
        found: dict[tuple[int, type[Instruction]], list[Instruction]] = {}
        for stage in self.file.stages:
            for one in stage.instructions:
                found.setdefault((stage.index, type(one)), []).append(one)
        return found

    def of_stage(self, stage: Stage, kind: type[Kind], before: Instruction | None = None) -> Sequence[Kind]:
        """Return the instructions of a kind in a stage, in order, or those before another one in it.

        Those inside ONBUILD are not among them.
        """
        found = self._by_stage.get((stage.index, kind), [])
        if before is not None:
            found = found[: bisect_left(found, before.span, key=lambda one: one.span)]
        return cast("Sequence[Kind]", found)

    @cached_property
    def _stage_of(self) -> dict[int, Stage]:
        found: dict[int, Stage] = {}
        for stage in self.file.stages:
            found[id(stage.base)] = stage
            for one in stage.instructions:
                found[id(one)] = stage
                if isinstance(one, Onbuild):
                    found[id(one.inner)] = stage
        return found

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """Return the stage of an instruction, FROM included; None before the first FROM."""
        return self._stage_of.get(id(instruction))

    @cached_property
    def _is_lower(self) -> bool:
        keywords = [one.keyword.value for one in self.file.instructions]
        return sum(word.islower() for word in keywords) * 2 > len(keywords)

    def keyword(self, name: str) -> str:
        """Return the name of an instruction in the case that the file has, for fixes that add one."""
        return name.lower() if self._is_lower else name.upper()

    def text(self, span: Span) -> str:
        """Return the source text of a span."""
        return self.file.source.of(span)

    # ---------------------------------------------------------------- stages

    def before(self, command: Invocation) -> str:
        """Return what stands before the program that a command comes to: variables, `exec`, `busybox`."""
        return self.text(Span(command.span.start, command.words[0].span.start))

    def has_comment(self, span: Span) -> bool:
        """Whether a comment begins within a span, as one between the lines of an instruction does."""
        comments = self.file.comments
        at = bisect_left(comments, span.start, key=lambda one: one.span.start)
        return at < len(comments) and comments[at].span.start < span.end

    def end_of(self, stage: Stage) -> Span | None:
        """Return the empty span where a line (with its line feed first) may be added to a stage.

        None where the last instruction is not ended, so that the line would become part of it.
        """
        last = (stage.instructions or (stage.base,))[-1]
        is_open = any(one.terminator.start == one.terminator.end for one in last.heredocs)
        tail = self.text(last.span).rstrip(" \t")
        if is_open or (tail.endswith(self.file.escape) and not last.heredocs):
            return None
        return Span(last.span.end, last.span.end)

    def parent(self, stage: Stage) -> Stage | None:
        """Return the stage that this one is built upon; None for an image."""
        index = self.variables.base(stage).parent
        return None if index is None else self.file.stages[index]

    def lineage(self, stage: Stage) -> Iterator[Stage]:
        """Yield the stage, the one it is built upon, and so on."""
        current: Stage | None = stage
        while current is not None:
            yield current
            current = self.parent(current)

    def image(self, stage: Stage) -> str:
        """Return the image that a stage is in the end built upon, variables replaced; empty if unknown."""
        *_, root = self.lineage(stage)
        return self.variables.base(root).image

    def is_on_windows(self, stage: Stage) -> bool:
        """Whether the image that a stage is in the end built upon is known to be one of Windows."""
        *_, root = self.lineage(stage)
        return shell_text.is_windows(root.base, self.variables.base(root).image)

    def _image_of(self, base: From) -> str:
        stage = self.stage_of(base)
        return self.variables.base(stage).image if stage else ""

    # ------------------------------------------------------------- variables

    @cached_property
    def variables(self) -> Variables:
        """The variables of all instructions."""
        return Variables(self.file)

    def expanded(self, word: Word | str, at: Instruction) -> str | None:
        """Return what a word of the instruction `at` becomes; None if a variable in it has no known value.

        Default values of ARGs count as known.
        """
        return self.variables.expanded(word if isinstance(word, str) else word.value, at)

    # ----------------------------------------------------------------- shell

    def language(self, instruction: Instruction) -> str:
        """Return the shell that runs shell forms there: `sh`, `bash`, ...; empty for one that is not POSIX."""
        return self.languages.of(instruction)

    def scripts(self, instruction: Instruction) -> tuple[Script, ...]:
        """Return the shell text of RUN, CMD, ENTRYPOINT or HEALTHCHECK; none for others.

        The words of an exec form are one command, and those follow that it hands to a shell, as do those of a heredoc
        that a shell reads (`RUN bash <<EOF`). What another shell than
        a POSIX one is given is read as if it were for such a one, if that can be. Each instruction is parsed once.
        """
        key = id(instruction)
        if key not in self._scripts:
            self._scripts[key] = self._parsed(instruction)
        return self._scripts[key]

    def _parsed(self, instruction: Instruction) -> tuple[Script, ...]:
        if not isinstance(instruction, (Run, Cmd, Entrypoint, Healthcheck)) or instruction.command is None:
            return ()
        command = instruction.command
        if isinstance(command, Shell):
            whole = shell_text.of_shell(instruction, command, self.language(instruction))
            script = self._read(whole, instruction)
            given = shell_text.read_by_shell(instruction, script)
            if given is None:
                return (script,)
            self._read_by_shell.add(id(instruction))
            commands = (*script.commands, *self._read(given, instruction).commands)
            return (replace(script, commands=commands),)
        script = shell_text.of_words(command, instruction)
        handed_on = shell_text.handed_on(command, self.file.source)
        if handed_on is None:
            return (script,)
        inner = self._read(handed_on, instruction)
        commands = (*script.commands, *inner.commands)
        return (replace(script, commands=commands, pipelines=inner.pipelines),)

    def _read(self, one: ShellText, instruction: Instruction) -> Script:
        if self._shell_s > _MAX_SHELL_S:
            return Script(one.text, one.language, broken=True, is_heredoc=one.is_heredoc)
        before = time.thread_time()
        script = shell.parse(one.text, one.language, is_heredoc=one.is_heredoc, bodiless=one.bodiless)
        self._shell_s += time.thread_time() - before
        if self._shell_s > _MAX_SHELL_S:
            line = instruction.line
            self.unread.append(f"reading shell commands took too long: those after line {line} were not read")
        return script

    def is_plain_shell(self, instruction: Instruction) -> bool:
        """Whether fixes may edit the command of an instruction as the words, or shell text, that it is.

        Not so for text that a shell gets as one word of an exec form, and for shells with other ways.
        """
        one = instruction.inner if isinstance(instruction, Onbuild) else instruction
        if not isinstance(one, (Run, Cmd, Entrypoint, Healthcheck)) or one.command is None:
            return True
        if isinstance(one.command, Exec):
            return shell_text.handed_on(one.command, self.file.source) is None
        return self.language(one) != "" and not self.reads_heredoc(one)

    def reads_heredoc(self, instruction: Instruction) -> bool:
        """Whether the commands of an instruction stand in a heredoc that a shell reads (`RUN bash <<EOF`)."""
        self.scripts(instruction)
        return id(instruction) in self._read_by_shell

    def commands(self, *names: str) -> Iterator[tuple[Run, Invocation]]:
        """Yield every command of every RUN, with that RUN; only those of these names, if any are given."""
        for run in self.all(Run):
            for script in self.scripts(run):
                for command in script.commands:
                    if not names or command.name in names:
                        yield run, command

    # ----------------------------------------------------------------- index

    def pins(self, index: str, names: tuple[str, ...], base: str = "") -> Mapping[str, str]:
        """Return name -> version for those that the index knows; nothing, and a note, if it cannot be asked."""
        if self.index is None or not names:
            return {}
        try:
            return self.index.versions(Wanted(index, names, base))
        except LadingError as error:
            note = f"{error}" + (f" ({error.hint})" if error.hint else "")
            if note not in self.notes:
                self.notes.append(note)
            return {}
