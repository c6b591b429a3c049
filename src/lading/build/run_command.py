"""What RUN runs: words for a program, from the shell form, the exec form, and heredocs.

- `RUN <<EOF` alone: the text is a script for the stage's shell, or, if it begins with `#!`, a program.
- `RUN python3 <<EOF`: the shell gets the line and the texts, as it would in a script.
https://docs.docker.com/reference/dockerfile/#here-documents
"""

from __future__ import annotations

import msgspec

from lading.build.image_config import State
from lading.dockerfile import heredoc as heredocs
from lading.dockerfile.instruction import Exec, Run

SCRIPTS = "/dev/pipes"
"""The directory in a container where a program from a heredoc lies, as BuildKit has it."""


class RunCommand(msgspec.Struct, frozen=True):
    """A command. words: the program and its arguments. script: a program to lie at `words[0]`; empty for none.

    told: as the history has it.
    """

    words: tuple[str, ...]
    script: str = ""

    @property
    def told(self) -> str:
        """The command in one line."""
        return " ".join(self.words) if not self.script else self.script


def command(instruction: Run, state: State) -> RunCommand:
    """Return what a RUN runs.

    Variables in a heredoc are left to the shell, or the program, with quotes around its delimiter and without, as
    BuildKit does it: loops and `$0` would not survive being replaced before.
    """
    if isinstance(instruction.command, Exec):
        return RunCommand(tuple(word.value for word in instruction.command.words))
    text = instruction.command.text.text
    if not instruction.heredocs:
        return RunCommand((*state.shell, text))
    first = instruction.heredocs[0]
    if len(instruction.heredocs) == 1 and heredocs.announced(text.strip()) is not None:
        if first.text.startswith("#!"):
            return RunCommand((f"{SCRIPTS}/{first.name}",), first.text)
        return RunCommand((*state.shell, first.text))
    bodies = "".join(f"{one.content}{one.name}\n" for one in instruction.heredocs)
    return RunCommand((*state.shell, f"{text}\n{bodies}"))
