"""The terminal that a command has for itself, seen from the command: made, and taken (pty(7))."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from contextlib import suppress

from lading.build import syscalls

_SIZE = struct.Struct("4H")
_MULTIPLEXER = "/dev/ptmx"


def make(size: tuple[int, int]) -> tuple[int, int]:
    """Return the outer and the inner side of a new terminal, which is one of the /dev of this process. Raises `OSError`.

    size: its columns and lines; 0 for not known. No function of the C library that looks up names or groups is
    called: it would read the files, and load the libraries, of a root that is not ours.
    """
    outer = os.open(_MULTIPLEXER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    inner = os.open(syscalls.unlock_terminal(outer), os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    resize(outer, size)
    return outer, inner


def take(inner: int, uid: int) -> None:
    """Make a terminal that of this process: for its input and outputs, and for a session that it leads.

    uid: who it is to belong to. Raises `OSError`.
    """
    os.setsid()
    fcntl.ioctl(inner, termios.TIOCSCTTY, 0)
    with suppress(OSError):  # an id that this user does not have
        os.fchown(inner, uid, -1)
    for descriptor in (0, 1, 2):
        os.dup2(inner, descriptor)


def resize(terminal: int, size: tuple[int, int]) -> None:
    """Give a terminal a size: columns and lines. Who is at work in it is told. Raises `OSError`."""
    columns, lines = size
    if columns and lines:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, _SIZE.pack(lines, columns, 0, 0))


def size_of(terminal: int) -> tuple[int, int]:
    """Return the columns and lines of a terminal; 0 where it does not say, or is none."""
    try:
        return os.get_terminal_size(terminal)[:2]
    except OSError:
        return 0, 0
