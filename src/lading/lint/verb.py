"""Flags given behind the word that says what a command is to do: `install -y`."""

from __future__ import annotations

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Exec, Run
from lading.dockerfile.source import Span
from lading.lint.rule import Fix
from lading.lint.shell import Arg, Invocation


def of(command: Invocation, *verbs: str) -> Arg | None:
    """Return the first argument that is one of these words; None where flags end before it."""
    found = next((arg for arg in command.args if arg.masked in (*verbs, "--")), None)
    return None if found is None or found.masked == "--" else found


def with_flag(run: Run, command: Invocation, flag: str, *verbs: str, safe: bool) -> Fix | None:
    """Return the fix that puts `flag` behind the verb; None where it is not written as a word of its own."""
    verb = of(command, *verbs)
    if verb is None or not verb.literal:
        return None
    text = f', "{flag}"' if isinstance(run.command, Exec) else f" {flag}"
    return Fix(f"Add {flag}", (Edit(Span(verb.span.end, verb.span.end), text),), safe)
