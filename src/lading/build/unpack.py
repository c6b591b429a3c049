"""Layers on disk: each as a directory for an overlay, or all as one root file system where there is none.

Where an entry goes is decided by a `Tree`, as it is for an image that is never unpacked; the disk is then written
through `Disk`, which follows no symlink. In the form for an overlay, what a layer takes away from those below
is a whiteout for every path that is gone: no mark that a directory is opaque is needed, and so none of the
attributes that only some users may set on some file systems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.build.beneath import Beneath
from lading.build.disk import DEVICE, Content, Disk, Lost, remove
from lading.build.layer_index import Gathered, LayerIndex, Whiteout, entry_of
from lading.build.node import DIRECTORY, FILE, HARDLINK, Node
from lading.build.tree import Tree
from lading.errors import MalformedError
from lading.oci import tar
from lading.oci.beside import writing
from lading.oci.source import ByteSource

__all__ = ["Unpacked", "flat", "layer", "prepare", "remove"]

_PIECE = 2**20

Lower = Callable[[str], BinaryIO]


class Unpacked(msgspec.Struct, frozen=True):
    """A layer that is on disk.

    index: what is in it, exact where the disk is not. lost: what could not be made here: an owner that has
    no place in the user namespace, a device that the user may not make, an attribute.
    """

    index: LayerIndex
    lost: tuple[Lost, ...]


def layer(
    chunks: Iterator[bytes], target: Path, before: Tree, lowers: Sequence[Path], *, where: str = "layer"
) -> Unpacked:
    """Unpack a layer into a directory that serves as one of an overlay's lower directories.

    chunks: its tar, read to the end. target: an empty directory; when this raises, what is in it is of no
    use. before: the tree of the layers below, which is left as it is. lowers: the directories of these
    layers by their numbers in `before`; read for hard links that lead there. where: its name for errors.

    Directories that the layer only goes through get what `before` says of them. Raises `MalformedError` or
    `LimitError` for a layer that cannot be applied to `before`, `UnavailableError` or `DeniedError` where it
    cannot be written, and what `chunks` raises.
    """
    tree = before.copy()

    def lower(path: str) -> BinaryIO:
        return Beneath(lowers[before.origin(path)]).open(path)

    with writing(target):
        disk = Disk(target)
        index = _Unpacking(disk, tree, len(lowers), lower).run(chunks, where, removes=False)
        missing = [lost.path for lost in disk.lost if lost.what == DEVICE and before.get(lost.path)]
        for path in (*_gone(before, tree), *missing):
            disk.whiteout(path)
        disk.finish(tree.get)
    return Unpacked(index, tuple(disk.lost))


def flat(
    layers: Iterable[tuple[Iterator[bytes], str]], target: Path, before: Tree | None = None, number: int = 0
) -> tuple[Unpacked, ...]:
    """Unpack layers, lowest first, into one directory, each over those before it.

    layers: the tar of each, and its name for errors. target: an empty directory, or one that holds
    `before`. number: of the first layer. Raises as `layer` does.
    """
    tree = before.copy() if before else Tree()
    found = []
    with writing(target):
        disk = Disk(target)
        for at, (chunks, where) in enumerate(layers, number):
            index = _Unpacking(disk, tree, at, disk.open).run(chunks, where, removes=True)
            found.append(Unpacked(index, tuple(disk.lost)))
            disk.lost.clear()
        disk.finish(tree.get)
        if found and disk.lost:
            found[-1] = Unpacked(found[-1].index, (*found[-1].lost, *disk.lost))
    return tuple(found)


def prepare(upper: Path, before: Tree) -> None:
    """Give the upper directory of an overlay, an empty one, what the root of the layers below has.

    Raises `UnavailableError` or `DeniedError` where that cannot be done.
    """
    with writing(upper):
        disk = Disk(upper)
        disk.finish(before.get)


class _Unpacking:
    """One layer on its way to the disk; `tree` becomes what the layers are with it."""

    def __init__(self, disk: Disk, tree: Tree, number: int, lower: Lower) -> None:
        self._disk = disk
        self._tree = tree
        self._number = number
        self._lower = lower

    def run(self, chunks: Iterator[bytes], where: str, *, removes: bool) -> LayerIndex:
        """Unpack. removes: whether what a whiteout takes away is on this disk."""
        source = ByteSource(chunks)
        gathered = Gathered(where)
        for member in tar.members(source, where):
            entry = entry_of(member, where)
            if entry is None:
                continue
            gathered.take(entry)
            if isinstance(entry, Node):
                self._put(entry, member, source, where)
            else:
                self._hide(entry, removes=removes)
        source.drain()
        return gathered.index()

    def _hide(self, entry: Whiteout, *, removes: bool) -> None:
        hide = self._tree.hide if entry.opaque else self._tree.whiteout
        for path in hide(entry.path, self._number):
            if removes:
                self._disk.remove(path)

    def _put(self, entry: Node, member: tar.Member, source: ByteSource, where: str) -> None:
        node = self._tree.add(entry, self._number)
        if entry.kind != HARDLINK:
            self._disk.put(node, _content(member, source, where) if entry.kind == FILE else ())
            return
        target = self._tree.place(entry.link)
        if self._tree.origin(target) == self._number:
            self._disk.link(target, node.path)
        elif node.kind != FILE:
            self._disk.put(node)
        else:
            with self._lower(target) as file:
                self._disk.put(node, _copied(file))


def _gone(before: Tree, tree: Tree) -> list[str]:
    """Return the paths that `before` has and `tree` has not, each standing for all below it.

    What lies below something that is no directory any more is hidden by that.
    """
    gone = []
    for node in before.walk():
        if tree.get(node.path) is None:
            above = tree.get(node.path.rpartition("/")[0])
            if above is not None and above.kind == DIRECTORY:
                gone.append(node.path)
    return gone


def _content(member: tar.Member, source: ByteSource, where: str) -> Content:
    """Yield the content of the member at hand with its places in the file."""
    for offset, length in member.pieces if member.pieces is not None else ((0, member.stored),):
        at, end = offset, offset + length
        while at < end:
            piece = source.read(min(end - at, _PIECE))
            if not piece:
                raise MalformedError(f"the archive ends within {member.path!r}", where)
            yield at, piece
            at += len(piece)


def _copied(file: BinaryIO) -> Content:
    at = 0
    while piece := file.read(_PIECE):
        yield at, piece
        at += len(piece)
