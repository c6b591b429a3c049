"""Sockets of the file system: names for them that are short enough, and descriptors sent through them (unix(7))."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Listening = socket.socket
_DESCRIPTOR = struct.Struct("i")
_MAX_WORDS = 4096


@contextmanager
def short(path: Path) -> Iterator[str]:
    """Give a name for a path that fits into the 108 bytes that the kernel has for it."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listen(path: Path, waiting: int) -> Listening:
    """Make a socket at a path. waiting: how many may wait to be heard. Raises `OSError`."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with short(path) as name:
        listening.bind(name)
    listening.listen(waiting)
    return listening


def line() -> tuple[int, int]:
    """Return two ends of a line that descriptors can be sent through."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return one.detach(), other.detach()


def send(end: int, descriptor: int) -> None:
    """Send a descriptor through a line. Raises `OSError`."""
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTOR.pack(descriptor))
    with socket.socket(fileno=os.dup(end)) as opened:
        opened.sendmsg([b"\0"], [rights])


def receive(end: int) -> int | None:
    """Wait for a descriptor; None where whoever would have sent one is gone."""
    with socket.socket(fileno=os.dup(end)) as opened, suppress(ConnectionError):
        room = socket.CMSG_SPACE(_DESCRIPTOR.size)
        _, told, _, _ = opened.recvmsg(_MAX_WORDS, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in told:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                return int(_DESCRIPTOR.unpack(data[: _DESCRIPTOR.size])[0])
    return None


def received(listening: Listening) -> int | None:
    """Return the descriptor that somebody has connected to send; None if nobody has."""
    listening.setblocking(False)
    with suppress(BlockingIOError):
        opened, _ = listening.accept()
        with opened:
            opened.setblocking(True)
            return receive(opened.fileno())
    return None
