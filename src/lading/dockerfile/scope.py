"""What variables are worth at each instruction: ARG scopes, ENV, platform arguments, inheritance.

- ARGs before the first FROM are seen by FROMs only, and by an `ARG name` in a stage that takes them over.
- Platform arguments (`TARGETARCH` ...) are there for FROM, and in a stage after `ARG TARGETARCH`.
- A stage that is built upon another one begins with the other's variables; one that is built upon
  an image begins with those of the image, which nobody knows here (`Scope.is_open`).
- The words of an instruction see what was set before it, those of ARG also what the same ARG has set.

https://docs.docker.com/reference/dockerfile/#scope
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.instruction import Arg, Env, From, Instruction
from lading.dockerfile.parse import Dockerfile, Stage
from lading.dockerfile.problem import Problem
from lading.dockerfile.words import Word
from lading.errors import LadingError, LimitError
from lading.record import Record

MAX_CHARACTERS = 2**25
MAX_INHERITED = 10**6
SCRATCH = "scratch"
PLATFORM_ARGUMENTS = tuple(
    f"{side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
)
# These may be given to any build without an ARG; RUN sees them.
PROXY_ARGUMENTS = tuple(
    name
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
)


class Given(Record, kw_only=True):
    """What a build is called with. arguments: `--build-arg`. build, target: `os/arch[/variant]`.

    stage: `--target`; empty for the last one. environments: by index of a stage that is built upon an
    image, the variables of that image, where somebody has looked into it.
    """

    arguments: dict[str, str] = {}
    build: str = "linux/amd64"
    target: str = "linux/amd64"
    stage: str = ""
    environments: dict[int, dict[str, str]] = {}


class Scope(Record):
    """The variables before an instruction; `values` and `declared` are live, and change as the walk goes on.

    values: of those that have one. declared: names of all ARGs and ENVs so far, with or without a value.
    is_open: there may be more, from an image that nobody has looked into. environment: those of ENV alone,
        of the image's too.
    """

    values: Mapping[str, str]
    declared: Mapping[str, Word]
    is_open: bool
    environment: Mapping[str, str]


class Base(Record):
    """What a stage is built upon. image: its name, variables replaced; empty if that failed.

    parent: index of the stage that the name is of; None for an image.
    """

    image: str
    parent: int | None = None


class Step(Record):
    """An instruction with its variables. stage: None before the first FROM. base: of its stage.

    problems: what is wrong with its own variables, if it is FROM, ARG or ENV.
    """

    instruction: Instruction
    scope: Scope
    stage: Stage | None = None
    base: Base | None = None
    problems: tuple[Problem, ...] = ()


def walk(file: Dockerfile, given: Given | None = None) -> Iterator[Step]:
    """Yield every instruction of known stages, FROMs among them, with the variables that it sees.

    A scope holds until the next step is asked for. Variables that cannot be worked out, or grow beyond
    reason, are a problem of their instruction and have no value.
    """
    walker = _Walker(file, given or Given())
    for arguments in file.arguments:
        outcome = walker.defined(walker.common, arguments)
        yield Step(arguments, walker.scope(walker.common), problems=outcome.problems)
        walker.common.take(outcome)
    for stage in file.stages:
        yield from walker.stage(stage)


class _Outcome(Record):
    """What an instruction does to variables. stays: in the image too, as ENV does."""

    values: dict[str, str] = {}
    declared: dict[str, Word] = {}
    problems: tuple[Problem, ...] = ()
    stays: bool = False


class _Variables:
    """The variables of a stage, or of the part before the first FROM."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.declared: dict[str, Word] = {}
        self.kept: dict[str, str] = {}
        self.is_open = False

    def take(self, outcome: _Outcome) -> None:
        """Let an instruction do what it does."""
        self.values.update(outcome.values)
        self.declared.update(outcome.declared)
        if outcome.stays:
            self.kept.update(outcome.values)

    def inherited(self) -> _Variables:
        """Return what a stage begins with that is built upon this one: ENVs win over ARGs."""
        new = _Variables()
        new.values = {**self.values, **self.kept}
        new.declared = dict(self.declared)
        new.kept = dict(self.kept)
        new.is_open = self.is_open
        return new


