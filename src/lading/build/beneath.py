"""A directory and what is below it, from one directory to the next by a single name, no symlink followed.

Nothing in an image or a context can lead out of it that way, and a path may be longer than the system takes at once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO

from lading.build.node import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK
from lading.build.paths import join

STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Not blocking: a FIFO that has taken the place of a file must not stop us.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAX_KEPT = 128
_PIECE = 2**20
KINDS = {
    stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK, stat.S_IFIFO: FIFO,
    stat.S_IFCHR: CHARACTER, stat.S_IFBLK: BLOCK,
}  # fmt: skip
# Attributes that an image carries; others belong to the machine (labels of SELinux, marks of overlays).
_CARRIED = ("user.", "security.capability")
_OVERLAY = ("user.overlay.", "user.fuseoverlayfs.", "user.containers.")


# All handles of directories. A share of what a process may have open is for them; the stages of a build can be many.
_open: dict[int, None] = {}
_ALLOWED = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
_MOST_OPEN = 2**16 if _ALLOWED == resource.RLIM_INFINITY else _ALLOWED // 4
_NEAR = 8  # what is kept where there are more than that: the directories around the one at hand


class Folder:
    """A handle of a directory, open as long as anybody holds this."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd
        _open[fd] = None

    def __del__(
        self,
        close: Callable[[int], None] = os.close,
        forget: Callable[[int, None], None] = _open.pop,
    ) -> None:
        forget(self.fd, None)
        close(self.fd)


class Beneath:
    """A root directory, and what is below it. Threads may share it.

    Handles of directories are kept, for what comes next is mostly near.
    Paths are relative, "" for the root, through directories only, none of their names `..`. All raise `OSError`.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = Folder(os.open(root, STEP & ~os.O_NOFOLLOW))
        self._known: OrderedDict[str, Folder] = OrderedDict()
        self._lock = threading.Lock()

    def folder(self, path: str) -> Folder:
        """Return a directory, to be held while its handle is used."""
        if not path:
            return self._root
        pending = []
        with self._lock:
            above = path
            while above and above not in self._known:
                above, _, name = above.rpartition("/")
                pending.append(name)
            found = self._root
            if above:
                found = self._known[above]
                self._known.move_to_end(above)
        while pending:
            name = pending.pop()
            above = join(above, name)
            found = Folder(self._step(above, name, found.fd))
            with self._lock:
                self._known[above] = found
                keep = _MAX_KEPT if len(_open) < _MOST_OPEN else min(_MAX_KEPT, _NEAR)
                while len(self._known) > keep:
                    self._known.popitem(last=False)
        return found

    def place(self, path: str) -> tuple[str, Folder]:
        """Return the name of what is at `path`, and the directory that it is in."""
        folder, _, name = path.rpartition("/")
        return name or ".", self.folder(folder)

    def listing(self, path: str) -> int:
        """Return a descriptor from which a directory can be listed, and nothing else, which the caller closes.

        Each call opens the directory anew: those who list from one descriptor take the names from each other.
        """
        held = self.folder(path)
        return os.open(".", _LIST, dir_fd=held.fd)

    def entries(self, path: str) -> list[str]:
        """Return the names in a directory, in no order."""
        listed = self.listing(path)
        try:
            return os.listdir(listed)  # noqa: PTH208 - of a handle
        finally:
            os.close(listed)

    def stat(self, path: str) -> os.stat_result:
        """Return what the system says of what is at `path`."""
        name, held = self.place(path)
        return os.stat(name, dir_fd=held.fd, follow_symlinks=False)

    def target(self, path: str) -> str:
        """Return the target of the symlink at `path`."""
        name, held = self.place(path)
        return os.readlink(name, dir_fd=held.fd)

    def open(self, path: str) -> BinaryIO:
        """Return the regular file at `path`, without a buffer of its own."""
        descriptor = self._descriptor(path)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "No such file", path)
        return os.fdopen(descriptor, "rb", buffering=0)

    def digest(self, path: str) -> tuple[bytes, os.stat_result, os.stat_result]:
        """Return the SHA-256 of the regular file at `path`, and what was known of it before and after it was read.

        Leaner than `open`, for there may be very many files, most of them small.
        """
        descriptor = self._descriptor(path)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise FileNotFoundError(errno.ENOENT, "No such file", path)
            known = hashlib.sha256()
            wanted = min(before.st_size + 1, _PIECE)
            while piece := os.read(descriptor, wanted):
                known.update(piece)
                if len(piece) < wanted:  # the end: a file gives all that is asked for
                    break
            return known.digest(), before, os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def xattrs(self, path: str) -> tuple[tuple[str, bytes], ...]:
        """Return the extended attributes of `path` that an image carries, sorted by name."""
        name, held = self.place(path)
        # There is no call that takes a directory's handle and a name.
        return carried(f"/proc/self/fd/{held.fd}/{name}")

    def attribute(self, path: str, names: tuple[str, ...]) -> bytes:
        """Return the first of these extended attributes that `path` has, whatever it means; else nothing."""
        name, held = self.place(path)
        place = f"/proc/self/fd/{held.fd}/{name}"
        there = set(_names(place))
        for one in names:
            if one in there:
                return os.getxattr(place, one, follow_symlinks=False)
        return b""

    def _step(self, path: str, name: str, above: int) -> int:
        """Open one directory in another; `path` is what it is as a whole."""
        del path
        return os.open(name, STEP, dir_fd=above)

    def _descriptor(self, path: str) -> int:
        # The handle is held until the call is over: other threads may let go of what is kept.
        name, held = self.place(path)
        return os.open(name, _FILE, dir_fd=held.fd)


def carried(place: str) -> tuple[tuple[str, bytes], ...]:
    """Return the extended attributes at `place`, a path for the system, that an image carries."""
    names = [name for name in _names(place) if name.startswith(_CARRIED) and not name.startswith(_OVERLAY)]
    return tuple((name, os.getxattr(place, name, follow_symlinks=False)) for name in sorted(names))


def _names(place: str) -> list[str]:
    try:
        return os.listxattr(place, follow_symlinks=False)
    except OSError:  # a file system without them
        return []
