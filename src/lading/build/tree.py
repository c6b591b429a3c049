"""The root file system as layers make it: nodes by path, applied layer for layer.

A layer is applied as containerd does it on the merged tree: the directory of each entry is looked up through
the symlinks that are there by then, a directory that exists is kept and takes the entry's metadata,
anything else that exists is replaced. Paths in the tree lead through directories only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from lading.build.layer_index import MAX_PATH_BYTES, LayerIndex, implied
from lading.build.node import DIRECTORY, HARDLINK, SYMLINK, Node
from lading.build.paths import join, resolve
from lading.errors import LimitError, MalformedError

# Names in the targets of symlinks that were followed, all in all: more is a trap made of links.
_MAX_FOLLOWED = 2**25
NO_LAYER = -1


class Tree:
    """Nodes by path. Of hard links each is a file of its own here; `names` tells which are one."""

    __slots__ = ("_below", "_followed", "_names", "_nodes", "_origin")

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {"": implied("")}
        self._origin: dict[str, int] = {}
        self._below: dict[str, dict[str, None]] = {"": {}}  # names in each directory
        self._names: dict[str, set[str]] = {}  # of a file with several names: the set that they share
        self._followed = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, path: str) -> Node | None:
        """Return what is at `path`, symlinks not followed; None if nothing is. "" is the root."""
        return self._nodes.get(path)

    def children(self, path: str) -> list[str]:
        """Return the names in the directory `path`, sorted by bytes; none if it is no directory."""
        return sorted(self._below.get(path, ()), key=_bytes)

    def walk(self, path: str = "") -> Iterator[Node]:
        """Yield what is at `path` and all below it, sorted by `node.order`."""
        todo = [path] if path in self._nodes else []
        while todo:
            path = todo.pop()
            yield self._nodes[path]
            if path in self._below:
                todo += [join(path, name) for name in reversed(self.children(path))]

    def origin(self, path: str) -> int:
        """Return the number of the layer whose entry is at `path`, `NO_LAYER` if it is in none.

        The content of a file is in that layer, under this path.
        """
        return self._origin.get(path, NO_LAYER)

    def names(self, path: str) -> list[str]:
        """Return all paths of the file at `path`, sorted: more than one for hard links of one layer."""
        return sorted(self._names.get(path, (path,)), key=_bytes)

    def copy(self) -> Self:
        """Return a tree that is the same now and independent of this one."""
        copies = {id(names): names.copy() for names in self._names.values()}
        parts = {
            "_nodes": self._nodes.copy(),
            "_origin": self._origin.copy(),
            "_below": {path: names.copy() for path, names in self._below.items()},
            "_names": {path: copies[id(names)] for path, names in self._names.items()},
        }
        other = type(self)()
        for name, part in parts.items():
            setattr(other, name, part)
        return other

    def resolve(self, path: str, *, follow_last: bool = True) -> str:
        """Return `path` with the symlinks in it followed, as `paths.resolve` does.

        Raises what it raises, and `LimitError` for a tree that is a trap made of symlinks.
        """
        if path in self._nodes and not (follow_last and self._nodes[path].kind == SYMLINK):
            return path
        return resolve(self._nodes.get, path, follow_last=follow_last, followed=self._follow)

    def _follow(self, names: int) -> None:
        self._followed += names
        if self._followed > _MAX_FOLLOWED:
            raise LimitError(f"symlinks lead through over {_MAX_FOLLOWED} names")

    def place(self, path: str) -> str:
        """Return where an entry with this path goes: links in its directory followed, itself not.

        Raises `MalformedError` for more than forty symlinks.
        """
        folder, _, name = path.rpartition("/")
        known = self._nodes.get(folder)
        if known is None or known.kind != DIRECTORY:
            folder = self.resolve(folder)
        return join(folder, name)

    def apply(self, index: LayerIndex, number: int) -> None:
        """Lay a layer over the tree, entry by entry.

        number: what `origin` says of them. Raises what `add` raises; the tree is then of no use.
        """
        for entry in index.entries:
            if isinstance(entry, Node):
                self.add(entry, number)
            elif entry.opaque:
                self.hide(entry.path, number)
            else:
                self.whiteout(entry.path, number)

    def whiteout(self, path: str, number: int) -> list[str]:
        """Remove `path` and what is below it, as far as it is not from layer `number`.

        Return the paths that are gone, each standing for all below it; nothing need have been there.
        """
        place = self.place(path)
        return self._hide(place, number) if place and place in self._nodes else []

    def hide(self, path: str, number: int) -> list[str]:
        """Remove what is in the directory `path`, as far as it is not from layer `number`.

        Return the paths that are gone, as `whiteout` does.
        """
        place = self.resolve(path)
        names = list(self._below.get(place, ()))
        return [gone for name in names for gone in self._hide(join(place, name), number)]

    def add(self, node: Node, number: int) -> Node:
        """Put an entry of layer `number` in its place; return it as it is in the tree.

        Directories on the way that are missing are made. What `link` of a hard link names is what the
        tree has by then. Raises `MalformedError` for an entry below what is no directory, a hard link to
        what is no file, or a root that is no directory.
        """
        if not node.path:
            return self._root(node, number)
        folder, _, name = node.path.rpartition("/")
        folder = self._folder(folder, number)
        path = join(folder, name)
        if len(path) > MAX_PATH_BYTES:
            raise MalformedError(
                f"through symlinks the path of {node.path[:60]!r}... is longer than Linux takes"
            )
        known = self._nodes.get(path)
        if known is not None and not (known.kind == node.kind == DIRECTORY):
            self._drop(path)
        if node.kind == HARDLINK:
            node = self._linked(node, path, number)
        elif path != node.path:
            node = msgspec.structs.replace(node, path=path)
        self._nodes[path] = node
        self._origin[path] = number
        self._below[folder][name] = None
        if node.kind == DIRECTORY:
            self._below.setdefault(path, {})
        return node

    def _root(self, node: Node, number: int) -> Node:
        if node.kind != DIRECTORY:
            raise MalformedError("the root is no directory")
        self._nodes[""] = node
        self._origin[""] = number
        return node

    def _folder(self, path: str, number: int) -> str:
        """Return the real path of a directory, made with those above it if it is missing."""
        known = self._nodes.get(path)
        if known is not None and known.kind == DIRECTORY:
            return path
        real = self.resolve(path)
        names = real.split("/")
        for count in range(1, len(names) + 1):
            step = "/".join(names[:count])
            known = self._nodes.get(step)
            if known is None:
                self.add(implied(step), number)
            elif known.kind != DIRECTORY:
                raise MalformedError(f"an entry lies in {path!r}, but {step!r} is no directory")
        return real

    def _linked(self, node: Node, path: str, number: int) -> Node:
        target = self.place(node.link)
        file = self._nodes.get(target)
        if file is None or file.kind == DIRECTORY:
            what = "a directory" if file else "a file that is not there"
            raise MalformedError(f"{node.path!r} is a hard link to {what}: {node.link!r}")
        if self._origin.get(target) == number:  # of another layer it becomes a copy
            names = self._names.setdefault(target, {target})
            names.add(path)
            self._names[path] = names
        return msgspec.structs.replace(file, path=path)

    def _hide(self, path: str, number: int) -> list[str]:
        doomed = [node.path for node in self.walk(path)]
        kept: set[str] = set()
        for one in reversed(doomed):
            if one in kept or self._origin.get(one) == number:
                kept.update((one, one.rpartition("/")[0]))
        gone = [one for one in doomed if one not in kept and (one == path or one.rpartition("/")[0] in kept)]
        for one in gone:
            self._drop(one)
        return gone

    def _drop(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self._below[folder].pop(name, None)
        todo = [path]
        while todo:
            path = todo.pop()
            del self._nodes[path]
            self._origin.pop(path, None)
            if path in self._below:
                todo += [join(path, name) for name in self._below.pop(path)]
            names = self._names.pop(path, None)
            if names is not None:
                names.discard(path)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
