"""The instructions of a Dockerfile, typed; one record for each kind.

Words in them are as written, quotes and variables included: `expand` says what they become.
"""

from __future__ import annotations

from lading.dockerfile.heredoc import Heredoc
from lading.dockerfile.logical import Comment
from lading.dockerfile.source import Joined, Span
from lading.dockerfile.words import Word
from lading.record import Record


class Flag(Record):
    """A flag. name: without `--`. value: without quotes; None where there is no `=`. span: of all of it."""

    name: str
    value: str | None
    span: Span


class Instruction(Record, kw_only=True):
    """What every instruction has.

    keyword: as written. name: in upper case. span: from the keyword to the end of its last line,
        heredocs included. line, end_line: numbers of its first and last physical line.
    text: the logical line, continuation lines joined, with the keyword. arguments: what follows
        keyword and flags.
    flags: in order. comments: those that stand right before it. heredocs: that it announces.
    """

    keyword: Word
    name: str
    span: Span
    line: int
    end_line: int
    text: Joined
    arguments: Joined
    flags: tuple[Flag, ...] = ()
    comments: tuple[Comment, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> Flag | None:
        """Return the first flag of that name; None if it is not given."""
        return next((flag for flag in self.flags if flag.name == name), None)


class Broken(Instruction, kw_only=True):
    """An instruction that cannot be read, or that there is none of; a problem says why."""


class Shell(Record):
    """A command for the shell. text: as written, with its places in the source."""

    text: Joined


class Exec(Record):
    """A command that is run as it is. words: decoded from JSON, spans with their quotes."""

    words: tuple[Word, ...]


Command = Shell | Exec


class From(Instruction, kw_only=True):
    """`FROM [--platform=P] IMAGE [AS NAME]`. stage: the name in lower case; empty without one."""

    image: Word
    stage: str = ""
    stage_word: Word | None = None
    as_word: Word | None = None


class Run(Instruction, kw_only=True):
    """`RUN [--mount=...] COMMAND`."""

    command: Command


class Cmd(Instruction, kw_only=True):
    """`CMD COMMAND`."""

    command: Command


class Entrypoint(Instruction, kw_only=True):
    """`ENTRYPOINT COMMAND`."""

    command: Command


class ShellChange(Instruction, kw_only=True):
    """`SHELL ["program", "argument"]`."""

    words: tuple[Word, ...]


class Transfer(Instruction, kw_only=True):
    """What COPY and ADD have in common.

    sources: paths, URLs, and words that announce heredocs (`<<EOF`). target: where they go.
    is_json: written as a JSON array. inline: the positions in `sources` of those that are heredocs.
    """

    sources: tuple[Word, ...]
    target: Word
    is_json: bool = False
    inline: tuple[int, ...] = ()


class Copy(Transfer, kw_only=True):
    """`COPY [--from=STAGE] SOURCE... TARGET`."""


class Add(Transfer, kw_only=True):
    """`ADD SOURCE... TARGET`."""


class Pair(Record):
    """A name with its value. has_equals: False for the old form `ENV name value`."""

    name: Word
    value: Word
    has_equals: bool = True


class Env(Instruction, kw_only=True):
    """`ENV NAME=VALUE ...`, or the old `ENV NAME VALUE`."""

    pairs: tuple[Pair, ...]


class Label(Instruction, kw_only=True):
    """`LABEL NAME=VALUE ...`, or the old `LABEL NAME VALUE`."""

    pairs: tuple[Pair, ...]


class Definition(Record):
    """A build argument. default: None without `=`."""

    name: Word
    default: Word | None = None


class Arg(Instruction, kw_only=True):
    """`ARG NAME[=DEFAULT] ...`."""

    definitions: tuple[Definition, ...]


class Expose(Instruction, kw_only=True):
    """`EXPOSE PORT[/PROTOCOL] ...`, in the order written."""

    ports: tuple[Word, ...]


class Volume(Instruction, kw_only=True):
    """`VOLUME PATH ...` or `VOLUME ["PATH", ...]`."""

    paths: tuple[Word, ...]
    is_json: bool = False


class User(Instruction, kw_only=True):
    """`USER NAME[:GROUP]`."""

    user: Word


class Workdir(Instruction, kw_only=True):
    """`WORKDIR PATH`."""

    path: Word


class StopSignal(Instruction, kw_only=True):
    """`STOPSIGNAL SIGNAL`."""

    signal: Word


class Maintainer(Instruction, kw_only=True):
    """`MAINTAINER NAME`, which a label has replaced."""

    maintainer: Word


class Healthcheck(Instruction, kw_only=True):
    """`HEALTHCHECK [--interval=D ...] CMD COMMAND`, or `HEALTHCHECK NONE`: then there is no command."""

    kind: Word
    command: Command | None = None


class Onbuild(Instruction, kw_only=True):
    """`ONBUILD INSTRUCTION`: what images built upon this one do first."""

    inner: Instruction
