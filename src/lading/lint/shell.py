"""Shell commands in a Dockerfile, through a real grammar of bash, with their places in the source.

The grammar recovers from what it cannot read, so that the commands around an error are still found.
https://github.com/tree-sitter/tree-sitter-bash
"""

from __future__ import annotations

from functools import cached_property

from lading.dockerfile.source import Joined, Span
from lading.record import Record

MAX_CHARACTERS = 2**20
VARIABLE = "${VAR}"


class Arg(Record):
    """A word of a command. text: without quotes and escapes, variables and substitutions as written.

    masked: the same, with each of these as `${VAR}`. literal: there are none. quoted: some of it is in
    quotes. span: with quotes and all.
    """

    text: str
    masked: str
    literal: bool
    quoted: bool
    span: Span


class Assignment(Record):
    """`NAME=VALUE`, before a command or of `export`. value: None without `=`. span: of all of it."""

    name: str
    value: Arg | None
    span: Span


class Redirection(Record):
    """`2>&1`: descriptor 2, operator `>&`, target `1`. target: None for a heredoc. span: of all of it."""

    descriptor: str
    operator: str
    target: Arg | None
    span: Span


class Place(Record):
    """Where a command stands among others.

    before, after: the operator that parts it from its neighbours in one list or pipeline (`&&`, `||`, `;`, `&`,
    `|`, `|&`, a line end as `;`); empty at the ends. before_span, after_span: of these operators.
    pipeline: number of the pipeline it is in, -1 if none. position, length: its place in that, from 0.
    depth: how many subshells, groups, conditions, loops, functions and substitutions are around it.
    list_number: commands with the same number follow each other in one list. negated: `!` before it.
    """

    before: str = ""
    before_span: Span = Span(0, 0)
    after: str = ""
    after_span: Span = Span(0, 0)
    pipeline: int = -1
    position: int = 0
    length: int = 1
    depth: int = 0
    list_number: int = 0
    negated: bool = False


class Invocation(Record, dict=True):
    """A simple command. words: with its name first; empty if it has assignments or redirections alone.

    `command`, `builtin`, `exec` and `busybox` before the name are left out, as ShellCheck does.
    span: of all of it, redirections and assignments included.
    """

    words: tuple[Arg, ...]
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    place: Place
    span: Span

    @property
    def name(self) -> str:
        """Its name without quotes; empty if it has none."""
        return self.words[0].masked if self.words else ""

    @property
    def args(self) -> tuple[Arg, ...]:
        """What follows the name."""
        return self.words[1:]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The arguments as text, variables as `${VAR}`."""
        return tuple(arg.masked for arg in self.words[1:])

    @cached_property
    def flags(self) -> frozenset[str]:
        """The names of all flags before `--`: `yes` for `--yes=1`, and `q` and `y` for `-qy`."""
        found: set[str] = set()
        for text in self.texts:
            if text == "--":
                break
            if text.startswith("--"):
                found.add(text[2:].partition("=")[0])
            elif text.startswith("-"):
                found.update(text[1:])
        return frozenset(found)

    def has_flag(self, *names: str) -> bool:
        """Whether one of these flags is given; names without dashes."""
        return any(name in self.flags for name in names)

    def has_args(self, *texts: str) -> bool:
        """Whether one of the arguments is one of these."""
        return any(text in texts for text in self.texts)

    @cached_property
    def operands(self) -> tuple[Arg, ...]:
        """The arguments that are no flags: all that follow `--`, and before it those without a dash.

        The value of a flag (`-o dir`) is among them: `operands_without` knows better.
        """
        return self.operands_without()

    def operands_without(self, *valued: str) -> tuple[Arg, ...]:
        """Return the operands, without what follows a flag of these names (which take a value)."""
        found: list[Arg] = []
        skip = rest = False
        for arg in self.words[1:]:
            text = arg.masked
            if skip:
                skip = False
            elif rest or not text.startswith("-"):
                found.append(arg)
            elif text == "--":
                rest = True
            else:
                skip = text in {f"--{name}" for name in valued} or _takes_next(text, valued)
        return tuple(found)

    @cached_property
    def unwrapped(self) -> Invocation:
        """The command that runs in the end: without `sudo`, `env`, `nice` and the like before it."""
        from lading.lint import wrapper

        return wrapper.unwrapped(self)


def _takes_next(text: str, valued: tuple[str, ...]) -> bool:
    """Whether a group of short flags ends in one that takes the next word."""
    return not text.startswith("--") and len(text) > 1 and text[-1] in valued


class Script(Record):
    """Shell text. language: `sh`, `bash`, ...; empty if it is no POSIX shell.

    text: what the shell reads, with its places. commands: every simple command anywhere, in order.
    broken: the grammar did not understand all of it.
    pipelines: how many there are. is_heredoc: the text stands in a heredoc.
    """

    text: Joined
    language: str
    commands: tuple[Invocation, ...] = ()
    broken: bool = False
    pipelines: int = 0
    is_heredoc: bool = False

    def called(self, *names: str) -> tuple[Invocation, ...]:
        """Return the commands of these names, in order."""
        return tuple(command for command in self.commands if command.name in names)


def parse(text: Joined, language: str = "sh", *, is_heredoc: bool = False, bodiless: bool = False) -> Script:
    """Return the script in `text`; raises nothing, whatever the text.

    What is no POSIX shell's (no `language`) has commands only where it can be read as if it were.
    bodiless: heredocs that it announces have their text elsewhere, as those of a Dockerfile.
    """
    nothing = Script(text, language, broken=bool(language), is_heredoc=is_heredoc)
    if (is_heredoc and not language) or len(text.text) > MAX_CHARACTERS:
        return nothing
    from lading.lint import grammar

    script = grammar.script(text, language, is_heredoc=is_heredoc, bodiless=bodiless)
    return script if language or not script.broken else nothing
