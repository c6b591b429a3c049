"""Paths within a root directory, as a process sees them whose root it is; and mount points made there for a while.

Every step is a look-up in one open directory that follows nothing, so that no link of the image leads out.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Protocol, Self

import msgspec

from lading.build.paths import MAX_LINKS
from lading.errors import MalformedError

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY_MODE = 0o755


class _Missing(Protocol):
    """Makes the missing part of a path: in an open directory, under a name; the last one, or one on the way."""

    def __call__(self, parent: int, name: str, path: str, *, last: bool) -> None: ...


class Reached(msgspec.Struct):
    """Where a path leads. descriptor: open with O_PATH. path: absolute, without links and dots."""

    descriptor: int
    path: str

    @property
    def is_directory(self) -> bool:
        """Whether it is one."""
        return stat.S_ISDIR(os.fstat(self.descriptor).st_mode)

    @property
    def handle(self) -> str:
        """A path that leads to just this, as long as the descriptor is open."""
        return f"/proc/self/fd/{self.descriptor}"


@contextmanager
def reach(root: int, path: str) -> Iterator[Reached]:
    """Open what a path leads to.

    root: an open directory. Raises `FileNotFoundError`, `NotADirectoryError`, and `OSError` (ELOOP) for
    links that lead in circles.
    """
    with _Walk(root) as walk:
        walk.go(path)
        yield Reached(walk.here, walk.path)


def make_directory(root: int, path: str) -> None:
    """Make a directory, with those above it, if there is none. Raises as `Stubs.make`."""
    with Stubs(root) as stubs:
        stubs.make(path, directory=True)


class Stubs:
    """Mount points made in a root directory where there are none, and taken away again.

    Times of the directories around them are as if nothing had been. A context manager that closes what it
    holds; `remove` has to be called for the rest.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._made: list[tuple[int, str, int]] = []
        self.paths: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for parent, _, _ in self._made:
            os.close(parent)
        self._made.clear()

    def make(self, target: str, *, directory: bool) -> str:
        """Return where a mount point lies, without links; what is missing of it is made.

        Raises `MalformedError` for a file where a directory is wanted or the reverse, and for links in circles.
        """
        try:
            with _Walk(self._root) as walk:
                walk.go(target, self._missing if directory else self._missing_file)
                found = Reached(walk.here, walk.path)
                if found.is_directory != directory:
                    words = ("a file", "a directory") if directory else ("a directory", "a file")
                    raise MalformedError(f"is {words[0]} in the image; {words[1]} is wanted there", target)
                return found.path
        except NotADirectoryError as error:
            raise MalformedError("leads through a file in the image", target) from error
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise MalformedError("leads through symbolic links that end nowhere", target) from error

    def remove(self) -> None:
        """Take away what was made, unless something has been put in it."""
        for parent, name, inode in reversed(self._made):
            with suppress(FileNotFoundError), times_kept(parent):
                found = os.lstat(name, dir_fd=parent)
                if found.st_ino != inode:
                    continue
                if stat.S_ISDIR(found.st_mode):
                    with suppress(OSError):  # not empty: then it is the image's now
                        os.rmdir(name, dir_fd=parent)
                elif stat.S_ISREG(found.st_mode) and found.st_size == 0:
                    os.unlink(name, dir_fd=parent)

    def _missing(self, parent: int, name: str, path: str, *, last: bool) -> None:
        del last
        self._add(parent, name, path, directory=True)

    def _missing_file(self, parent: int, name: str, path: str, *, last: bool) -> None:
        self._add(parent, name, path, directory=not last)

    def _add(self, parent: int, name: str, path: str, *, directory: bool) -> None:
        with times_kept(parent):
            if directory:
                os.mkdir(name, _DIRECTORY_MODE, dir_fd=parent)
            else:
                os.close(
                    os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644, dir_fd=parent)
                )
        inode = os.lstat(name, dir_fd=parent).st_ino
        self._made.append((os.dup(parent), name, inode))
        self.paths.append(path)


class _Walk:
    """A way from a root through its directories: `here` is where it has come to."""

    def __init__(self, root: int) -> None:
        self._open = [os.open(".", _LOOK | os.O_DIRECTORY, dir_fd=root)]
        self._names: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._up_to(0)
        os.close(self._open.pop())

    @property
    def here(self) -> int:
        return self._open[-1]

    @property
    def path(self) -> str:
        return "/" + "/".join(self._names)

    def go(self, path: str, missing: _Missing | None = None) -> None:
        """Go on along a path. missing: makes what is not there, so that the look-up succeeds then."""
        steps = deque(path.split("/"))
        links = 0
        while steps:
            name = steps.popleft()
            if name in {"", "."}:
                continue
            if name == "..":
                self._up_to(max(0, len(self._names) - 1))
                continue
            try:
                step = os.open(name, _LOOK, dir_fd=self.here)
            except FileNotFoundError:
                if missing is None:
                    raise
                last = not any(left not in {"", "."} for left in steps)
                missing(self.here, name, f"{self.path.rstrip('/')}/{name}", last=last)
                step = os.open(name, _LOOK, dir_fd=self.here)
            if not stat.S_ISLNK(os.fstat(step).st_mode):
                self._open.append(step)
                self._names.append(name)
                continue
            os.close(step)
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(name, dir_fd=self.here)
            if target.startswith("/"):
                self._up_to(0)
            steps.extendleft(reversed(target.split("/")))

    def _up_to(self, depth: int) -> None:
        while len(self._names) > depth:
            os.close(self._open.pop())
            self._names.pop()


@contextmanager
def times_kept(directory: int) -> Iterator[None]:
    """Let the times of an open directory be as they are, whatever is changed in it meanwhile."""
    before = os.fstat(directory)
    yield
    os.utime(".", ns=(before.st_atime_ns, before.st_mtime_ns), dir_fd=directory)
