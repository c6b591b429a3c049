"""What has to be built: the stages that the target needs, each with its instructions and their variables.

    Dockerfile, arguments, configs of base images -> Plan

Nothing is run, read or fetched here; base images are looked up by a function that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from lading.build.words import Words
from lading.dockerfile import mount, scope
from lading.dockerfile.instruction import Copy, From, Instruction, Onbuild, Run
from lading.dockerfile.parse import Dockerfile, Stage, parse
from lading.dockerfile.problem import Problem
from lading.dockerfile.scope import PROXY_ARGUMENTS, SCRATCH, Given
from lading.errors import LadingError, MalformedError, UsageError
from lading.record import replace


class StageSource(msgspec.Struct, frozen=True):
    """Files of another stage of the same Dockerfile."""

    index: int


class ImageSource(msgspec.Struct, frozen=True):
    """Files of an image. platform: `os/arch[/variant]`, empty for that of the build."""

    name: str
    platform: str = ""


class ContextSource(msgspec.Struct, frozen=True):
    """Files of a context that was named with `--build-context`; the main one has no name."""

    name: str = ""


Source = StageSource | ImageSource | ContextSource


class Base(msgspec.Struct, frozen=True):
    """What is known of a base before anything is built: variables and triggers of its config."""

    environment: dict[str, str] = {}
    triggers: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """An instruction of a stage, when its turn comes.

    line: its first line, that of the FROM for a trigger of the base. text: as written, continuation lines
    joined. words: replaces variables. arguments: build arguments that RUN sees beside the environment.
    sources: what each `from` in it means. trigger: whether the base image asked for it with ONBUILD.
    """

    instruction: Instruction
    line: int
    text: str
    words: Words
    arguments: dict[str, str]
    sources: dict[str, Source] = {}
    trigger: bool = False


class StagePlan(msgspec.Struct, frozen=True):
    """A stage that has to be built. base: None for scratch. needs: indices of stages that come before it."""

    index: int
    name: str
    line: int
    base: Source | None
    steps: tuple[Step, ...]
    needs: frozenset[int]

    @property
    def title(self) -> str:
        """How people call it: by its name, else by its number."""
        return self.name or str(self.index)


class Plan(msgspec.Struct, frozen=True):
    """stages: those that are needed, in the order of the file; the last one gives the image.

    unused: build arguments that no ARG asks for.
    """

    stages: tuple[StagePlan, ...]
    unused: tuple[str, ...] = ()

    @property
    def target(self) -> StagePlan:
        """The stage that gives the image."""
        return self.stages[-1]


LookUp = Callable[[ImageSource | ContextSource], Base]


def make(file: Dockerfile, given: Given, contexts: frozenset[str], look_up: LookUp) -> Plan:
    """Return the plan of a build.

    contexts: names given with `--build-context`; they come before stages and images of that name.
    look_up: gives what a base image's config says; called once for each stage that is built upon one.
    Raises `MalformedError`, about `LINE`, for what is wrong with the Dockerfile, `UsageError` for a target
    that does not exist, and what `look_up` raises.
    """
    for problem in file.errors:
        raise _wrong(file, problem)
    return _Planner(file, given, contexts, look_up).plan()


def sources(instruction: Instruction) -> Iterator[str]:
    """Yield what an instruction names with `from`: stages, images, contexts."""
    if isinstance(instruction, Copy):
        flag = instruction.flag("from")
        if flag is not None and flag.value:
            yield flag.value
    elif isinstance(instruction, Run):
        for flag in instruction.flags:
            if flag.name == "mount" and (named := mount.parse(flag.value or "").options.get("from")):
                yield named


class _Planner:
    def __init__(self, file: Dockerfile, given: Given, contexts: frozenset[str], look_up: LookUp) -> None:
        self.file = file
        self.given = given
        self.contexts = contexts
        self.look_up = look_up
        self.names = {stage.name: stage.index for stage in file.stages if stage.name}
        self.bases = self._bases()
        self.needs: dict[int, set[int]] = {}
        self.triggers: dict[int, tuple[Instruction, ...]] = {}
        self.environments: dict[int, dict[str, str]] = {}

    def plan(self) -> Plan:
        target = self._target()
        self._need(target)
        stages = [
            replace(stage, instructions=(*self.triggers[stage.index], *stage.instructions))
            if stage.index in self.needs
            else replace(stage, instructions=())
            for stage in self.file.stages[: target + 1]
        ]
        file = replace(self.file, stages=tuple(stages))
        given = replace(self.given, environments=self.environments)
        steps: dict[int, list[Step]] = {index: [] for index in self.needs}
        used = {one.name.value for arguments in file.arguments for one in arguments.definitions}
        for step in scope.walk(file, given):
            for problem in step.problems:
                raise _wrong(self.file, problem)
            if step.stage is None or step.stage.index not in self.needs:
                continue
            used |= set(step.scope.declared)
            if not isinstance(step.instruction, From):
                steps[step.stage.index].append(self._step(step, steps[step.stage.index]))
        planned = [self._stage(stage, steps[stage.index]) for stage in stages if stage.index in self.needs]
        known = used | set(PROXY_ARGUMENTS) | set(scope.PLATFORM_ARGUMENTS)
        return Plan(tuple(planned), tuple(sorted(set(given.arguments) - known)))

    def _step(self, step: scope.Step, before: list[Step]) -> Step:
        assert step.stage is not None
        index = step.stage.index
        is_trigger = len(before) < len(self.triggers[index])
        values = dict(step.scope.values)
        environment = step.scope.environment
        return Step(
            instruction=step.instruction,
            line=step.stage.base.line if is_trigger else step.instruction.line,
            text=step.instruction.text.text,
            words=Words(values, self.file.escape),
            arguments={name: value for name, value in values.items() if name not in environment},
            sources={
                named: self.source(named, index, step.instruction) for named in sources(step.instruction)
            },
            trigger=is_trigger,
        )

    def _stage(self, stage: Stage, steps: list[Step]) -> StagePlan:
        return StagePlan(
            index=stage.index,
            name=stage.name,
            line=stage.base.line,
            base=self.bases[stage.index],
            steps=tuple(steps),
            needs=frozenset(self.needs[stage.index]),
        )

    def _bases(self) -> dict[int, Source | None]:
        found: dict[int, Source | None] = {}
        walked = replace(
            self.file,
            stages=tuple(replace(stage, instructions=()) for stage in self.file.stages),
        )
        for step in scope.walk(walked, self.given):
            if isinstance(step.instruction, From) and step.stage is not None and step.base is not None:
                for problem in step.problems:
                    raise _wrong(self.file, problem)
                found[step.stage.index] = self._base(step.instruction, step)
        return found

    def _base(self, instruction: From, step: scope.Step) -> Source | None:
        assert step.base is not None
        name = step.base.image
        if name in self.contexts:
            return ContextSource(name)
        if step.base.parent is not None:
            return StageSource(step.base.parent)
        if name == SCRATCH:
            return None
        flag = instruction.flag("platform")
        platform = Words(step.scope.values, self.file.escape).flag(flag) if flag else ""
        return ImageSource(name, platform)

    def _target(self) -> int:
        wanted = self.given.stage.lower()
        if not wanted:
            return len(self.file.stages) - 1
        if wanted in self.names:
            return self.names[wanted]
        if wanted.isascii() and wanted.isdigit() and int(wanted[:6]) < len(self.file.stages):
            return int(wanted[:6])
        names = ", ".join(stage.name or str(stage.index) for stage in self.file.stages[:50])
        raise UsageError(f"there is no stage {self.given.stage!r}", hint=f"the stages are {names}")

    def _need(self, target: int) -> None:
        """Find out what the target needs, and what that needs; without recursion, for long chains."""
        pending = [target]
        while pending:
            index = pending.pop()
            if index in self.needs:
                continue
            self.needs[index] = needed = set()
            base = self.bases[index]
            if isinstance(base, StageSource):
                needed.add(base.index)
                # Triggers of a stage are known from the file; the base's own have been used by that stage.
                inherited = [
                    one.arguments.text
                    for one in self.file.stages[base.index].instructions
                    if isinstance(one, Onbuild)
                ]
                self.triggers[index] = self._triggered(inherited, index)
            else:
                looked_up = self._looked_up(base, index)
                self.environments[index] = looked_up.environment
                self.triggers[index] = self._triggered(looked_up.triggers, index)
            stage = self.file.stages[index]
            for instruction in (*self.triggers[index], *stage.instructions):
                for named in sources(instruction):
                    found = self.source(named, index, instruction)
                    if isinstance(found, StageSource):
                        needed.add(found.index)
            pending += needed

    def _looked_up(self, base: ImageSource | ContextSource | None, index: int) -> Base:
        if base is None:
            return Base()
        try:
            return self.look_up(base)
        except LadingError as error:
            place(error, self.file.stages[index].base.line)
            raise

    def source(self, named: str, index: int, instruction: Instruction) -> Source:
        """Return what `from=named` in a stage means."""
        return source(named, index, instruction, self.names, self.contexts)

    def _triggered(self, triggers: list[str] | tuple[str, ...], index: int) -> tuple[Instruction, ...]:
        """Return the instructions that a base has left for the build upon it."""
        if not triggers:
            return ()
        line = self.file.stages[index].base.line
        read = parse("FROM scratch\n" + "\n".join(triggers) + "\n")
        for problem in read.errors:
            raise MalformedError(f"the base image's ONBUILD: {problem.message}", f"line {line}")
        if len(read.stages) != 1:
            raise MalformedError("the base image's ONBUILD has a FROM", f"line {line}")
        return read.stages[0].instructions


def source(
    named: str, index: int, instruction: Instruction, names: Mapping[str, int], contexts: frozenset[str]
) -> Source:
    """Return what `from=named` in the stage `index` means: a context, a stage before it, or an image.

    names: indices of named stages. Raises `MalformedError` for a stage that comes later, or is this one.
    """
    if named in contexts:
        return ContextSource(named)
    at = names.get(named.lower(), -1)
    if at < 0 and named.isascii() and named.isdigit():
        at = int(named[:6])
    if at >= index:
        raise MalformedError(
            f"from={named[:80]} is no stage before this one",
            f"line {instruction.line}",
            "a stage can take files from earlier stages only",
        )
    return StageSource(at) if at >= 0 else ImageSource(named)


def place(error: LadingError, line: int) -> None:
    """Have an error begin with the line of the Dockerfile that it is about, if it does not yet."""
    if not error.where.startswith("line "):
        error.where = f"line {line}: {error.where}" if error.where else f"line {line}"


def _wrong(file: Dockerfile, problem: Problem) -> MalformedError:
    line, column = file.source.position(problem.span.start)
    return MalformedError(problem.message, f"line {line}, column {column}")
