"""What stages take from others: files, by `COPY --from` and `RUN --mount=from=`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lading.dockerfile.instruction import Copy, Flag, Instruction, Onbuild, Run
from lading.dockerfile.parse import Stage
from lading.lint import mount
from lading.lint.subject import Subject

# No file has a million stages.
_DIGITS = 6


def names(subject: Subject) -> dict[str, int]:
    """Return name -> index of all stages that have a name; of two with one name it is the first."""
    return {stage.name: stage.index for stage in reversed(subject.stages) if stage.name}


def stages(subject: Subject, stage: Stage, known: Mapping[str, int]) -> set[int] | None:
    """Return the indices of the stages that this one, and what its ONBUILDs start, takes files from.

    known: what `names` gave. None if that hangs on a variable.
    """
    found: set[int] = set()
    for outer in stage.instructions:
        for _, text in sources(outer.inner if isinstance(outer, Onbuild) else outer):
            if "$" in text:
                return None
            index = stage_named(subject, text, known)
            if index is not None:
                found.add(index)
    return found


def sources(one: Instruction) -> Iterator[tuple[Flag, str]]:
    """Yield what an instruction takes files from, other than the context, as it is written; with the flag."""
    if isinstance(one, Copy):
        flag = one.flag("from")
        if flag and flag.value:
            yield flag, flag.value
    elif isinstance(one, Run):
        for flag, mounted in mount.all_of(one):
            if source := mounted.options.get("from"):
                yield flag, source


def stage_named(subject: Subject, text: str, known: Mapping[str, int]) -> int | None:
    """Return the index of the stage that a `from` means, by name or number; None for an image."""
    if text.lower() in known:
        return known[text.lower()]
    if len(text) <= _DIGITS and text.isascii() and text.isdecimal() and int(text) < len(subject.stages):
        return int(text)
    return None
