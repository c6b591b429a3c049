"""What `COPY --from` names."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Copy, Flag
from lading.dockerfile.parse import Stage
from lading.lint.subject import Subject
from lading.record import Record


class CopiedFrom(Record):
    """A `COPY --from`. stage: the COPY is in. flag, name: the flag, and its value in lower case."""

    stage: Stage
    flag: Flag
    name: str


def all_of(subject: Subject) -> Iterator[CopiedFrom]:
    """Yield every `COPY --from` in order, those of ONBUILD left out: they run in another file."""
    for stage in subject.stages:
        for one in stage.instructions:
            flag = one.flag("from") if isinstance(one, Copy) else None
            if flag is not None and flag.value:
                yield CopiedFrom(stage, flag, flag.value.lower())
