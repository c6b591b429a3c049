"""What ShellCheck gets to read of a Dockerfile: the shell text of each RUN, as the script that a build runs.

    #!/bin/bash                     the shell in force there
    export GREETING=1 PORT=1        what ENV, ARG and the builder set
    echo "$GREETING" on $PORT       the text, continuation lines joined, heredocs behind it

Values are always 1, as with hadolint: ShellCheck then knows that the variable is set, and takes it for a number. Of the
variables only those are told that the text may mean, for each one costs time.
https://docs.docker.com/reference/dockerfile/#run
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from lading.dockerfile.heredoc import Heredoc
from lading.dockerfile.instruction import Exec, Onbuild, Run
from lading.dockerfile.parse import Dockerfile, parse
from lading.dockerfile.scope import PROXY_ARGUMENTS, walk
from lading.dockerfile.source import Joined, Source, Span
from lading.lint import pragma, shell_text
from lading.lint.hadolint_config import Config
from lading.lint.shell_text import Languages
from lading.record import Record

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh"})
"""Those that ShellCheck knows."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_USED = re.compile(r"\$\{?[#!]?([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
_STOPS = re.compile(r"[ \t](?:-[A-Za-z]*e|-o[ \t]*errexit)")
_SHEBANG = re.compile(r"#![^\n]*\n?")
# The comments at the start, and in them the lines that are for ShellCheck.
_COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_DIRECTIVE = re.compile(r"^[ \t]*(#[ \t]*shellcheck[ \t][^\n]*)", re.MULTILINE)
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
NOT_UTF_8 = re.compile("[\udc80-\udcff]")
# A name is taken for a slip of one in force if it is that close: ShellCheck's own limit.
_MAX_SLIPS = 2
_MAX_COMPARED = 10_000


class Script(Record):
    """A script. text: as ShellCheck gets it. run: where it stands.

    body: the end of the text, with its places in the source. first_line: the line of the text in which that begins.
    """

    text: str
    run: Run
    body: Joined
    first_line: int


def of(file: Dockerfile, languages: Languages) -> Iterator[Script]:
    """Yield the script of each RUN in shell form that runs in a shell of `SHELLS`, those in ONBUILD too."""
    for step in walk(file):
        run = step.instruction.inner if isinstance(step.instruction, Onbuild) else step.instruction
        if isinstance(run, Run) and not isinstance(run.command, Exec):
            script = _script(file.source, run, languages, step.scope.declared)
            if script is not None:
                yield script


def texts(data: bytes, config: Config) -> list[str]:
    """Return the scripts of a Dockerfile, to have them checked before anything else is done with it."""
    file = parse(data)
    return [one.text for one in of(file, Languages(file, pragma.read(file, config).shells))]


def _script(source: Source, run: Run, languages: Languages, declared: Collection[str]) -> Script | None:
    if isinstance(run.command, Exec) or any(
        one.terminator.start == one.terminator.end for one in run.heredocs
    ):
        return None
    one = shell_text.of_shell(run, run.command, languages.of(run))
    if one.language not in SHELLS:
        return None
    body, stops = one.text, languages.stops(run)
    if one.is_heredoc:
        content = run.heredocs[0]
        body = _unindented(body) if content.chomps else body
        shebang = _SHEBANG.match(body.text)
        if shebang:
            stops = bool(_STOPS.search(shebang[0]))
            # The line feed stays: nothing else begins the second line.
            body = body.part(len(shebang[0].rstrip("\r\n")), len(body.text))
    elif one.bodiless:
        body = _with_heredocs(source, body, run.heredocs)
    text = NOT_UTF_8.sub("\ufffd", body.text)
    head = [f"#!/bin/{one.language}{' -e' if stops else ''}", *_directives(text)]
    names = _meant(text, declared)
    if names:
        head.append("export " + " ".join(f"{name}=1" for name in names))
    return Script("\n".join([*head, text]), run, body, len(head) + 1)


def _directives(text: str) -> list[str]:
    """Return ShellCheck's directives from the comments that a heredoc begins with: they are for all of it."""
    comments = _COMMENTS.match(text)
    return _DIRECTIVE.findall(comments[0]) if comments else []


def _meant(text: str, declared: Collection[str]) -> list[str]:
    """Return the variables in force that a script may mean, in order: the ones it names, or may miss by a slip."""
    found = {name for name in _NAME.findall(text) if name in declared or name in PROXY_ARGUMENTS}
    unknown = set(_USED.findall(text)) - found
    if len(unknown) * len(declared) <= _MAX_COMPARED:
        known = (*declared, *PROXY_ARGUMENTS)
        found.update(name for name in known if any(_is_near(name, other) for other in unknown))
    return sorted(name for name in found if _NAME.fullmatch(name))


def _is_near(name: str, other: str) -> bool:
    """Whether two words may be within `_MAX_SLIPS` of each other: not if more letters differ than that."""
    if abs(len(name) - len(other)) > _MAX_SLIPS:
        return False
    mine, theirs = Counter(name), Counter(other)
    return max((mine - theirs).total(), (theirs - mine).total()) <= _MAX_SLIPS


def _unindented(body: Joined) -> Joined:
    """Return the lines of a heredoc without the tabs before them, as `<<-` has it."""
    return _gathered([body.part(start, end) for start, end in _kept(body.text)])


def _kept(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for tabs in _LEADING_TABS.finditer(text):
        yield start, tabs.start()
        start = tabs.end()
    yield start, len(text)


def _with_heredocs(source: Source, line: Joined, heredocs: tuple[Heredoc, ...]) -> Joined:
    """Return what the shell reads of a line and the heredocs behind it."""
    parts = [line]
    for one in heredocs:
        parts += [
            _newline(parts[-1]),
            Joined(one.content, ((0, one.span.start),)),
            _at(source, one.terminator),
        ]
    return _gathered(parts)


def _newline(after: Joined) -> Joined:
    return Joined("\n", ((0, after.whole().end),))


def _at(source: Source, span: Span) -> Joined:
    return Joined(source.of(span), ((0, span.start),))


def _gathered(parts: list[Joined]) -> Joined:
    pieces: list[tuple[int, int]] = []
    size = 0
    for part in parts:
        if part.text:
            pieces += [(size + first, origin) for first, origin in part.pieces]
            size += len(part.text)
    return Joined("".join(part.text for part in parts), tuple(pieces) or parts[0].pieces)
