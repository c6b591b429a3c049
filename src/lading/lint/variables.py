"""The variables at each instruction, from one walk over the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.instruction import Arg, Env, Instruction, Onbuild
from lading.dockerfile.parse import Dockerfile, Stage
from lading.dockerfile.problem import Problem
from lading.dockerfile.scope import Base, walk
from lading.errors import LadingError

# Of all words together that rules ask for; values of a megabyte may be named a million times.
MAX_CHARACTERS = 2**24
_NO_BASE = Base("")


# For each name the steps at which it got a value, and the values.
_History = dict[str, tuple[list[int], list[str]]]


class _Known(Mapping[str, str]):
    """The values before one step; steps count from 0. history: name -> steps and values from there on."""

    def __init__(self, history: _History, step: int) -> None:
        self._history = history
        self._step = step

    def __getitem__(self, name: str) -> str:
        steps, values = self._history[name]
        at = bisect_right(steps, self._step)
        if not at:
            raise KeyError(name)
        return values[at - 1]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._history if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        steps = self._history.get(str(name), ([], []))[0]
        return bool(bisect_right(steps, self._step))


class Variables:
    """Variables of a file. problems: what is wrong with FROM, ARG and ENV, by place."""

    def __init__(self, file: Dockerfile) -> None:
        self._lexing = Lexing(escape=file.escape)
        self._left = MAX_CHARACTERS
        self._scopes: dict[int, _Known] = {}
        self._bases: dict[int, Base] = {}
        self.problems: list[Problem] = []
        # FROMs share one history, each stage has its own.
        common: _History = {}
        own: _History = {}
        stage: Stage | None = None
        changed: Iterable[str] | None = None
        for number, step in enumerate(walk(file)):
            self.problems += step.problems
            if step.stage is not None and step.instruction is step.stage.base:
                self._bases[step.stage.index] = step.base or _NO_BASE
                if stage is None:
                    _note(common, step.scope.values, number, changed)
                self._scopes[id(step.instruction)] = _Known(common, number)
                stage, own, changed = step.stage, {}, None
                continue
            history = common if stage is None else own
            _note(history, step.scope.values, number, changed)
            self._see(step.instruction, _Known(history, number))
            changed = _names(step.instruction, step.scope.values, self._lexing)

    def _see(self, instruction: Instruction, known: _Known) -> None:
        self._scopes[id(instruction)] = known
        if isinstance(instruction, Onbuild):
            self._scopes[id(instruction.inner)] = known

    def base(self, stage: Stage) -> Base:
        """Return what a stage is built upon."""
        return self._bases.get(stage.index, _NO_BASE)

    def at(self, instruction: Instruction) -> Mapping[str, str]:
        """Return the values that an instruction sees, without those from an image."""
        return self._scopes.get(id(instruction), {})

    def expanded(self, text: str, at: Instruction) -> str | None:
        """Return what `text` becomes there; None if that cannot be known."""
        if "$" not in text and "\\" not in text and '"' not in text and "'" not in text:
            return text
        if self._left <= 0:
            return None
        try:
            result = expand(text, self.at(at), self._lexing)
        except LadingError:
            return None
        self._left -= len(result.text)
        known = self._left > 0 and all(
            one.found or one.modifier[-1:] in {"-", "+"} for one in result.references
        )
        return result.text if known else None


def _names(instruction: Instruction, values: Mapping[str, str], lexing: Lexing) -> set[str]:
    """Return the names that an instruction may give a value."""
    if isinstance(instruction, Arg):
        return {one.name.value for one in instruction.definitions}
    found: set[str] = set()
    for pair in instruction.pairs if isinstance(instruction, Env) else ():
        found.add(pair.name.value)
        try:
            found.add(expand(pair.name.value, values, lexing).text)
        except LadingError:
            continue
    return found


def _note(history: _History, values: Mapping[str, str], step: int, changed: Iterable[str] | None) -> None:
    """Note the values of names that may have changed; of all that there are for None."""
    for name in values if changed is None else changed:
        value = values.get(name)
        if value is not None:
            steps, texts = history.setdefault(name, ([], []))
            steps.append(step)
            texts.append(value)
