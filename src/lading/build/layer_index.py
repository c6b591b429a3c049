"""What a layer holds, without its content: read once from its tar, kept by diff ID.

The order of a tar is kept, since an entry may lie below a symlink that another made, and a whiteout may come
before or after. A whiteout hides what lower layers have, and never what its own layer brings
(https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter

import msgspec

from lading.build.node import DIRECTORY, FILE, HARDLINK, LINK_MODE, SYMLINK, Changes, Item, Node, order
from lading.errors import LimitError, MalformedError
from lading.oci import tar, tar_details, whiteout
from lading.oci.source import ByteSource
from lading.oci.walk import MAX_ENTRIES

# What Linux takes: bytes of a path (less its end), of a name, of an extended attribute.
MAX_PATH_BYTES = 4095
MAX_COMPONENT_BYTES = 255
MAX_XATTR_BYTES = 65_536
# Of all paths, link targets and attributes of a layer together: they are held in memory.
MAX_TEXT_BYTES = 512 * 2**20
# What overlayfs itself keeps in attributes: in a layer they would say things about other files.
_OVERLAY_XATTRS = ("trusted.overlay.", "user.overlay.", "user.fuseoverlayfs.")


class Whiteout(msgspec.Struct, frozen=True):
    """An entry that removes `path`, or hides what lower layers have in it."""

    path: str
    opaque: bool = False


class LayerIndex(msgspec.Struct, frozen=True):
    """The entries of a layer in the tar's order; of two with one path the later counts.

    Paths are as the layer writes them: symlinks in them are resolved where it is applied.
    """

    entries: tuple[Node | Whiteout, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What it adds or changes."""
        return tuple(entry for entry in self.entries if isinstance(entry, Node))


def from_tar(chunks: Iterator[bytes], where: str) -> LayerIndex:
    """Return the index of the layer whose tar `chunks` are; they are read to their end.

    Raises what `tar.members` and `entry_of` raise, and
    `LimitError` over `MAX_ENTRIES` entries or `MAX_TEXT_BYTES` of names.
    """
    source = ByteSource(chunks)
    gathered = Gathered(where)
    for member in tar.members(source, where):
        entry = entry_of(member, where)
        if entry is not None:
            gathered.take(entry)
    source.drain()
    return gathered.index()


def of_changes(changes: Changes, *, mtime_s: int | None = None) -> LayerIndex:
    """Return the index that `from_tar` gives of the tar of `changes`, without writing one.

    mtime_s: as for `tar_write.tar_chunks`.
    """
    return LayerIndex(
        tuple(
            entry if isinstance(entry, Whiteout) else _written(entry.node, mtime_s)
            for entry in ordered(changes)
        )
    )


def ordered(changes: Changes) -> Iterator[Item | Whiteout]:
    """Yield the entries of a layer's tar in their canonical order.

    It is that of the items, and behind a directory, before what is in it: that it is opaque, then what is
    removed from it.
    """
    marks = [_mark(path, "", Whiteout(path, opaque=True)) for path in changes.opaque]
    for path in changes.whiteouts:
        folder, _, name = path.rpartition("/")
        marks.append(_mark(folder, name, Whiteout(path)))
    if not marks:
        yield from changes.items
        return
    marks.sort(key=itemgetter(0), reverse=True)
    for item in changes.items:
        place = order(item.node.path)
        while marks and marks[-1][0] < place:
            yield marks.pop()[1]
        yield item
    for _, mark in reversed(marks):
        yield mark


def _mark(folder: str, name: str, mark: Whiteout) -> tuple[tuple[bytes, ...], Whiteout]:
    # The empty name is before all others, so that a mark comes right behind its directory.
    return (*(order(folder) if folder else ()), b"", os.fsencode(name)), mark


