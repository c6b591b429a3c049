"""What a command sees, mounted at one place: its root, and the sources of what is mounted in it.

Called in a mount namespace of its own, so that all of it is gone when that is.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path

import msgspec

from lading.build import syscalls
from lading.build.agent import listen, serve
from lading.build.copying import copy_attributes, copy_file, copy_tree
from lading.build.hosts import hosts_file, resolv_conf
from lading.build.overlay_mount import Overlays
from lading.build.run_spec import Agent, Bind, Cache, File, Isolation, Mount, RunSpec, Tmpfs, Volume
from lading.build.within import Stubs, reach
from lading.errors import MalformedError, UnavailableError

_APT = "/etc/apt/apt.conf.d"


class Mounted(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the runtime mounts.

    source: its path at the place. target: as the caller wrote it.
    """

    target: str
    source: str
    directory: bool = True
    read_only: bool = False


class Place:
    """A directory with everything in it: `root`, the sources of mounts, the bundle of the runtime."""

    def __init__(self, path: Path, spec: RunSpec, isolation: Isolation) -> None:
        self.path = path
        self.root = path / "root"
        self._spec = spec
        self._isolation = isolation
        self._overlays = Overlays(path / "layers", isolation.overlay, isolation.fuse_program)

    def prepare(self) -> None:
        """Mount the place itself, in memory, and the root within."""
        self.path.mkdir(mode=0o700)
        syscalls.mount("tmpfs", str(self.path), "tmpfs", syscalls.NO_SUID | syscalls.NO_DEVICES, "mode=0700")
        for name in ("root", "bundle", "sources", "layers"):
            (self.path / name).mkdir()
        spec = self._spec
        if spec.root:
            syscalls.mount(spec.root, str(self.root), flags=syscalls.BIND | syscalls.RECURSIVE)
        else:
            work = Path(spec.work, "overlay")
            work.mkdir()
            if spec.lowers:
                # The upper directory is the root: it is what the root was, until the command changes it.
                copy_attributes(spec.lowers[-1], spec.upper)
            self._overlays.mount(self.root, spec.lowers, spec.upper, str(work))

    def mounted(self) -> list[Mounted]:
        """Make the sources of all mounts; return them in the order in which they are mounted."""
        spec = self._spec
        found = [
            self._file("resolv.conf", "/etc/resolv.conf", resolv_conf(spec.network).encode(), 0o644),
            self._file(
                "hosts", "/etc/hosts", hosts_file(spec.network, spec.hostname, spec.hosts).encode(), 0o644
            ),
        ]
        if self._isolation.one_id:
            found += self._for_apt()
        found += [self._source(f"mount-{at}", mount) for at, mount in enumerate(spec.mounts)]
        last = {one.target: one for one in found}
        return sorted(last.values(), key=lambda one: one.target.rstrip("/").count("/"))

    def _for_apt(self) -> list[Mounted]:
        """Tell apt to stay root where there is nobody else to become; it gives up otherwise."""
        root = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with reach(root, _APT) as found:
                if found.is_directory:
                    return [self._file("apt", f"{_APT}/99-lading", b'APT::Sandbox::User "root";\n', 0o644)]
        except OSError:
            pass  # another distribution
        finally:
            os.close(root)
        return []

    def _source(self, name: str, mount: Mount) -> Mounted:
        try:
            match mount:
                case Bind():
                    return self._bind(name, mount)
                case Volume() | Cache():
                    source = mount.source if isinstance(mount, Volume) else mount.directory
                    held = self._held(name, source)
                    return Mounted(
                        target=mount.target,
                        source=held,
                        directory=Path(held).is_dir(),
                        read_only=mount.read_only,
                    )
                case Tmpfs():
                    return Mounted(target=mount.target, source=self._tmpfs(name, mount))
                case File():
                    return self._file(name, mount.target, mount.content, mount.mode, (mount.uid, mount.gid))
                case Agent():
                    return Mounted(target=mount.target, source=self._agent(name, mount), directory=False)
        except OSError as error:
            raise UnavailableError(f"cannot be mounted: {error.strerror}", mount.target) from error

    def _agent(self, name: str, mount: Agent) -> str:
        """Make a socket, and start a process that serves it."""
        path = self.path / "sources" / name
        listening = listen(path, mount.mode, (mount.uid, mount.gid))
        if os.fork() == 0:
            try:
                serve(listening, Path(mount.socket))
            finally:
                os._exit(1)
        listening.close()
        return str(path)

    def _file(
        self, name: str, target: str, content: bytes, mode: int, owner: tuple[int, int] = (0, 0)
    ) -> Mounted:
        path = self.path / "sources" / name
        path.write_bytes(content)
        if owner != (0, 0):
            os.chown(path, *owner)
        path.chmod(mode)
        return Mounted(target=target, source=str(path), directory=False)

    def _held(self, name: str, source: str) -> str:
        """Mount a directory or file of the machine at the place; return where."""
        point = self._point(name, directory=Path(source).is_dir())
        syscalls.mount(source, point, flags=syscalls.BIND | syscalls.RECURSIVE)
        return point

    def _tmpfs(self, name: str, mount: Tmpfs) -> str:
        """Mount a new one; a runtime would give it the mode of what it lies over."""
        point = self._point(name, directory=True)
        options = [f"mode={mount.mode:o}"] + [f"size={mount.size_bytes}"] * bool(mount.size_bytes)
        syscalls.mount("tmpfs", point, "tmpfs", syscalls.NO_SUID | syscalls.NO_DEVICES, ",".join(options))
        return point

    def _point(self, name: str, *, directory: bool) -> str:
        point = self.path / "sources" / name
        if directory:
            point.mkdir()
        else:
            point.touch()
        return str(point)

    def _bind(self, name: str, mount: Bind) -> Mounted:
        descriptor = os.open(self._whole(name, mount), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with reach(descriptor, mount.source) as found:
                directory = found.is_directory
                point = self._point(name, directory=directory)
                source = found.handle
                if not mount.read_only and not self._layered(mount):
                    source = self._copy(name, source, directory=directory)
                syscalls.mount(source, point, flags=syscalls.BIND | syscalls.RECURSIVE)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MalformedError(f"there is no {mount.source!r} to mount", mount.target) from error
        finally:
            os.close(descriptor)
        return Mounted(target=mount.target, source=point, directory=directory, read_only=mount.read_only)

    def _layered(self, mount: Bind) -> bool:
        return bool(mount.lowers) or self._isolation.overlay != "none"

    def _whole(self, name: str, mount: Bind) -> str:
        """Return a directory with all the files that a bind mount chooses from."""
        if not mount.lowers and (mount.read_only or not self._layered(mount)):
            return mount.directory
        whole = self.path / "sources" / f"{name}-all"
        whole.mkdir()
        lowers = mount.lowers or (mount.directory,)
        if mount.read_only:
            self._overlays.mount(whole, lowers)
            return str(whole)
        scratch = Path(self._spec.work, name)
        for part in ("upper", "overlay"):
            (scratch / part).mkdir(parents=True)
        self._overlays.mount(whole, lowers, str(scratch / "upper"), str(scratch / "overlay"))
        return str(whole)

    def _copy(self, name: str, source: str, *, directory: bool) -> str:
        """Copy files that may be written to; return where the copy lies."""
        copy = Path(self._spec.work, name)
        if directory:
            copy_tree(source, str(copy))
        else:
            copy_file(source, str(copy))
        return str(copy)


def settle(stubs: Stubs, mounted: Iterable[Mounted], covered: Iterable[str]) -> list[Mounted]:
    """Return mounts with targets that are there, and without links.

    covered: mount points, absolute, below which the runtime makes what it wants; those of the mounts
    come to them one by one, so that they are given in the order in which they are mounted.
    """
    known = list(covered)
    found = []
    for one in mounted:
        target = posixpath.normpath("/" + one.target.lstrip("/"))
        if not any(target.startswith(above + "/") for above in known):
            target = stubs.make(target, directory=one.directory)
        found.append(msgspec.structs.replace(one, target=target))
        known.append(target)
    return found
