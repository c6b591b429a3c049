"""The images that stages are built upon, as their names say it."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import From
from lading.dockerfile.scope import SCRATCH
from lading.lint.rule import Fix, Found
from lading.lint.subject import Subject
from lading.record import Record


class BaseImage(Record):
    """The image of a FROM. shown: as written. name, tag, digest: variables replaced where they are known.

    literal: there is no variable in it.
    """

    instruction: From
    shown: str
    name: str
    tag: str
    digest: str
    literal: bool


def bases(subject: Subject) -> Iterator[BaseImage]:
    """Yield the images that stages are built upon: no other stages, not `scratch`, none that a variable hides."""
    for stage in subject.stages:
        written = stage.base.image.value
        text = subject.expanded(stage.base.image, stage.base)
        if text is None:
            text = written
            # The tag may be in the variable, but for what follows a name.
            if written.startswith("$") and ":" not in written.rpartition("}")[2]:
                continue
        if text and text != SCRATCH and subject.parent(stage) is None:
            yield _split(stage.base, text)


def _split(instruction: From, text: str) -> BaseImage:
    name, _, digest = text.partition("@")
    start = name.rfind("/") + 1
    last, _, tag = name[start:].partition(":")
    written = instruction.image.value
    return BaseImage(instruction, written[:120], name[:start] + last, tag, digest, literal=written == text)


def unpinned(subject: Subject, one: BaseImage, message: str) -> Found:
    """Return the finding of an image that is to be pinned, by the digest that its registry has for it now.

    Where a tag that is a version has that digest, the fix names it too: it tells people what they have, and services
    what to look for.
    """
    span = one.instruction.image.span
    if not one.literal:
        return Found(span, message)
    reference = f"{one.name}:{one.tag or 'latest'}"
    digest = subject.pins("image", (reference,)).get(reference)
    if digest is None:
        return Found(span, message, could_fix=True)
    version = subject.pins("tag", (reference,)).get(reference, "")
    better = f"{one.name}:{version}"
    if version and subject.pins("image", (better,)).get(better) == digest:
        reference = better
    pinned = f"{reference}@{digest}"
    return Found(span, message, Fix(f"Pin {pinned}", (Edit(span, pinned),), safe=True))
