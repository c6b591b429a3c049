"""Instructions of which a stage has one, the last: CMD, ENTRYPOINT, HEALTHCHECK."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import From, Instruction
from lading.dockerfile.source import Span
from lading.lint.rule import Fix, Found
from lading.lint.subject import Subject


def by_another(subject: Subject, kind: type[Instruction]) -> Iterator[Found]:
    """Yield each instruction of a kind that stands after another one in its stage; the fix takes out the other."""
    before: Instruction | None = None
    for one in subject.file.instructions:
        if isinstance(one, From):
            before = None
        elif isinstance(one, kind):
            if before is not None:
                message = f"only the last {one.name} of a stage counts: leave one of them"
                yield Found(one.keyword.span, message, _without(subject, before))
            before = one


def _without(subject: Subject, one: Instruction) -> Fix | None:
    """Return the fix that takes the lines of an instruction out; None if comments above would be left alone."""
    if one.comments:
        return None
    text = subject.file.source.text
    start = text.rfind("\n", 0, one.span.start) + 1
    end = text.find("\n", one.span.end) + 1
    edit = Edit(Span(start, end), "")
    # What stood apart may now be neighbours.
    return (
        Fix(f"Take out the {one.name} that does not count", (edit,), safe=True, reveals=True) if end else None
    )
