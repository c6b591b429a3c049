"""What a build tells while it goes on, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Begun(msgspec.Struct, frozen=True, tag=True):
    """A step has begun. step: its number in its stage, from 1, of `total`; 0 for the base. line: in the Dockerfile."""

    stage: str
    step: int
    total: int
    line: int
    text: str


class Output(msgspec.Struct, frozen=True, tag=True):
    """What a command printed: whole lines, as it wrote them, but for what no UTF-8 is."""

    stage: str
    step: int
    text: str


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A step has ended. cached: it was known. seconds: it took. size: of its layer as stored; -1 for none."""

    stage: str
    step: int
    cached: bool
    seconds: float
    size: int = -1


class Told(msgspec.Struct, frozen=True, tag=True):
    """Something that is worth a line: a warning, or what comes behind the steps."""

    text: str
    warning: bool = False


Event = Begun | Output | Ended | Told
Tell = Callable[[Event], None]


def changed(what: str, line: int) -> Told:
    """Return what is told of a step that has read something which was changed meanwhile."""
    return Told(
        f"line {line}: {what} was changed during the build: the next one does this step again", warning=True
    )
