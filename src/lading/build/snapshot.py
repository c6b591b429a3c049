"""What a command has changed: the files that it left, compared with those of before, become changes of a layer.

Two forms: the upper directory of an overlay, which holds what was touched, and one directory with all
files, of which a stamp of each was taken before. Both give the same layer: what was removed comes as
whiteouts, and nothing as opaque; what was only touched, and is as it was, is left out.

What is on disk may fall short of the image: an owner may have no place in a user namespace, a tar has no
parts of a second. So a file is not compared with what the layers say of it but with the one on disk that
it was, and what is alike there is taken to be as the layers say.
Overlay's own marks: https://docs.kernel.org/filesystems/overlayfs.html, "whiteouts and opaque directories".
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec

from lading.build.beneath import KINDS, Beneath
from lading.build.layer_index import MAX_PATH_BYTES
from lading.build.node import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FILE,
    HARDLINK,
    LINK_MODE,
    SYMLINK,
    Changes,
    Item,
    Node,
    order,
    sorted_items,
)
from lading.build.paths import join
from lading.build.tree import NO_LAYER, Tree
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from lading.oci.walk import MAX_ENTRIES
from lading.oci.whiteout import OPAQUE, PREFIX

_OPAQUE_NAMES = ("trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque")
# Where a removed file is marked so because no device can be made.
_WHITEOUT_NAMES = ("trusted.overlay.whiteout", "user.overlay.whiteout")
# Marks of renames by reference and of copies without content: of a mount that was asked for neither.
_PARTIAL_NAMES = (
    "trusted.overlay.redirect", "trusted.overlay.metacopy", "user.overlay.redirect", "user.overlay.metacopy"
)  # fmt: skip
_PIECE = 2**18
_CLOCK = 5  # CLOCK_REALTIME_COARSE of Linux, by which files are dated (clock_gettime(2)); Python has no name for it
_TICK_S = 0.01  # its longest tick
_MAX_TICKS = 40  # more than one has to pass only where a file is from the future


class Seen(msgspec.Struct, frozen=True):
    """What the disk says of a file. kind: as of a node; empty for what no layer can hold (sockets)."""

    kind: str
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    size: int
    device: tuple[int, int]
    xattrs: tuple[tuple[str, bytes], ...]
    inode: int
    ctime_ns: int


Stamps = Mapping[str, Seen]
"""What was seen of each file, by path."""


def from_upper(upper: Path, before: Tree, lowers: Sequence[Path]) -> Changes:
    """Return what the upper directory of an overlay says was changed.

    before: the tree of the layers below it. lowers: their directories, by their numbers in `before`.
    The content is read from `upper` when the items are opened.
    Raises `UnavailableError` or `DeniedError` where something cannot be read, `MalformedError` for a path
    that no layer can hold and for marks of an overlay that was mounted otherwise, `LimitError` for too
    many files.
    """
    with _reading(upper):
        beneath = Beneath(upper)
        lower = _Lower(before, lowers)
        found = _Found(beneath, before)
        todo = [("", False)]
        while todo:
            folder, hides = todo.pop()
            kept, opaque = _left_in(beneath, folder, found)
            hides = hides or opaque
            for path, seen in kept.items():
                found.take(path, seen, lower.seen(path), lower)
                if seen.kind == DIRECTORY:
                    todo.append((path, hides))
            if hides:
                for name in before.children(folder):
                    if join(folder, name) not in kept:
                        found.remove(join(folder, name))
        found.take_root(lower.seen(""))
        return found.changes()


def stamps(root: Path) -> Stamps:
    """Return what is seen of each file below a directory, which nobody changes meanwhile.

    When it returns, the clock by which files are dated has gone on: a change from now on shows.
    Raises as `from_upper`.
    """
    with _reading(root):
        found = dict(_walk(Beneath(root)))
    newest = max(seen.ctime_ns for seen in found.values())
    for _ in range(_MAX_TICKS):
        if time.clock_gettime_ns(_CLOCK) > newest:
            break
        time.sleep(_TICK_S / 4)
    return found


def compare(root: Path, before: Tree, earlier: Stamps, moved: Collection[str] = ()) -> Changes:
    """Return what was changed below a directory that holds all files.

    before: their tree. earlier: their stamps, all of an earlier tick of the clock than any change. moved: files
    that were moved away and back, which alone is no change. Content is taken to be as it was where neither
    it nor anything about the file was touched. Raises as `from_upper`.
    """
    with _reading(root):
        beneath = Beneath(root)
        found = _Found(beneath, before)
        there: dict[str, str] = {}
        for path, seen in _walk(beneath):
            there[path] = seen.kind
            known = earlier.get(path)
            if path and not _untouched(seen, known, moved=path in moved):
                found.take(path, seen, known, None)
        for node in before.walk():
            # What could not be made here, such as a device, was not removed either.
            gone = node.path in earlier and node.path not in there
            if gone and there.get(node.path.rpartition("/")[0]) == DIRECTORY:
                found.remove(node.path)
        found.take_root(earlier.get(""))
        return found.changes()


class _Lower:
    """The files that the layers have, on disk."""

    def __init__(self, before: Tree, lowers: Sequence[Path]) -> None:
        self._before = before
        self._lowers = lowers
        self._known: dict[int, Beneath] = {}

    def seen(self, path: str) -> Seen | None:
        """Return what is seen of the file that was at `path`; None where there was none, or it was lost."""
        number = self._number(path)
        if number == NO_LAYER:
            return None
        try:
            return _seen(self._opened(number), path)
        except FileNotFoundError:
            return None

    def has_content(self, path: str, beneath: Beneath) -> bool:
        """Whether the file at `path` has the same content as the one of `beneath`, of the same size."""
        with self._opened(self._number(path)).open(path) as was, beneath.open(path) as now:
            while piece := was.read(_PIECE):
                if piece != now.read(len(piece)):
                    return False
            return not now.read(1)

    def _number(self, path: str) -> int:
        if self._before.get(path) is None:
            return NO_LAYER
        # The root of the highest layer stands for all: each has what the image's has.
        return self._before.origin(path) if path else len(self._lowers) - 1

    def _opened(self, number: int) -> Beneath:
        if number not in self._known:
            self._known[number] = Beneath(self._lowers[number])
        return self._known[number]


class _Found:
    """The changes as they are found."""

    def __init__(self, beneath: Beneath, before: Tree) -> None:
        self._beneath = beneath
        self._before = before
        self._nodes: dict[str, Node] = {}
        self._same: dict[str, Node] = {}  # files that are as they were, but may have got another name
        self._whiteouts: set[str] = set()
        self._inodes: dict[int, list[str]] = {}
        self._count = 0

    def was(self, path: str) -> bool:
        """Whether there was anything at `path` before."""
        return self._before.get(path) is not None

    def remove(self, path: str) -> None:
        """Note that `path` is gone, if it was there."""
        if self.was(path):
            self._whiteouts.add(path)

    def take(self, path: str, seen: Seen, known: Seen | None, lower: _Lower | None) -> None:
        """Note what is at `path`.

        known: what was seen there before. lower: where the content was; None if it is taken to have changed.
        """
        self._count += 1
        if self._count > MAX_ENTRIES:
            raise LimitError(f"a command changed over {MAX_ENTRIES} files")
        if len(os.fsencode(path)) > MAX_PATH_BYTES:
            raise MalformedError(f"a command made a path that is too long for a layer: {path[:200]!r}...")
        if not seen.kind:
            self.remove(path)
            return
        node = self._node(path, seen, known)
        was = self._before.get(path)
        if seen.kind != DIRECTORY:
            self._inodes.setdefault(seen.inode, []).append(path)
        if node != was or (seen.kind != DIRECTORY and not self._is_content(node, lower)):
            self._nodes[path] = node
        elif seen.kind != DIRECTORY:
            self._same[path] = node

    def take_root(self, known: Seen | None) -> None:
        """Note the root, if more of it has changed than its time, which is that of whatever is put into it."""
        node = self._node("", _seen(self._beneath, ""), known)
        was = self._before.get("")
        if was is None or msgspec.structs.replace(node, mtime_ns=was.mtime_ns) != was:
            self._nodes[""] = node

    def changes(self) -> Changes:
        """Return all of them: of a file with several names the first is it, the others are links to it."""
        for paths in self._inodes.values():
            if len(paths) > 1:
                self._link(sorted(paths, key=order))
        items = (
            Item(node, partial(self._beneath.open, node.path) if node.kind == FILE else None)
            for node in self._nodes.values()
        )
        return Changes(items=sorted_items(items), whiteouts=tuple(sorted(self._whiteouts, key=order)))

    def _link(self, paths: list[str]) -> None:
        """Bring all names of a file into the layer if one has to be, or if they were not one file before."""
        changed = any(path in self._nodes for path in paths)
        if not changed and set(paths) <= set(self._before.names(paths[0])):
            return
        for path in paths:
            node = self._nodes.get(path) or self._same[path]
            if path != paths[0]:
                node = msgspec.structs.replace(node, kind=HARDLINK, link=paths[0], size=0)
            self._nodes[path] = node

    def _is_content(self, node: Node, lower: _Lower | None) -> bool:
        """Whether a file that is otherwise as it was has its content, too."""
        if lower is None:
            return False
        return node.kind != FILE or lower.has_content(node.path, self._beneath)

    def _node(self, path: str, seen: Seen, known: Seen | None) -> Node:
        was = self._before.get(path)
        if was is None or known is None or known.kind != seen.kind:
            was = known = None
        return Node(
            path=path,
            kind=seen.kind,
            mode=was.mode if was and known and seen.mode == known.mode else seen.mode,
            uid=was.uid if was and known and seen.uid == known.uid else seen.uid,
            gid=was.gid if was and known and seen.gid == known.gid else seen.gid,
            mtime_ns=was.mtime_ns if was and known and seen.mtime_ns == known.mtime_ns else seen.mtime_ns,
            size=seen.size,
            link=self._beneath.target(path) if seen.kind == SYMLINK else "",
            device=seen.device,
            xattrs=was.xattrs if was and known and seen.xattrs == known.xattrs else seen.xattrs,
        )


def _left_in(beneath: Beneath, folder: str, found: _Found) -> tuple[dict[str, Seen], bool]:
    """Return what an upper directory has, its marks noted and left out, and whether it hides the lower ones."""
    _refuse_partial(beneath, folder)
    opaque = bool(folder) and beneath.attribute(folder, _OPAQUE_NAMES) == b"y"
    kept: dict[str, Seen] = {}
    named = []
    for name in sorted(beneath.entries(folder), key=os.fsencode):
        path = join(folder, name)
        seen = _seen(beneath, path)
        empty = seen.kind == FILE and not seen.size
        if (seen.kind == CHARACTER and seen.device == (0, 0)) or (
            empty and beneath.attribute(path, _WHITEOUT_NAMES)
        ):
            found.remove(path)
        elif empty and name == OPAQUE:  # fuse-overlayfs marks both so
            opaque = True
        elif empty and name.startswith(PREFIX):
            named.append((path, join(folder, name.removeprefix(PREFIX)), seen))
        else:
            kept[path] = seen
    for path, target, seen in named:
        if target not in kept and found.was(target):
            found.remove(target)
        else:
            kept[path] = seen  # a file of that name, which no layer can hold: writing it says so
    return kept, opaque


def _refuse_partial(beneath: Beneath, folder: str) -> None:
    if beneath.attribute(folder, _PARTIAL_NAMES):
        raise MalformedError(
            f"{folder!r} is incomplete: the overlay was mounted with redirect_dir or metacopy"
        )


def _walk(beneath: Beneath) -> Iterator[tuple[str, Seen]]:
    """Yield everything below a directory, and itself, parents first."""
    todo = [""]
    while todo:
        path = todo.pop()
        seen = _seen(beneath, path)
        yield path, seen
        if seen.kind == DIRECTORY:
            todo += [join(path, name) for name in beneath.entries(path)]


def _seen(beneath: Beneath, path: str) -> Seen:
    info = beneath.stat(path)
    kind = KINDS.get(stat.S_IFMT(info.st_mode), "")
    special = kind in {CHARACTER, BLOCK}
    return Seen(
        kind=kind,
        mode=LINK_MODE if kind == SYMLINK else stat.S_IMODE(info.st_mode),
        uid=info.st_uid,
        gid=info.st_gid,
        mtime_ns=info.st_mtime_ns,
        size=info.st_size if kind == FILE else 0,
        device=(os.major(info.st_rdev), os.minor(info.st_rdev)) if special else (0, 0),
        xattrs=beneath.xattrs(path),
        inode=info.st_ino,
        ctime_ns=info.st_ctime_ns,
    )


def _untouched(seen: Seen, known: Seen | None, *, moved: bool) -> bool:
    """Whether nothing has happened to a file; of a directory, what is put into it is no matter of its own."""
    if known is not None and seen.kind == DIRECTORY:
        seen = msgspec.structs.replace(seen, inode=known.inode)
    if known is not None and (moved or seen.kind == DIRECTORY):
        seen = msgspec.structs.replace(seen, ctime_ns=known.ctime_ns)
    return seen == known


@contextmanager
def _reading(root: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise DeniedError(f"what a command left cannot be read: {error.strerror}", str(root)) from error
    except OSError as error:
        raise UnavailableError(f"what a command left cannot be read: {error.strerror}", str(root)) from error
