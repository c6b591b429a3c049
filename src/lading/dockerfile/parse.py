"""Parsing a Dockerfile: any bytes at all give a `Dockerfile`, with what is wrong as values in it."""

from __future__ import annotations

from lading.dockerfile import directive, heredoc, typed
from lading.dockerfile.directive import Directive
from lading.dockerfile.heredoc import Heredoc
from lading.dockerfile.instruction import Arg, Broken, Exec, From, Instruction, Onbuild, Run, Transfer
from lading.dockerfile.logical import Comment, LogicalLine, Reader
from lading.dockerfile.problem import Gravity, Problem
from lading.dockerfile.source import Source, Span
from lading.errors import LadingError
from lading.record import Record, replace

MAX_CHARACTERS = 2**24
MAX_HEREDOCS = 1000
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})


class Stage(Record):
    """A build stage. index: from 0. base: the FROM. instructions: those after it, in order."""

    index: int
    base: From
    instructions: tuple[Instruction, ...]

    @property
    def name(self) -> str:
        """Its name in lower case; empty if it has none."""
        return self.base.stage


class Dockerfile(Record, kw_only=True):
    """A Dockerfile. escape: its escape character.

    instructions: all of them, broken ones too, in order. arguments: the ARGs before the first FROM.
    stages: from each FROM on. comments: all of them, inside instructions too, directives left out.
    problems: by place.
    """

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    arguments: tuple[Arg, ...]
    stages: tuple[Stage, ...]
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that no build would come of."""
        return tuple(one for one in self.problems if one.gravity is Gravity.ERROR)


def parse(data: bytes | str) -> Dockerfile:
    """Return the Dockerfile in `data`; raises nothing, whatever the data.

    Bytes are read as UTF-8; those that are not come as surrogate escapes. A file of more than
    `MAX_CHARACTERS` is not read, and the one problem says so.
    """
    source = Source(data) if isinstance(data, str) else Source.decode(data)
    if len(source.text) > MAX_CHARACTERS:
        message = f"the file is longer than {MAX_CHARACTERS} characters"
        return _dockerfile(
            Source(""), directive.Directives(), [], [], [Problem("too-large", message, Span(0, 0))]
        )
    directives = directive.read(source)
    lines = frozenset(one.line for one in directives.found)
    reader = Reader(source, directives.escape, lines)
    instructions: list[Instruction] = []
    problems = list(directives.problems)
    for line in reader.lines():
        instruction, found = typed.read(line, directives.escape)
        problems += found
        if not line.too_long:
            instruction = _with_heredocs(instruction, line, reader, problems)
        instructions.append(instruction)
    return _dockerfile(source, directives, instructions, reader.comments, [*problems, *reader.problems])


def _dockerfile(
    source: Source,
    directives: directive.Directives,
    instructions: list[Instruction],
    comments: list[Comment],
    problems: list[Problem],
) -> Dockerfile:
    arguments, stages, early = _staged(instructions)
    for instruction in early:
        message = f"{instruction.name} stands before the first FROM"
        problems.append(Problem("before-from", message, instruction.keyword.span))
    if not stages and not any(one.gravity is Gravity.ERROR for one in problems):
        message = "there is no FROM" if instructions else "there are no instructions"
        problems.append(Problem("no-stage", message, Span(len(source.text), len(source.text))))
    return Dockerfile(
        source=source,
        escape=directives.escape,
        directives=directives.found,
        instructions=tuple(instructions),
        arguments=tuple(arguments),
        stages=tuple(stages),
        comments=tuple(comments),
        problems=tuple(sorted(problems, key=lambda one: one.span)),
    )


def _staged(instructions: list[Instruction]) -> tuple[list[Arg], list[Stage], list[Instruction]]:
    """Return the ARGs before the first FROM, the stages, and what else stands before the first FROM.

    A FROM that is broken begins a stage nobody knows, and what follows belongs to none.
    """
    arguments: list[Arg] = []
    early: list[Instruction] = []
    stages: list[tuple[From | None, list[Instruction]]] = []
    for instruction in instructions:
        if isinstance(instruction, From):
            stages.append((instruction, []))
        elif instruction.name == "FROM":
            stages.append((None, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif isinstance(instruction, Arg):
            arguments.append(instruction)
        elif not isinstance(instruction, Broken):
            early.append(instruction)
    known = [(base, inner) for base, inner in stages if base is not None]
    return arguments, [Stage(index, base, tuple(inner)) for index, (base, inner) in enumerate(known)], early


def _with_heredocs(
    instruction: Instruction, line: LogicalLine, reader: Reader, problems: list[Problem]
) -> Instruction:
    if "<<" not in line.joined.text or not _takes_heredocs(instruction):
        return instruction
    try:
        announced = heredoc.starts(line.joined.text)
    except LadingError as error:
        problems.append(Problem("heredoc-name", error.message, line.span))
        return instruction
    found: list[Heredoc] = []
    for start in announced[:MAX_HEREDOCS]:
        body = reader.heredoc(start.name, chomp=start.chomps)
        terminator = Span(body.span.end, body.end if body.terminated else body.span.end)
        if not body.terminated:
            message = f"the heredoc {start.name[:80]} is not ended"
            problems.append(Problem("heredoc-open", message, instruction.keyword.span))
        made = Heredoc(
            name=start.name,
            descriptor=start.descriptor,
            expands=start.expands,
            chomps=start.chomps,
            content=body.content,
            span=body.span,
            terminator=terminator,
        )
        found.append(made)
        line = replace(line, last=body.last, span=Span(line.span.start, body.end))
    return _attached(instruction, tuple(found), line)


def _attached(instruction: Instruction, found: tuple[Heredoc, ...], line: LogicalLine) -> Instruction:
    if not found:
        return instruction
    span = Span(instruction.span.start, line.span.end)
    more = {"heredocs": found, "span": span, "end_line": line.last}
    if isinstance(instruction, Onbuild):
        more["inner"] = _attached(instruction.inner, found, line)
    return replace(instruction, **more)


def _takes_heredocs(instruction: Instruction) -> bool:
    if isinstance(instruction, Onbuild):
        return not isinstance(instruction.inner, Onbuild) and _takes_heredocs(instruction.inner)
    if isinstance(instruction, Run):
        return not isinstance(instruction.command, Exec)
    if isinstance(instruction, Transfer):
        return not instruction.is_json
    return instruction.name in _WITH_HEREDOCS
