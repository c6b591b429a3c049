"""What a runtime mounts in a root, mounted by ourselves: /proc, /dev, /sys, and what the caller wants.

Called in a mount namespace for the command alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lading.build import syscalls
from lading.build.mounts import Mounted
from lading.build.run_spec import Isolation, RunSpec
from lading.build.runtime_config import FIXED, MASKED
from lading.build.within import Reached, Stubs, reach

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {
    "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}  # fmt: skip
_SAFE = syscalls.NO_SUID | syscalls.NO_DEVICES | syscalls.NO_EXEC
_BIND = syscalls.BIND | syscalls.RECURSIVE


def mount_all(spec: RunSpec, isolation: Isolation, root: Path, mounted: list[Mounted]) -> None:
    """Mount everything. Raises `OSError` where something is refused that a command cannot do without."""
    with _opened(root) as descriptor:
        with _point(descriptor, "/dev") as point:
            syscalls.mount("tmpfs", point, "tmpfs", syscalls.NO_SUID, "mode=755,size=65536k")
        with _point(descriptor, "/dev") as point:
            _fill_devices(Path(point), spec.shm_bytes)
        with _point(descriptor, "/proc") as point:
            if isolation.new_proc:
                syscalls.mount("proc", point, "proc", _SAFE)
            else:
                syscalls.mount("/proc", point, flags=_BIND)
        with _point(descriptor, "/sys") as point, suppress(OSError):  # there may be none
            syscalls.mount("/sys", point, flags=_BIND)
            _read_only(point, _SAFE)
        if spec.security == "sandbox":
            _hide(descriptor)
        with Stubs(descriptor) as stubs:
            for one in mounted:
                target = stubs.make(one.target, directory=one.directory)
                with _point(descriptor, target) as point:
                    syscalls.mount(one.source, point, flags=_BIND)
                if one.read_only:
                    with _point(descriptor, target) as point:
                        _read_only(point)
    if spec.read_only:
        _read_only(str(root))


def _fill_devices(devices: Path, shm_bytes: int) -> None:
    for name in _DEVICES:
        (devices / name).touch()
        syscalls.mount(f"/dev/{name}", str(devices / name), flags=syscalls.BIND)
    for name, target in _LINKS.items():
        (devices / name).symlink_to(target)
    for name in ("pts", "shm", "mqueue"):
        (devices / name).mkdir()
    try:
        syscalls.mount("devpts", str(devices / "pts"), "devpts", 0, "newinstance,ptmxmode=0666,mode=0620")
    except OSError:
        syscalls.mount("/dev/pts", str(devices / "pts"), flags=_BIND)
    syscalls.mount("shm", str(devices / "shm"), "tmpfs", _SAFE, f"mode=1777,size={shm_bytes}")
    with suppress(OSError):
        syscalls.mount("mqueue", str(devices / "mqueue"), "mqueue", _SAFE)


def _hide(root: int) -> None:
    """Hide what tells of the machine, and keep what reaches it from being written to; where that is allowed."""
    for path in FIXED:
        with suppress(OSError):
            with _point(root, path) as point:
                syscalls.mount(point, point, flags=_BIND)
            with _point(root, path) as point:
                _read_only(point, _SAFE)
    for path in MASKED:
        with suppress(OSError), reach(root, path) as found:
            if found.is_directory:
                syscalls.mount("tmpfs", found.handle, "tmpfs", syscalls.READ_ONLY | _SAFE, "size=0")
            else:
                syscalls.mount("/dev/null", found.handle, flags=syscalls.BIND)


def _read_only(point: str, more: int = 0) -> None:
    syscalls.mount("none", point, flags=syscalls.REMOUNT | syscalls.BIND | syscalls.READ_ONLY | more)


@contextmanager
def _opened(root: Path) -> Iterator[int]:
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _point(root: int, path: str) -> Iterator[str]:
    """Give a path that leads to what another leads to in the root, whatever links are on the way."""
    found: Reached
    with reach(root, path) as found:
        yield found.handle
