"""What a layer gets when files are copied onto the tree of a stage, by the rules of Docker's COPY.

Nothing is read or written here: sources come as nodes with a way to open them, and what comes of them is the
items of a layer. What was placed before is seen by what is placed later, as if it lay in the file system.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import BinaryIO

import msgspec

from lading.build.content import Entry
from lading.build.mode_change import ModeChange
from lading.build.node import DIRECTORY, FILE, HARDLINK, LINK_MODE, SYMLINK, Changes, Item, Node, order
from lading.build.paths import join
from lading.build.tree import Tree
from lading.errors import MalformedError

_NEW = -2
_FOLDER_MODE = 0o755

Open = Callable[[], BinaryIO]


class Owned(msgspec.Struct, frozen=True):
    """What becomes of owner and mode. owner: uid and gid; None to keep them. time_ns: of what is made besides."""

    owner: tuple[int, int] | None = None
    mode: ModeChange | None = None
    time_ns: int = 0

    def node(self, node: Node, path: str) -> Node:
        """Return a node as it is at `path`."""
        uid, gid = self.owner or (node.uid, node.gid)
        mode = LINK_MODE if node.kind == SYMLINK else node.mode
        if self.mode is not None and node.kind != SYMLINK:
            mode = self.mode.apply(mode, is_folder=node.kind == DIRECTORY)
        return msgspec.structs.replace(node, path=path, uid=uid, gid=gid, mode=mode)

    def folder(self, path: str) -> Node:
        """Return a directory that no source has, but in which something is put."""
        uid, gid = self.owner or (0, 0)
        return Node(path=path, kind=DIRECTORY, mode=_FOLDER_MODE, uid=uid, gid=gid, mtime_ns=self.time_ns)


class Placing:
    """A tree, and what is placed on it. The tree that is handed in stays as it is."""

    def __init__(self, tree: Tree) -> None:
        self._below = tree
        self._tree = tree.copy()
        self._items: dict[str, Item] = {}
        self._twins: dict[str, Hashable] = {}
        self._replaced: set[str] = set()
        self._opaque: set[str] = set()

    def get(self, path: str) -> Node | None:
        """Return what is at `path` by now, symlinks not followed."""
        return self._tree.get(path)

    def resolve(self, path: str) -> str:
        """Return `path` with the symlinks that are there by now followed, those in the image only."""
        return self._tree.resolve(path)

    def is_new(self, path: str) -> bool:
        """Whether something has been placed at `path`."""
        return path in self._items

    def put(self, node: Node, open_: Open | None = None, twin: Hashable = None) -> None:
        """Place a node whose directory is there, in place of what is; a directory merges with a directory.

        twin: the same for those that are names of one file.
        """
        path = node.path
        known = self._tree.get(path)
        if known is not None and known.kind == DIRECTORY and node.kind != DIRECTORY:
            self._take_away(path)
        elif path in self._replaced and node.kind == DIRECTORY:
            # A directory of a lower layer was there, and then something else.
            self._opaque.add(path)
        self._tree.add(node, _NEW)
        self._items[path] = Item(node, open_)
        self._twins.pop(path, None)
        if twin is not None and node.kind == FILE:
            self._twins[path] = twin

    def folders(self, path: str, owned: Owned) -> None:
        """Make the directory `path`, which leads through no symlink, and those above it, where they are missing.

        Raises `MalformedError` where something else is in the way.
        """
        names = path.split("/") if path else []
        for count in range(1, len(names) + 1):
            step = "/".join(names[:count])
            known = self._tree.get(step)
            if known is None:
                self.put(owned.folder(step))
            elif known.kind != DIRECTORY:
                raise MalformedError(f"/{step} is no directory", hint=f"it is a {known.kind} in the image")

    def merge(self, entries: Iterable[tuple[Entry, bool]], target: str, source: Source, owned: Owned) -> None:
        """Place a directory, and what is in it, at `target`; or a single file.

        entries: as `selection.selected` gives them, first what is to be at `target`.
        A directory at `target` keeps its owner and mode; those in it get the source's.
        """
        for (path, node), is_way in entries:
            place = join(target, path) if path else target
            known = self._tree.get(place)
            if node.kind != DIRECTORY:
                if known is not None and known.kind == DIRECTORY:
                    raise MalformedError(
                        f"/{place} is a directory, and cannot be replaced by the {node.kind} {node.path}"
                    )
                self.put(owned.node(node, place), source.opener(node), source.twin(node))
            elif known is None:
                self.put(owned.node(node, place))
            elif known.kind != DIRECTORY:
                raise MalformedError(
                    f"/{place} is a {known.kind}, and cannot be replaced by the directory {node.path or '/'}"
                )
            elif not path:
                self._touch(known, node.mtime_ns)
            else:
                changed = owned.node(node, place)
                if is_way:
                    changed = msgspec.structs.replace(known, mode=node.mode)
                if changed != known:
                    self.put(changed)

    def _touch(self, known: Node, mtime_ns: int) -> None:
        """Give a directory that was just made the time of its source; one that is in the image keeps its own."""
        if known.path in self._items and self._below.get(known.path) is None:
            self.put(msgspec.structs.replace(known, mtime_ns=mtime_ns))

    def _take_away(self, path: str) -> None:
        """Forget what has been placed below `path`."""
        self._replaced |= {
            node.path
            for node in self._tree.walk(path)
            if node.kind == DIRECTORY and self._below.get(node.path)
        }
        for gone in [one for one in self._items if one.startswith(path + "/")]:
            del self._items[gone]
            self._twins.pop(gone, None)
            self._opaque.discard(gone)
        self._opaque.discard(path)

    def changes(self) -> Changes:
        """Return what has been placed as the changes of a layer."""
        first: dict[Hashable, str] = {}
        done = []
        for path in sorted(self._items, key=order):
            item = self._items[path]
            twin = self._twins.get(path)
            if twin is not None and (known := first.setdefault(twin, path)) != path:
                item = Item(msgspec.structs.replace(item.node, kind=HARDLINK, link=known, size=0))
            done.append(item)
        return Changes(items=tuple(done), opaque=tuple(sorted(self._opaque, key=order)))


class Source:
    """Where the content of nodes is. number: apart from other sources, even if they are the same files."""

    def __init__(
        self, open_: Callable[[str], BinaryIO], twin: Callable[[str], Hashable], number: int
    ) -> None:
        self._open = open_
        self._twin = twin
        self._number = number

    def opener(self, node: Node) -> Open | None:
        """Return how to open the content of a file; None for anything else."""
        return _Opener(self._open, node.path) if node.kind == FILE else None

    def twin(self, node: Node) -> Hashable:
        """Return what is the same for the names of one file; None if it has one only."""
        twin = self._twin(node.path) if node.kind == FILE else None
        return None if twin is None else (self._number, twin)


class _Opener:
    """A path to be opened: lighter than a closure, for there may be a million of them."""

    __slots__ = ("_open", "_path")

    def __init__(self, open_: Callable[[str], BinaryIO], path: str) -> None:
        self._open = open_
        self._path = path

    def __call__(self) -> BinaryIO:
        return self._open(self._path)