def _written(node: Node, mtime_s: int | None) -> Node:
    """Return a node as it comes back from a tar."""
    mtime_ns = (node.mtime_ns // 10**9 if mtime_s is None else mtime_s) * 10**9
    mode = LINK_MODE if node.kind == SYMLINK else node.mode
    size = node.size if node.kind == FILE else 0
    if (node.mtime_ns, node.mode, node.size) == (mtime_ns, mode, size):
        return node
    return msgspec.structs.replace(node, mtime_ns=mtime_ns, mode=mode, size=size)


class Gathered:
    """What has been read of a layer so far."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._entries: list[Node | Whiteout] = []
        self._bytes = 0

    def take(self, entry: Node | Whiteout) -> None:
        """Add an entry. Raises `LimitError` over `MAX_ENTRIES` or `MAX_TEXT_BYTES`."""
        self._entries.append(entry)
        self._bytes += len(entry.path)
        if isinstance(entry, Node):
            self._bytes += len(entry.link)
            if entry.xattrs:
                self._bytes += sum(len(name) + len(value) for name, value in entry.xattrs)
        if len(self._entries) > MAX_ENTRIES:
            raise LimitError(f"over {MAX_ENTRIES} entries in one layer", self._where)
        if self._bytes > MAX_TEXT_BYTES:
            raise LimitError(f"over {MAX_TEXT_BYTES >> 20} MiB of names in one layer", self._where)

    def index(self) -> LayerIndex:
        """Return all of it."""
        return LayerIndex(tuple(self._entries))


def entry_of(member: tar.Member, where: str) -> Node | Whiteout | None:
    """Return what a member of a layer's tar means; None for bookkeeping that means nothing.

    Raises `MalformedError` for a name that leads above the root, and for names, links, attributes and
    owners that no file on Linux can have.
    """
    known = _details(member, where)
    path = known.path
    if whiteout.PREFIX in path:
        folder, _, name = path.rpartition("/")
        if name == whiteout.OPAQUE:
            return Whiteout(folder, opaque=True)
        if name.startswith(whiteout.BOOKKEEPING) or f"/{folder}".find(f"/{whiteout.BOOKKEEPING}") >= 0:
            return None
        if name.startswith(whiteout.PREFIX):
            return Whiteout(_removed(folder, name, where))
    return _node(member, known, where)


def node_of(member: tar.Member, where: str) -> Node:
    """Return a member of an archive that is no layer: names of whiteouts mean nothing. Raises as `entry_of`."""
    return _node(member, _details(member, where), where)


def _details(member: tar.Member, where: str) -> tar_details.Details:
    if member.escapes:
        raise MalformedError(f"the name of {member.path!r} leads above the root", where)
    known = tar_details.details(member, where)
    _check_path(known.path, where)
    return known


def _node(member: tar.Member, known: tar_details.Details, where: str) -> Node:
    path, link = known.path, known.link
    if link:
        _check_link(path, link, where)
    elif known.kind in {SYMLINK, HARDLINK}:
        raise MalformedError(f"the link {path!r} leads nowhere", where)
    return Node(
        path=path,
        kind=FILE if known.kind == tar.OTHER else known.kind,
        mode=member.mode,
        uid=known.uid,
        gid=known.gid,
        mtime_ns=known.mtime_ns,
        size=member.size,
        link=link,
        device=known.device,
        xattrs=_own(known, where) if known.xattrs else (),
    )


def _check_path(path: str, where: str) -> None:
    # Where it cannot be too long even if each character takes four bytes, it is not looked at closer.
    if len(path) <= MAX_COMPONENT_BYTES // 4:
        return
    raw = path.encode("utf-8", "surrogateescape")
    if len(raw) > MAX_PATH_BYTES or max(map(len, raw.split(b"/"))) > MAX_COMPONENT_BYTES:
        raise MalformedError(f"the name {path[:60]!r}... is longer than Linux takes", where)


def _check_link(path: str, link: str, where: str) -> None:
    if "\0" in link or len(link.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        raise MalformedError(f"the link {path!r} has an impossible target: {link[:60]!r}", where)


def _removed(folder: str, name: str, where: str) -> str:
    target = name.removeprefix(whiteout.PREFIX)
    if target in {"", ".", ".."}:
        raise MalformedError(f"the whiteout {name!r} in {folder!r} names nothing", where)
    return f"{folder}/{target}" if folder else target


def _own(known: tar_details.Details, where: str) -> tuple[tuple[str, bytes], ...]:
    for name, value in known.xattrs:
        if len(value) > MAX_XATTR_BYTES or not 0 < len(name.encode()) <= MAX_COMPONENT_BYTES or "\0" in name:
            raise MalformedError(f"{known.path!r} has an impossible attribute: {name[:60]!r}", where)
    return tuple(pair for pair in known.xattrs if not pair[0].startswith(_OVERLAY_XATTRS))


def implied(path: str) -> Node:
    """Return a directory that no layer describes, but in which one puts something."""
    return Node(path=path, kind=DIRECTORY, mode=0o755)
