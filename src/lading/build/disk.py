"""A root file system that is written into a directory, through `Beneath`.

Directories are made for us alone, and get their owner, mode and times at the end: a read-only one can be
filled, and its time is not that of what was put into it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.build.beneath import STEP, Beneath, Folder, carried
from lading.build.node import CHARACTER, DIRECTORY, FIFO, FILE, SYMLINK, Node
from lading.errors import UnavailableError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_WHITEOUT = os.makedev(0, 0)
# What the system answers where a user may not do something, or the file system does not know of it.
_REFUSED = frozenset({errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.EOVERFLOW})
_NO_ROOM_FOR_XATTR = frozenset({errno.ENOSPC, errno.E2BIG, errno.ERANGE, errno.EDQUOT})

_PIECE = 2**20

DEVICE, OWNER = "device", "owner"  # what may be lost

Content = Iterable[tuple[int, bytes]]  # what stands where in a file


class Lost(msgspec.Struct, frozen=True):
    """What of a file could not be made on this system, by this user: `OWNER`, `DEVICE`, `xattr NAME`."""

    path: str
    what: str


class Disk(Beneath):
    """A directory that is written to, by one thread.

    `folder` makes what is not there. Methods raise `OSError` where the disk is full or broken; what the
    user may not do is in `lost`.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._touched = {""}  # directories that were made, or in which something was
        self.lost: list[Lost] = []

    def put(self, node: Node, content: Content = ()) -> None:
        """Make what `node` says in place of what is there; a directory that is there stays.

        content: of a regular file, the pieces that are not zeros.
        """
        if node.kind == DIRECTORY:
            self._touched.add(node.path)
            self.folder(node.path)
            return
        name, folder = self._into(node.path)
        try:
            self._make(node, name, folder.fd, content)
        except FileExistsError:
            self.remove(node.path)
            self._make(node, name, folder.fd, content)

    def link(self, target: str, path: str) -> None:
        """Give the file `target` another name, in place of what is there."""
        name, source = self.place(target)
        link, folder = self._into(path)
        try:
            os.link(name, link, src_dir_fd=source.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
        except FileExistsError:
            self.remove(path)
            os.link(name, link, src_dir_fd=source.fd, dst_dir_fd=folder.fd, follow_symlinks=False)

    def whiteout(self, path: str) -> None:
        """Make the mark by which an overlay hides what lower layers have at `path`.

        Raises `UnavailableError` where the user may not.
        """
        name, folder = self._into(path)
        try:
            os.mknod(name, stat.S_IFCHR, _WHITEOUT, dir_fd=folder.fd)
        except OSError as error:
            if error.errno not in _REFUSED:
                raise
            hint = "this needs Linux 5.8 or newer, or root"
            raise UnavailableError(f"no whiteout can be made: {error.strerror}", path, hint) from error

    def remove(self, path: str) -> None:
        """Remove what is at `path`, with all below it; nothing need be there."""
        name, folder = self._into(path)
        try:
            os.unlink(name, dir_fd=folder.fd)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in {errno.EISDIR, errno.EPERM}:
                raise
            self._forget(path)
            remove_directory(name, folder.fd)

    def finish(self, nodes: Callable[[str], Node | None]) -> None:
        """Give the directories that were written to the owners, modes, times and attributes of their nodes."""
        for path in sorted(self._touched, key=len, reverse=True):  # what is in a directory before it
            node = nodes(path)
            if node is None:
                continue
            handle = self.listing(path)
            try:
                for name, _ in carried(f"/proc/self/fd/{handle}/."):
                    os.removexattr(handle, name)
                self._describe(node, handle)
            finally:
                os.close(handle)

    def _into(self, path: str) -> tuple[str, Folder]:
        """Return name and directory of what is about to change."""
        folder, _, name = path.rpartition("/")
        self._touched.add(folder)
        return name, self.folder(folder)

    def _step(self, path: str, name: str, above: int) -> int:
        """Open a directory, which is made if there is none, in place of what is there."""
        try:
            return super()._step(path, name, above)
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
                raise
            os.unlink(name, dir_fd=above)
        os.mkdir(name, 0o700, dir_fd=above)
        self._touched.update((path, path.rpartition("/")[0]))
        return super()._step(path, name, above)

    def _forget(self, path: str) -> None:
        """Drop what is known of a directory that is about to go."""
        prefix = f"{path}/"
        for known in [known for known in self._known if known == path or known.startswith(prefix)]:
            del self._known[known]
        self._touched = {one for one in self._touched if one != path and not one.startswith(prefix)}

    def _make(self, node: Node, name: str, folder: int, content: Content) -> None:
        if node.kind == FILE:
            handle = os.open(name, _NEW, 0o600, dir_fd=folder)
            try:
                _write(handle, node.size, content)
                self._describe(node, handle)
            finally:
                os.close(handle)
            return
        if node.kind == SYMLINK:
            os.symlink(node.link, name, dir_fd=folder)
        elif node.kind == FIFO:
            os.mkfifo(name, 0o600, dir_fd=folder)
        elif not self._device(node, name, folder):
            return
        self._describe_special(node, name, folder)

    def _device(self, node: Node, name: str, folder: int) -> bool:
        kind = stat.S_IFCHR if node.kind == CHARACTER else stat.S_IFBLK
        device = os.makedev(*node.device)
        try:
            if kind == stat.S_IFCHR and device == _WHITEOUT:
                raise PermissionError(errno.EPERM, "an overlay would take it for a whiteout")
            os.mknod(name, kind | 0o600, device, dir_fd=folder)
        except (OSError, OverflowError) as error:
            if getattr(error, "errno", errno.EINVAL) not in _REFUSED:
                raise
            self.lost.append(Lost(node.path, DEVICE))
            return False
        return True

    def _describe(self, node: Node, handle: int) -> None:
        """Set owner, mode, attributes and time: each of these takes something from those before it."""
        try:
            os.chown(handle, node.uid, node.gid)
        except OSError as error:
            self._refused(error, node.path, OWNER)
        os.chmod(handle, node.mode)
        for name, value in node.xattrs:
            self._set(handle, node.path, name, value)
        os.utime(handle, ns=(node.mtime_ns, node.mtime_ns))

    def _describe_special(self, node: Node, name: str, folder: int) -> None:
        """Do the same for what cannot be opened: symlinks, pipes, devices."""
        try:
            os.chown(name, node.uid, node.gid, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            self._refused(error, node.path, OWNER)
        if node.kind != SYMLINK:
            os.chmod(name, node.mode, dir_fd=folder)  # just made by us: no symlink to follow
        for key, value in node.xattrs:
            self._set(f"/proc/self/fd/{folder}/{name}", node.path, key, value)
        os.utime(name, ns=(node.mtime_ns, node.mtime_ns), dir_fd=folder, follow_symlinks=False)

    def _set(self, file: int | str, path: str, name: str, value: bytes) -> None:
        try:
            if isinstance(file, int):
                os.setxattr(file, name, value)
            else:
                os.setxattr(file, name, value, follow_symlinks=False)
        except OSError as error:
            if error.errno in _NO_ROOM_FOR_XATTR:
                self.lost.append(Lost(path, f"xattr {name}"))
            else:
                self._refused(error, path, f"xattr {name}")

    def _refused(self, error: OSError, path: str, what: str) -> None:
        if error.errno not in _REFUSED:
            raise error
        self.lost.append(Lost(path, what))


def pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the content of a file as `Disk.put` takes it."""
    at = 0
    while piece := file.read(_PIECE):
        yield at, piece
        at += len(piece)


def remove(path: Path) -> None:
    """Remove a directory with all in it, as far as this user may; nothing need be there."""
    above = os.open(path.parent, STEP)
    try:
        remove_directory(path.name, above)
    except FileNotFoundError:
        pass
    finally:
        os.close(above)


def remove_directory(name: str, above: int) -> None:
    """Remove the directory `name` of the directory `above`, a handle, with all in it.

    What is in it may be nested to any depth: directories are moved up before they are emptied.
    """
    todo = [name]
    while todo:
        name = todo.pop()
        handle = _opened(name, above)
        try:
            for entry in os.listdir(handle):  # noqa: PTH208 - of a handle
                try:
                    os.unlink(entry, dir_fd=handle)
                except IsADirectoryError:
                    moved = f".{os.urandom(16).hex()}"
                    _move(entry, handle, moved, above)
                    todo.append(moved)
        finally:
            os.close(handle)
        os.rmdir(name, dir_fd=above)


def _move(name: str, folder: int, moved: str, above: int) -> None:
    try:
        os.rename(name, moved, src_dir_fd=folder, dst_dir_fd=above)
    except PermissionError:  # what is `..` in it changes, so that it must be writable itself
        os.chmod(name, 0o700, dir_fd=folder)
        os.rename(name, moved, src_dir_fd=folder, dst_dir_fd=above)


def _opened(name: str, above: int) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(name, flags, dir_fd=above)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=above)
        handle = os.open(name, flags, dir_fd=above)
    if os.fstat(handle).st_mode & 0o300 != 0o300:  # noqa: PLR2004 - to write and to search
        os.fchmod(handle, 0o700)
    return handle


def _write(handle: int, size: int, content: Content) -> None:
    end = 0
    for offset, data in content:
        if offset != end:
            os.lseek(handle, offset, os.SEEK_SET)
        end = offset + len(data)
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
    if end != size:
        os.ftruncate(handle, size)
