"""Opens what is below a directory, step by step, so that no symlink on the way is ever followed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO

_MAX_OPEN = 128
_PIECE = 2**20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: a FIFO that has taken the place of a file must not stop us.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Folder:
    """A directory that is open as long as anybody holds this."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self.fd)


class Beneath:
    """A root directory, and what is below it. Threads may share it. All raise `OSError`."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = Folder(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        self._known: OrderedDict[str, Folder] = OrderedDict()
        self._lock = threading.Lock()

    def folder(self, path: str) -> Folder:
        """Return a directory, opened. The last ones are kept, for most that is asked for lies near them."""
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
            found = Folder(os.open(name, _FOLDER, dir_fd=found.fd))
            above = f"{above}/{name}" if above else name
            with self._lock:
                self._known[above] = found
                if len(self._known) > _MAX_OPEN:
                    self._known.popitem(last=False)
        return found

    def descriptor(self, path: str) -> int:
        """Return a descriptor of the file at `path`, open for reading, which the caller closes."""
        folder, _, name = path.rpartition("/")
        # The handle is held until the call is over: other threads may let go of what is kept.
        held = self.folder(folder)
        return os.open(name, _FILE, dir_fd=held.fd)

    def open(self, path: str) -> BinaryIO:
        """Return the regular file at `path`, without a buffer of its own."""
        descriptor = self.descriptor(path)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "No such file", path)
        return os.fdopen(descriptor, "rb", buffering=0)

    def digest(self, path: str) -> tuple[bytes, os.stat_result, os.stat_result]:
        """Return the SHA-256 of the regular file at `path`, and what was known of it before and after it was read.

        Leaner than `open`, for there may be very many files, most of them small.
        """
        descriptor = self.descriptor(path)
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

    def link(self, path: str) -> str:
        """Return the target of the symlink at `path`."""
        folder, _, name = path.rpartition("/")
        held = self.folder(folder)
        return os.readlink(name, dir_fd=held.fd)

    def stat(self, path: str) -> os.stat_result:
        """Return what is known of what is at `path`."""
        folder, _, name = path.rpartition("/")
        if not name:
            return os.fstat(self._root.fd)
        held = self.folder(folder)
        return os.stat(name, dir_fd=held.fd, follow_symlinks=False)
