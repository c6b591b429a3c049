"""What a command sees where nothing can be mounted: laid among the files of its root, and taken away again.

For root in a container that may neither mount nor make namespaces. What lies where something is laid is moved
aside, and back again; directories get their times back. A secret is not laid anywhere: it would be on disk.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lading.build.copying import copy_file, copy_tree
from lading.build.hosts import hosts_file, resolv_conf
from lading.build.run_spec import Agent, Bind, Cache, File, Mount, RunSpec, Tmpfs, Volume
from lading.build.within import Stubs, reach, times_kept
from lading.errors import MalformedError, UnavailableError

_DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
_DEVICE_MODE = 0o666
_ANYBODY_RUNS = 0o111


class Placed:
    """Everything that a command sees beside its root's own files.

    root: an open directory. stubs: for directories that have to be made. aside: a directory that there is not
    yet, on the same file system.
    """

    def __init__(self, root: int, stubs: Stubs, aside: Path, spec: RunSpec) -> None:
        self._root = root
        self._stubs = stubs
        self._aside = aside
        self._spec = spec
        self._undo: list[Callable[[], None]] = []
        self.moved: list[str] = []  # what was there and is again, from the root

    def lay(self) -> None:
        """Lay everything. Raises `UnavailableError` for what cannot be without mounts."""
        spec = self._spec
        self._aside.mkdir()
        names = hosts_file(spec.network, spec.hostname, spec.hosts)
        self._lay("/etc/resolv.conf", _written(resolv_conf(spec.network).encode(), 0o644))
        self._lay("/etc/hosts", _written(names.encode(), 0o644))
        for name, numbers in _DEVICES.items():
            self._device(name, numbers)
        for mount in sorted(spec.mounts, key=lambda one: one.target.rstrip("/").count("/")):
            self._one(mount)

    def take_away(self) -> None:
        """Have it as it was, but for what the command has changed of its own."""
        while self._undo:
            self._undo.pop()()

    def _one(self, mount: Mount) -> None:
        match mount:
            case File():
                if not mount.mode & _ANYBODY_RUNS:
                    raise _impossible(
                        "a secret cannot be given as a file", mount, "give it as a variable: env=NAME"
                    )
                self._lay(mount.target, _written(mount.content, mount.mode, mount.uid, mount.gid))
            case Tmpfs():
                self._lay(mount.target, _directory(mount.mode))
            case Cache():
                self._lay(mount.target, _moved(mount.directory), _moved_back(mount.directory))
            case Bind():
                self._bind(mount)
            case Volume():
                if not mount.read_only:
                    raise _impossible("a volume cannot be written to", mount, "add :ro, and it is copied")
                self._lay(mount.target, _copied(mount.source))
            case Agent():
                raise _impossible("the socket of an agent cannot be given", mount, "")

    def _bind(self, mount: Bind) -> None:
        descriptor = os.open(mount.directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with reach(descriptor, mount.source) as found:
                self._lay(mount.target, _copied(found.handle))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MalformedError(f"there is no {mount.source!r} to mount", mount.target) from error
        finally:
            os.close(descriptor)

    def _lay(
        self, target: str, put: Callable[[str, int], None], back: Callable[[str, int], None] | None = None
    ) -> None:
        """Lay something. put: makes it, under a name in an open directory; back: takes it away."""
        folder, name = posixpath.split(posixpath.normpath("/" + target.lstrip("/")))
        self._stubs.make(folder, directory=True)
        with reach(self._root, folder) as found:
            parent, place = os.dup(found.descriptor), posixpath.join(found.path, name)
        self._undo.append(lambda: os.close(parent))
        moved = str(self._aside / str(len(self._undo)))
        with times_kept(parent):
            with suppress(FileNotFoundError):
                os.rename(name, moved, src_dir_fd=parent)
                self.moved.append(place.lstrip("/"))
                self._undo.append(lambda: _kept(parent, lambda: os.rename(moved, name, dst_dir_fd=parent)))
            put(name, parent)
            self._undo.append(lambda: _kept(parent, lambda: (back or _removed)(name, parent)))

    def _device(self, name: str, numbers: tuple[int, int]) -> None:
        def put(name: str, parent: int) -> None:
            try:
                os.mknod(name, stat.S_IFCHR | _DEVICE_MODE, os.makedev(*numbers), dir_fd=parent)
                os.chmod(name, _DEVICE_MODE, dir_fd=parent)
            except PermissionError:
                # Better than none: it takes what is written to it, and is taken away.
                _written(b"", _DEVICE_MODE)(name, parent)

        self._lay(f"/dev/{name}", put)


def _written(content: bytes, mode: int, uid: int = 0, gid: int = 0) -> Callable[[str, int], None]:
    def put(name: str, parent: int) -> None:
        file = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=parent)
        with open(file, "wb") as writer:  # noqa: PTH123 - a descriptor
            writer.write(content)
            os.fchown(file, uid, gid)
            os.fchmod(file, mode)

    return put


def _directory(mode: int) -> Callable[[str, int], None]:
    def put(name: str, parent: int) -> None:
        os.mkdir(name, dir_fd=parent)
        os.chmod(name, mode, dir_fd=parent)

    return put


def _copied(source: str) -> Callable[[str, int], None]:
    def put(name: str, parent: int) -> None:
        target = f"/proc/self/fd/{parent}/{name}"
        if Path(source).is_dir():
            copy_tree(source, target)
        else:
            copy_file(source, target)

    return put


def _moved(source: str) -> Callable[[str, int], None]:
    def put(name: str, parent: int) -> None:
        shutil.move(source, f"/proc/self/fd/{parent}/{name}")

    return put


def _moved_back(source: str) -> Callable[[str, int], None]:
    def take(name: str, parent: int) -> None:
        shutil.move(f"/proc/self/fd/{parent}/{name}", source)

    return take


def _removed(name: str, parent: int) -> None:
    with suppress(FileNotFoundError):  # the command was faster
        if stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
            shutil.rmtree(name, dir_fd=parent)
        else:
            os.unlink(name, dir_fd=parent)


def _kept(parent: int, change: Callable[[], None]) -> None:
    with times_kept(parent):
        change()


def _impossible(what: str, mount: Mount, hint: str) -> UnavailableError:
    return UnavailableError(f"{what} where nothing can be mounted", mount.target, hint)
