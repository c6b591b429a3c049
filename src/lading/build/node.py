"""What a file of an image is while it is built: a node, its content, and what a layer changes.

Paths are `str` from `os.fsdecode`, so that names of any bytes survive; relative to the root, `/` between
names, no leading `/`; the root itself is the empty path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

import msgspec

from lading.oci import tar, tar_details

FILE, DIRECTORY, SYMLINK, HARDLINK = tar.FILE, tar.DIRECTORY, tar.SYMLINK, tar.HARDLINK
CHARACTER, BLOCK, FIFO = tar_details.CHARACTER, tar_details.BLOCK, tar_details.FIFO
LINK_MODE = 0o777  # Linux keeps none for symlinks, and shows this


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of a file system.

    kind: one of the above. mode: permission bits with setuid, setgid and sticky. mtime_ns: since 1970.
    A hard link's are those of its file, which a reader of the tar may set again.
    size: of a file's content, in bytes. link: target of a symlink as written, path of a hard link's target.
    device: major and minor number of a device. xattrs: by name, sorted, such as `security.capability`.
    """

    path: str
    kind: str = FILE
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    size: int = 0
    link: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: tuple[tuple[str, bytes], ...] = ()


class Item(msgspec.Struct, frozen=True):
    """A node, and for a regular file how to open its content, which the reader closes."""

    node: Node
    open: Callable[[], BinaryIO] | None = None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer does to what lies below it.

    items: what it adds or changes, sorted by `order`, parents first. whiteouts: paths that it removes, with
    all below them. opaque: directories of which it hides all that lies in lower layers.
    """

    items: tuple[Item, ...] = ()
    whiteouts: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.items or self.whiteouts or self.opaque)


def order(path: str) -> tuple[bytes, ...]:
    """Return the key that paths are sorted by: by bytes, name for name, so that parents come first."""
    return tuple(name.encode("utf-8", "surrogateescape") for name in path.split("/"))


def sorted_items(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return items in the order that `Changes` wants."""
    return tuple(sorted(items, key=lambda item: order(item.node.path)))
