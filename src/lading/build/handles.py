"""A directory read through handles: from one directory to the next by a single name, no symlink followed.

Nothing in an image can lead out of it that way, and a path may be longer than the system takes at once.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from lading.build.node import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK

STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
MAX_HANDLES = 128
KINDS = {
    stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK, stat.S_IFIFO: FIFO,
    stat.S_IFCHR: CHARACTER, stat.S_IFBLK: BLOCK,
}  # fmt: skip
# Attributes that an image carries; others belong to the machine (labels of SELinux, marks of overlays).
_CARRIED = ("user.", "security.capability")
_OVERLAY = ("user.overlay.", "user.fuseoverlayfs.", "user.containers.")


class Handles:
    """The directories below `root`; a context manager that lets go of its handles.

    Paths are those of a `Tree`: relative, through directories only, none of their names `..`.
    Methods raise `OSError`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._handles: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._handles[""] = os.open(self._root, STEP)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles.values():
            os.close(handle)
        self._handles.clear()

    def folder(self, path: str) -> int:
        """Return a handle of the directory `path`; it holds until the next is asked for."""
        handle = self._handles.get(path)
        if handle is not None:
            return handle
        names = path.split("/")
        known = len(names) - 1
        while "/".join(names[:known]) not in self._handles:
            known -= 1
        handle = self._handles["/".join(names[:known])]
        for count in range(known + 1, len(names) + 1):
            step = "/".join(names[:count])
            if len(self._handles) >= MAX_HANDLES:
                self._make_room(handle)
            handle = self._handles[step] = self._step(step, names[count - 1], handle)
        return handle

    def place(self, path: str) -> tuple[str, int]:
        """Return the name of what is at `path`, and a handle of the directory that it is in."""
        folder, _, name = path.rpartition("/")
        return name or ".", self.folder(folder)

    def entries(self, path: str) -> list[str]:
        """Return the names in a directory, in no order."""
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.folder(path))
        try:
            return os.listdir(handle)  # noqa: PTH208 - of a handle
        finally:
            os.close(handle)

    def stat(self, path: str) -> os.stat_result:
        """Return what the system says of `path`."""
        name, handle = self.place(path)
        return os.stat(name, dir_fd=handle, follow_symlinks=False)

    def target(self, path: str) -> str:
        """Return the target of a symlink."""
        name, handle = self.place(path)
        return os.readlink(name, dir_fd=handle)

    def open(self, path: str) -> BinaryIO:
        """Open a regular file for reading."""
        name, handle = self.place(path)
        return os.fdopen(os.open(name, _READ, dir_fd=handle), "rb", 0)

    def xattrs(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """Return the extended attributes of `path` that an image carries, sorted by name."""
        name, handle = self.place(path)
        # There is no call that takes a directory's handle and a name.
        return carried(f"/proc/self/fd/{handle}/{name}")

    def attribute(self, path: str, names: tuple[str, ...]) -> bytes:
        """Return the first of these extended attributes that `path` has, whatever it means; else nothing."""
        name, handle = self.place(path)
        place = f"/proc/self/fd/{handle}/{name}"
        there = set(_names(place))
        for one in names:
            if one in there:
                return os.getxattr(place, one, follow_symlinks=False)
        return b""

    def _step(self, path: str, name: str, above: int) -> int:
        """Open one directory; `path` is what it is as a whole."""
        del path
        return os.open(name, STEP, dir_fd=above)

    def _make_room(self, above: int) -> None:
        """Close half of the handles, the oldest, but for the root's and the one in use."""
        for path in list(self._handles)[: MAX_HANDLES // 2]:
            if path and self._handles[path] != above:
                os.close(self._handles.pop(path))


def carried(place: str) -> tuple[tuple[str, bytes], ...]:
    """Return the extended attributes at `place`, a path for the system, that an image carries."""
    names = [name for name in _names(place) if name.startswith(_CARRIED) and not name.startswith(_OVERLAY)]
    return tuple((name, os.getxattr(place, name, follow_symlinks=False)) for name in sorted(names))


def _names(place: str) -> list[str]:
    try:
        return os.listxattr(place, follow_symlinks=False)
    except OSError:  # a file system without them
        return []


def open_below(root: Path, path: str) -> BinaryIO:
    """Open a regular file for reading, unbuffered; no symlink on the way is followed."""
    with Handles(root) as handles:
        return handles.open(path)
