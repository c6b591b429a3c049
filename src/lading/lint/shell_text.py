"""Which text of a Dockerfile a shell reads, and which shell that is.

BuildKit hands a RUN with heredocs to the shell with their text behind the line, but where the line is nothing
but one heredoc's announcement, the heredoc is the script, run by what its `#!` names.
https://docs.docker.com/reference/dockerfile/#here-documents
"""

from __future__ import annotations

from lading.dockerfile import heredoc
from lading.dockerfile.instruction import Exec, From, Instruction, Onbuild, Shell, ShellChange
from lading.dockerfile.parse import Dockerfile
from lading.dockerfile.source import Joined, Source, Span
from lading.dockerfile.words import Word
from lading.errors import LadingError
from lading.lint.shebang import interpreter, shell_name
from lading.lint.shell import Arg, Invocation, Place, Script
from lading.record import Record


class ShellText(Record):
    """Text for a shell. language: of that shell; empty if it is no POSIX shell.

    bodiless: it announces heredocs whose text is not in it.
    """

    text: Joined
    language: str
    is_heredoc: bool = False
    bodiless: bool = False


class Languages:
    """The shell in force at each instruction. pragma: the one that a comment names, for all of the file."""

    def __init__(self, file: Dockerfile, pragma: str = "") -> None:
        self._of: dict[int, str] = {}
        known: dict[str, str] = {}
        first = "sh" if not pragma else shell_name(pragma.split())
        current, stage = first, ""
        for one in file.instructions:
            if isinstance(one, From):
                default = "" if is_windows(one) else "sh"
                current = known.get(one.image.value.lower(), first if pragma else default)
                stage = one.stage
            elif isinstance(one, ShellChange):
                current = shell_name([word.value for word in one.words])
            if stage:
                known[stage] = current
            self._of[id(one)] = current
            if isinstance(one, Onbuild):
                self._of[id(one.inner)] = current

    def of(self, instruction: Instruction) -> str:
        """Return the shell there; `sh` where nobody has set one."""
        return self._of.get(id(instruction), "sh")


def is_windows(instruction: From) -> bool:
    """Whether a base is known to be an image of Windows."""
    platform = instruction.flag("platform")
    on_windows = platform is not None and (platform.value or "").lower().startswith("windows")
    image = instruction.image.value.lower()
    known = "/windows/" in image or "windowsservercore" in image or "nanoserver" in image
    return on_windows or known


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
