"""Stages whose image lacks what it should carry, such as a label."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lading.dockerfile.parse import Stage
from lading.lint import taken_from
from lading.lint.subject import Subject


def givers(subject: Subject) -> frozenset[int]:
    """Return the indices of the stages that others take files from: these need not be images themselves."""
    names = taken_from.names(subject)
    found: set[int] = set()
    for stage in subject.stages:
        found |= (taken_from.stages(subject, stage, names) or set()) - {stage.index}
    return frozenset(found)


def stages(subject: Subject, carriers: Collection[int], givers: Collection[int]) -> Iterator[Stage]:
    """Yield the stages that lack what `carriers`, indices of stages, have by instructions of their own.

    A stage has what the one that it is built upon has. Left out are those that are there for others: `givers`,
    and what carriers and givers are built upon.
    """
    parents = [subject.parent(stage) for stage in subject.stages]
    serves = {*carriers, *givers}
    for stage in reversed(subject.stages):  # a stage comes after what it is built upon
        parent = parents[stage.index]
        if parent and stage.index in serves:
            serves.add(parent.index)
    has = set(carriers)
    for stage, parent in zip(subject.stages, parents, strict=True):
        if parent and parent.index in has:
            has.add(stage.index)
        if stage.index not in has and stage.index not in serves:
            yield stage
