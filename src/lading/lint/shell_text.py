"""Which text of a Dockerfile a shell reads, and which shell that is.

BuildKit hands a RUN with heredocs to the shell with their text behind the line, but where the line is nothing
but one heredoc's announcement, the heredoc is the script, run by what its `#!` names.
https://docs.docker.com/reference/dockerfile/#here-documents
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from lading.dockerfile import heredoc
from lading.dockerfile.instruction import Exec, From, Instruction, Onbuild, Shell, ShellChange
from lading.dockerfile.parse import Dockerfile
from lading.dockerfile.source import Joined, Source, Span
from lading.dockerfile.words import Word
from lading.errors import LadingError
from lading.lint.shebang import interpreter, shell_name
from lading.lint.shell import Arg, Invocation, Place, Script
from lading.record import Record

# Only Windows has these: .NET Framework and IIS do not run elsewhere.
_WINDOWS = (
    "mcr.microsoft.com/dotnet/framework/",
    "mcr.microsoft.com/windows:",
    "mcr.microsoft.com/windows@",
    "microsoft/dotnet-framework",
    "microsoft/iis",
)


class ShellText(Record):
    """Text for a shell. language: of that shell; empty if it is no POSIX shell.

    bodiless: it announces heredocs whose text is not in it.
    """

    text: Joined
    language: str
    is_heredoc: bool = False
    bodiless: bool = False


class Languages:
    """The shell in force at each instruction.

    named: those that comments name, with their lines: before the first instruction for all of the file, elsewhere
    as SHELL does it. image_of: tells the image of a FROM, variables replaced; empty for one that is not known.
    """

    def __init__(
        self,
        file: Dockerfile,
        named: Sequence[tuple[int, str]] = (),
        image_of: Callable[[From], str] = lambda base: base.image.value,
    ) -> None:
        self._of: dict[int, str] = {}
        self._stops: set[int] = set()
        known: dict[str, tuple[str, bool]] = {}
        begin = file.instructions[0].line if file.instructions else 0
        first = next((shell_name(name.split()) for line, name in named if line < begin), None)
        current, stops, stage = first or "", False, ""
        waiting = list(named[::-1])
        for one in file.instructions:
            while waiting and waiting[-1][0] < one.line:
                current, stops = shell_name(waiting.pop()[1].split()), False
            if isinstance(one, From):
                default = first if first is not None else "" if is_windows(one, image_of(one)) else "sh"
                current, stops = known.get(one.image.value.lower(), (default, False))
                stage = one.stage
            elif isinstance(one, ShellChange):
                words = [word.value for word in one.words]
                current, stops = shell_name(words), _stops(words)
            if stage:
                known[stage] = current, stops
            for each in (one, one.inner) if isinstance(one, Onbuild) else (one,):
                self._of[id(each)] = current
                if stops:
                    self._stops.add(id(each))

    def of(self, instruction: Instruction) -> str:
        """Return the shell there; `sh` where nobody has set one."""
        return self._of.get(id(instruction), "sh")

    def stops(self, instruction: Instruction) -> bool:
        """Whether that shell is told to stop at the first command that fails (`-e`)."""
        return id(instruction) in self._stops


def _stops(words: Sequence[str]) -> bool:
    """Whether the words of a SHELL have `-e` or `-o errexit` among the options."""
    after_o = False
    for word in words[1:]:
        if after_o and word == "errexit":
            return True
        if re.fullmatch(r"-[A-Za-z]*e[A-Za-z]*", word):
            return True
        after_o = word.startswith("-") and word.endswith("o")
    return False


def is_windows(instruction: From, image: str) -> bool:
    """Whether a base is known to be an image of Windows. image: variables replaced; empty if that is not known."""
    platform = instruction.flag("platform")
    on_windows = platform is not None and (platform.value or "").lower().startswith("windows")
    name = (image or instruction.image.value).lower()
    known = "/windows/" in name or "windowsservercore" in name or "nanoserver" in name
    return on_windows or known or name.startswith(_WINDOWS)


def of_shell(instruction: Instruction, command: Shell, language: str) -> ShellText:
    """Return what the shell reads of an instruction in shell form."""
    line = command.text
    if not instruction.heredocs:
        return ShellText(line, language)
    try:
        is_script = heredoc.announced(line.text.strip()) is not None
    except LadingError:
        is_script = False
    if is_script:
        content = instruction.heredocs[0]
        runs = interpreter(content.text)
        text = _at(content.content, content.span)
        return ShellText(text, language if runs is None else runs, is_heredoc=True)
    return ShellText(line, language, bodiless=True)


def read_by_shell(instruction: Instruction, script: Script) -> ShellText | None:
    """Return the heredoc that is all that a shell reads, as in `RUN bash -e <<EOF`; None if the line is another.

    script: what was read of the line.
    """
    if len(instruction.heredocs) != 1 or script.is_heredoc or script.broken or len(script.commands) != 1:
        return None
    command = script.commands[0]
    words = [word.text for word in command.words]
    language = shell_name(words)
    if not language or any(one.operator not in {"<<", "<<-"} for one in command.redirections):
        return None
    at = next(number for number, one in enumerate(words) if shell_name([one]))
    for before, word in pairwise(words[at:]):
        is_flag = word.startswith("-") and not word.endswith("c")
        is_value = before.startswith("-") and before.endswith("o")
        # Any other word is a file with the commands; after `-c` stand others.
        if not is_flag and not is_value:
            return None
    content = instruction.heredocs[0]
    return ShellText(_at(content.content, content.span), language, is_heredoc=True)


def _at(text: str, span: Span) -> Joined:
    return Joined(text, ((0, span.start),))


def of_words(command: Exec, instruction: Instruction) -> Script:
    """Return the one command that an exec form is; its words are literal."""
    words = tuple(
        Arg(word.value, word.value, literal=True, quoted=True, span=word.span) for word in command.words
    )
    text = instruction.arguments
    runs = (Invocation(words, (), (), Place(), text.whole()),) if words else ()
    return Script(text, "", runs)


def handed_on(command: Exec, source: Source) -> ShellText | None:
    """Return what `["bash", "-c", "make && make install"]` hands to a shell; None if it is no such command."""
    values = [word.value for word in command.words]
    language = shell_name(values)
    if not language:
        return None
    for at, value in enumerate(values[1:-1], 1):
        if value.startswith("-") and not value.startswith("--"):
            if value.endswith("c"):
                return ShellText(_decoded(command.words[at + 1], source), language)
        elif not values[at - 1].endswith("o") and not shell_name([value]):
            return None
    return None


def _decoded(word: Word, source: Source) -> Joined:
    """Return a string of JSON with its places; where it has escapes, all of it is where it begins."""
    start = word.span.start + 1
    if source.text[start : word.span.end - 1] == word.value:
        return Joined(word.value, ((0, start),))
    return Joined(word.value, tuple((at, start) for at in range(max(len(word.value), 1))))
