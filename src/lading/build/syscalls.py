"""System calls of Linux that Python 3.11 has no function for: namespaces, mounts, capabilities, process control.

Each raises `OSError` as the functions of `os` do. Numbers are those of linux/sched.h, linux/mount.h, linux/prctl.h.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import sys
from pathlib import Path

NEW_MOUNTS = 0x00020000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PIDS = 0x20000000
NEW_NETWORK = 0x40000000

READ_ONLY = 1
NO_SUID = 2
NO_DEVICES = 4
NO_EXEC = 8
REMOUNT = 32
BIND = 4096
MOVE = 8192
RECURSIVE = 16384
PRIVATE = 1 << 18
SLAVE = 1 << 19
_DETACH = 2

_SET_DEATH_SIGNAL = 1
_CAPBSET_READ, _CAPBSET_DROP = 23, 24
_SET_SUBREAPER = 36
_SET_NO_NEW_PRIVILEGES = 38
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4
_SYS_ADMIN = 21
# socket(2), netdevice(7).
_INTERNET, _DATAGRAM, _SET_FLAGS, _UP = 2, 2, 0x8914, 1
_WHOLE_ID_SPACE = 2**32 - 1
_MAX_TERMINAL_NAME = 64

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, path: str = "") -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path or None)


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _checked(_libc.unshare(ctypes.c_int(flags)))


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a file system, or with `BIND` a directory or file once more."""
    _checked(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            os.fsencode(data) or None,
        ),
        target,
    )


def unmount(target: str) -> None:
    """Take a mount away at once, and let it go when nothing uses it any more."""
    _checked(_libc.umount2(os.fsencode(target), ctypes.c_int(_DETACH)), target)


def _prctl(option: int, *values: int) -> int:
    padded = (*values, 0, 0, 0, 0)[:4]
    return int(_libc.prctl(ctypes.c_int(option), *(ctypes.c_ulong(value) for value in padded)))


def die_with_parent(signal: int) -> None:
    """Have the kernel send a signal to this process when the thread that made it is gone."""
    _checked(_prctl(_SET_DEATH_SIGNAL, signal))


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends."""
    _checked(_prctl(_SET_SUBREAPER, 1))


def no_new_privileges() -> None:
    """Give up for good that a program gives more privileges than its caller has."""
    _checked(_prctl(_SET_NO_NEW_PRIVILEGES, 1))


def keep_capabilities(kept: frozenset[int]) -> None:
    """Take all capabilities but these out of reach of this process and what it starts."""
    _prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        if capability not in kept and is_in_bounding_set(capability):
            _checked(_prctl(_CAPBSET_DROP, capability))


def is_in_bounding_set(capability: int) -> bool:
    """Tell whether this process, or what it starts, can have a capability."""
    return _prctl(_CAPBSET_READ, capability) == 1


def set_host_name(name: str) -> None:
    """Give this machine, or its namespace, another name."""
    data = name.encode()
    _checked(_libc.sethostname(data, ctypes.c_size_t(len(data))))


def raise_loopback() -> None:
    """Make the address of this machine itself reachable, in a network namespace that has nothing else."""
    endpoint = int(_libc.socket(_INTERNET, _DATAGRAM, 0))
    if endpoint < 0:
        _checked(endpoint)
    try:
        fcntl.ioctl(endpoint, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    finally:
        os.close(endpoint)


def unlock_terminal(outer: int) -> str:
    """Let the inner side of a new terminal be opened, given the outer one (ptmx(4)); return its path."""
    _checked(_libc.unlockpt(ctypes.c_int(outer)))
    name = ctypes.create_string_buffer(_MAX_TERMINAL_NAME)
    # It returns an error, and may set none.
    number = int(_libc.ptsname_r(ctypes.c_int(outer), name, ctypes.c_size_t(len(name))))
    if number:
        raise OSError(number, os.strerror(number))
    return os.fsdecode(name.value)


def may_mount() -> bool:
    """Tell whether this process has CAP_SYS_ADMIN, where it is."""
    try:
        text = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return os.geteuid() == 0
    held = next((line.split()[1] for line in text.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(held, 16) >> _SYS_ADMIN & 1)


def in_user_namespace() -> bool:
    """Tell whether the ids of this process are not the machine's own."""
    maps = id_map()
    return maps != ((0, 0, _WHOLE_ID_SPACE),)


def id_map(kind: str = "uid") -> tuple[tuple[int, int, int], ...]:
    """Return the ranges of ids of this process's user namespace: first inside, first outside, how many.

    kind: `uid` or `gid`. One range with all ids where there are no user namespaces.
    """
    try:
        text = Path(f"/proc/self/{kind}_map").read_text("ascii")
    except OSError:
        return ((0, 0, _WHOLE_ID_SPACE),)
    rows = (line.split() for line in text.splitlines())
    return tuple((int(inside), int(outside), int(count)) for inside, outside, count in rows)


def is_linux() -> bool:
    """Tell whether there are such system calls at all."""
    return sys.platform == "linux"
