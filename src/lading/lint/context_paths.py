"""The sources of COPY and ADD that are paths in the build context, and whether they are there."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from lading.dockerfile import dockerignore
from lading.dockerfile.dockerignore import Patterns
from lading.dockerfile.instruction import Add, Copy, Onbuild
from lading.dockerfile.wildcard import Wildcard, is_wildcard
from lading.dockerfile.words import Word
from lading.errors import LadingError, MalformedError
from lading.lint.subject import Subject

MAX_ENTRIES = 100_000
_REMOTE = ("http://", "https://", "git://", "ssh://", "git@")


def sources(subject: Subject) -> Iterator[tuple[Word, str]]:
    """Yield the words that name something in the context, with the path, relative to it, that they become."""
    for one in copies(subject):
        yield from of(subject, one)


def copies(subject: Subject) -> Iterator[Copy | Add]:
    """Yield what copies from the context; those inside ONBUILD copy from the one of another build."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    found: tuple[Copy | Add, ...] = (*subject.all(Copy), *subject.all(Add))
    yield from (one for one in found if id(one) not in inside)


def of(subject: Subject, one: Copy | Add) -> Iterator[tuple[Word, str]]:
    """Yield those words of one instruction, and what they become."""
    for at, word in enumerate(one.sources if one.flag("from") is None else ()):
        text = subject.expanded(word, one) if at not in one.inline else None
        if text and not text.startswith(_REMOTE):
            # Above its root a context has nothing; `..` there is dropped.
            path = posixpath.normpath("/" + text).lstrip("/")
            yield word, path or "."


def ignored(context: Path, dockerfile: str) -> Patterns:
    """Return the patterns of the ignore file that holds for a Dockerfile; none where it cannot be read."""
    path = dockerignore.find(context, dockerfile)
    try:
        data = path.read_bytes() if path else b""
        return dockerignore.parse(data, str(path))
    except (OSError, LadingError):
        return Patterns()


def exists(context: Path, path: str) -> bool | None:
    """Whether something in the context fits a path with `*` and `?`; None if that cannot be told."""
    if "\0" in path or "\\" in path:
        return None
    if is_wildcard(path):
        return _fits(context, path)
    try:
        return os.path.lexists(context / path)
    except (OSError, ValueError):
        return None


def _fits(context: Path, path: str) -> bool | None:
    """Whether anything fits; folders are entered as deep as the pattern goes, and no more."""
    pattern = Wildcard(path)
    literal: list[str] = []
    for part in path.split("/"):
        if is_wildcard(part):
            break
        literal.append(part)
    pending = [("/".join(literal), pattern.max_depth - len(literal))]
    seen = 0
    while pending:
        folder, depth = pending.pop()
        try:
            names = [entry.name for entry in os.scandir(context / folder)]
        except (OSError, ValueError):
            continue
        for name in names:
            seen += 1
            inside = f"{folder}/{name}" if folder else name
            try:
                if pattern.fits(inside):
                    return True
            except MalformedError:
                return None
            if depth > 0:
                pending.append((inside, depth - 1))
        if seen > MAX_ENTRIES:
            return None
    return False
