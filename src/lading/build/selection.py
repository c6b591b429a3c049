"""Which files the sources of COPY and ADD mean, in the order in which they are copied.

Docker's rules: `..` ends at the root, symlinks in a source are followed within it, `*`, `?` and `[a-z]` are those of
`wildcard`, and what they fit may be nothing. With `--parents` a source is a pattern as in `.dockerignore`,
behind the part up to `/./`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lading.build import paths
from lading.build.content import Entry
from lading.build.files import Files, missing
from lading.build.node import DIRECTORY, Node
from lading.build.paths import join
from lading.dockerfile import dockerignore
from lading.dockerfile.dockerignore import Inherited, Patterns
from lading.dockerfile.wildcard import Wildcard, is_wildcard
from lading.errors import MalformedError

_PIVOT = "/./"


class Pick(msgspec.Struct, frozen=True):
    """A file, or a directory of which the content counts. path: where it is. name: what the source calls it.

    include, exclude: patterns for what is in a directory, relative to it; None for all, and for nothing.
    """

    path: str
    name: str
    node: Node
    include: Patterns | None = None
    exclude: Patterns | None = None


def picks(files: Files, source: str, exclude: Patterns | None, *, parents: bool) -> list[Pick]:
    """Return what a source means; nothing if it is a wildcard that nothing fits.

    Raises `MalformedError` for what is no pattern, `UnavailableError` for what is not there.
    """
    if not source:
        raise MalformedError("a source is empty", hint="write . for all there is")
    include = None
    if parents:
        source, include = _behind_pivot(files, source)
    written = paths.clean(source)
    found = _fitting(files, written) if is_wildcard(written) else [written]
    return [_pick(files, path, include, exclude) for path in found]


def _pick(files: Files, written: str, include: Patterns | None, exclude: Patterns | None) -> Pick:
    path = paths.resolve(files.get, written)
    node = files.get(path)
    if node is None:
        raise missing(files, path)
    return Pick(path, written.rpartition("/")[2], node, include, exclude)


def _behind_pivot(files: Files, source: str) -> tuple[str, Patterns | None]:
    """Return where a source with `--parents` begins, and the pattern behind it."""
    start, pivot, pattern = source.partition(_PIVOT)
    if not pivot:
        start, pattern = "/", source
    pattern = paths.clean(pattern)
    if not pattern:
        return start, None
    if not is_wildcard(source):
        whole = paths.resolve(files.get, join(paths.clean(start), pattern))
        if files.get(whole) is None:
            raise missing(files, whole)
    return start, dockerignore.patterns((pattern,))


def _fitting(files: Files, written: str) -> list[str]:
    """Return the paths that a wildcard fits, sorted; what is in a directory that fits is not looked at."""
    names = written.split("/")
    plain = next(number for number, name in enumerate(names) if is_wildcard(name))
    base = "/".join(names[:plain])
    root = paths.resolve(files.get, base)
    if files.get(root) is None:
        raise missing(files, root)
    wildcard = Wildcard("/".join(names[plain:]))
    wildcard.fits("")  # a pattern that is broken at its start is told even if there is nothing to compare
    found = []
    pending = [("", node) for node in reversed(files.children(root))]
    while pending:
        above, node = pending.pop()
        path = join(above, node.path.rpartition("/")[2])
        if wildcard.fits(path):
            found.append(join(base, path))
        elif node.kind == DIRECTORY and path.count("/") < wildcard.max_depth:
            pending += [(path, below) for below in reversed(files.children(node.path))]
    return found


class _Folder(msgspec.Struct):
    """A directory on the way. is_done: whether it has been yielded."""

    path: str
    node: Node
    left: list[Node]
    include: Inherited
    exclude: Inherited
    is_done: bool


def selected(files: Files, pick: Pick) -> Iterator[tuple[Entry, bool]]:
    """Yield what a pick means, as "" and below, in the order of `node.order`; parents come first.

    The second of each pair: whether it is a directory that comes only since something in it is meant.
    """
    yield ("", pick.node), False
    if pick.node.kind != DIRECTORY:
        return
    way = [_folder(files, "", pick.node, (), (), is_done=True)]
    while way:
        folder = way[-1]
        if not folder.left:
            way.pop()
            continue
        node = folder.left.pop()
        path = join(folder.path, node.path.rpartition("/")[2])
        is_in, include = pick.include.below(path, folder.include) if pick.include else (True, ())
        is_out, exclude = pick.exclude.below(path, folder.exclude) if pick.exclude else (False, ())
        is_meant = is_in and not is_out
        if is_meant:
            yield from _way(way)
            yield (path, node), False
        if node.kind == DIRECTORY and _may_have(pick, path, is_in=is_in, is_out=is_out):
            way.append(_folder(files, path, node, include, exclude, is_done=is_meant))


def _folder(
    files: Files, path: str, node: Node, include: Inherited, exclude: Inherited, *, is_done: bool
) -> _Folder:
    return _Folder(path, node, list(reversed(files.children(node.path))), include, exclude, is_done)


def _way(way: list[_Folder]) -> Iterator[tuple[Entry, bool]]:
    for folder in way:
        if not folder.is_done:
            folder.is_done = True
            yield (folder.path, folder.node), True


def _may_have(pick: Pick, path: str, *, is_in: bool, is_out: bool) -> bool:
    """Whether anything in a directory might be meant."""
    if is_out and not (pick.exclude and pick.exclude.lets_in_below(path)):
        return False
    return is_in or pick.include is None or pick.include.reaches_below(path)