class _Walker:
    """What has been worked out so far."""

    def __init__(self, file: Dockerfile, given: Given) -> None:
        self.given = given
        self.lexing = Lexing(escape=file.escape)
        self.left = MAX_CHARACTERS
        self.left_to_inherit = MAX_INHERITED
        self.common = _Variables()
        self.common.values = _platform_values(given, file)
        self.stages: dict[str, _Variables] = {}
        self.indices: dict[str, int] = {}

    def scope(self, variables: _Variables) -> Scope:
        values, declared = MappingProxyType(variables.values), MappingProxyType(variables.declared)
        return Scope(values, declared, variables.is_open, MappingProxyType(variables.kept))

    def stage(self, stage: Stage) -> Iterator[Step]:
        base, problems = self._base(stage.base)
        yield Step(stage.base, self.scope(self.common), stage, base, tuple(problems))
        variables = self._begin(base, stage.index)
        for instruction in stage.instructions:
            outcome = _Outcome()
            if isinstance(instruction, Arg):
                outcome = self.defined(variables, instruction)
            elif isinstance(instruction, Env):
                outcome = self._set(variables, instruction)
            yield Step(instruction, self.scope(variables), stage, base, outcome.problems)
            variables.take(outcome)
        if stage.name:
            self.stages[stage.name] = variables
            self.indices[stage.name] = stage.index

    def defined(self, variables: _Variables, arguments: Arg) -> _Outcome:
        """Return what an ARG does."""
        new: dict[str, str] = {}
        seen = ChainMap(new, variables.values)
        problems: list[Problem] = []
        for one in arguments.definitions:
            name = one.name.value
            value = self.given.arguments.get(name)
            if value is None and one.default is not None:
                value = self._try(one.default, seen, problems)
            elif value is None and variables is not self.common:
                value = self.common.values.get(name)
            if value is not None:
                new[name] = value
        names = {one.name.value: one.name for one in arguments.definitions}
        return _Outcome(new, names, tuple(problems))

    def _set(self, variables: _Variables, instruction: Env) -> _Outcome:
        """Return what an ENV does."""
        new: dict[str, str] = {}
        names: dict[str, Word] = {}
        problems: list[Problem] = []
        for pair in instruction.pairs:
            name = self._try(pair.name, variables.values, problems)
            value = self._try(pair.value, variables.values, problems)
            names[pair.name.value if name is None else name] = pair.name
            if name is not None and value is not None:
                new[name] = value
        return _Outcome(new, names, tuple(problems), stays=True)

    def _base(self, instruction: From) -> tuple[Base, list[Problem]]:
        platform = instruction.flag("platform")
        written = [instruction.image] + (
            [Word(platform.value, platform.span)] if platform and platform.value else []
        )
        problems: list[Problem] = []
        expanded = [self._try(word, self.common.values, problems) for word in written]
        for word, text in zip(written, expanded, strict=True):
            if text == "":
                problems.append(Problem("base-empty", f"{word.value[:80]} is empty", word.span))
        image = expanded[0] or ""
        return Base(image, self.indices.get(image.lower())), problems

    def _begin(self, base: Base, index: int) -> _Variables:
        variables = _Variables()
        if base.parent is not None:
            parent = self.stages[base.image.lower()]
            self.left_to_inherit -= len(parent.values) + len(parent.declared)
            if self.left_to_inherit >= 0:
                return parent.inherited()
        environment = self.given.environments.get(index)
        variables.is_open = base.image != SCRATCH and environment is None
        variables.take(_Outcome(environment or {}, stays=True))
        return variables

    def _try(self, word: Word, values: Mapping[str, str], problems: list[Problem]) -> str | None:
        try:
            return self._expand(word, values)
        except LadingError as error:
            problems.append(Problem("variable", error.message, word.span))
            return None

    def _expand(self, word: Word, values: Mapping[str, str]) -> str:
        text = expand(word.value, values, self.lexing).text
        self.left -= len(text)
        if self.left < 0:
            raise LimitError("the values of all variables together are too long")
        return text


def _platform_values(given: Given, file: Dockerfile) -> dict[str, str]:
    values: dict[str, str] = {}
    for side, platform in (("BUILD", given.build), ("TARGET", given.target)):
        system, _, rest = platform.partition("/")
        architecture, _, variant = rest.partition("/")
        parts = (platform, system, "", architecture, variant)
        values.update(zip((name for name in PLATFORM_ARGUMENTS if name.startswith(side)), parts, strict=True))
    last = file.stages[-1].name if file.stages else ""
    values["TARGETSTAGE"] = given.stage or last or "default"
    return {name: given.arguments.get(name, value) for name, value in values.items()}
