"""The terminal that a person sits at, lent to a command: what is typed goes to the command's own, and back.

    standard input, raw -> outer side | inner side: the command
    standard output     <- outer side |

While it is lent, no key means anything here: that `^C` is a signal, or `^D` an end, is decided by the command's own
terminal, so that it is the command alone that is meant.
"""

from __future__ import annotations

import os
import select
import termios
import tty
from contextlib import suppress
from typing import Any

from lading.build import console
from lading.build.cell_wire import write_all

Modes = list[Any]  # as termios has them
_INPUT, _OUTPUT = 0, 1
_PIECE = 4096
# What is typed, or pasted, ahead of a command that does not read.
_MAX_TYPED_BYTES = 65536
# A terminal keeps less than that for who reads it; more is by somebody who goes on after the end.
_MAX_LEFT_BYTES = 1 << 20
_LEFT_MS = 1000
# Nobody has the inner side open just now, which the system tells of again and again.
_ASK_AGAIN_MS = 100


class Screen:
    """The terminal of this process, for one command."""

    def __init__(self) -> None:
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of what it holds."""
        os.close(self._woken)
        os.close(self._wake)

    def refresh(self) -> None:
        """Look again at its size and modes: it was changed, or this process stopped. From any thread, or a handler."""
        with suppress(BlockingIOError):  # it is about to look
            os.write(self._wake, b"\0")

    def show(self, outer: int, over: int) -> bool:
        """Lend it to a command until that has ended; return whether it has, or our terminal has gone away before.

        outer: the outer side of the command's terminal; it is closed afterwards, which hangs up on who is still at work
        there. over: a descriptor that can be read from when the command has ended.
        """
        before = modes()
        try:
            _raw()
            console.resize(outer, size())
            os.set_blocking(outer, False)
            return _Relay(outer, over, self._woken).run()
        finally:
            put_back(before)
            os.close(outer)


def size() -> tuple[int, int]:
    """Return the columns and lines of the terminal at standard input; 0 for not known."""
    return console.size_of(_INPUT)


def modes() -> Modes | None:
    """Return the modes of the terminal at standard input; None if there is none."""
    with suppress(termios.error):
        return termios.tcgetattr(_INPUT)
    return None


def put_back(before: Modes | None) -> None:
    """Give the terminal at standard input the modes that it has had before."""
    # Another program may be at it, if we are in the background: its modes are not ours to change.
    if before is not None and _is_ours():
        with suppress(termios.error):
            termios.tcsetattr(_INPUT, termios.TCSANOW, before)


class _Relay:
    """Copies both ways."""

    def __init__(self, outer: int, over: int, woken: int) -> None:
        self._outer = outer
        self._over = over
        self._woken = woken
        self._typed = b""
        self._shown = b""
        self._open = True

    def run(self) -> bool:
        """Copy until the command has ended; return whether the person was there all the time."""
        while True:
            ready = self._wait()
            try:
                if ready.get(self._woken):
                    self._refresh()
                if ready.get(self._over):
                    self._finish()
                    return True
                if ready.get(_OUTPUT):
                    self._shown = self._shown[os.write(_OUTPUT, self._shown) :]
                if ready.get(_INPUT) and not self._read_typed():
                    return False
            except OSError:
                return False
            self._copy(ready.get(self._outer, 0))

    def _wait(self) -> dict[int, int]:
        """Return what can be done; at the latest when it is time to look whether the inner side is open again."""
        poll = select.poll()
        poll.register(self._woken, select.POLLIN)
        poll.register(self._over, select.POLLIN)
        poll.register(_INPUT, select.POLLIN if len(self._typed) < _MAX_TYPED_BYTES else 0)
        if self._shown:
            poll.register(_OUTPUT, select.POLLOUT)
        wanted = (0 if self._shown else select.POLLIN) | (select.POLLOUT if self._typed else 0)
        if self._open and wanted:
            poll.register(self._outer, wanted)
        ready = dict(poll.poll(None if self._open else _ASK_AGAIN_MS))
        if not self._open:
            ready[self._outer] = select.POLLIN
        return ready

    def _refresh(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._woken, _PIECE)
        if _is_ours():
            _raw()
        with suppress(OSError):
            console.resize(self._outer, size())

    def _read_typed(self) -> bool:
        typed = os.read(_INPUT, _PIECE)
        self._typed += typed
        return bool(typed)

    def _copy(self, ready: int) -> None:
        if ready & select.POLLOUT and self._typed:
            with suppress(OSError):
                self._typed = self._typed[os.write(self._outer, self._typed) :]
        if ready & ~select.POLLOUT and not self._shown:
            try:
                self._shown = os.read(self._outer, _PIECE)
                self._open = True
            except BlockingIOError:
                self._open = True
            except OSError:
                self._open = False

    def _finish(self) -> None:
        """Show what the command has left behind. Raises `OSError` where it cannot be."""
        write_all(_OUTPUT, self._shown)
        left = _MAX_LEFT_BYTES
        poll = select.poll()
        poll.register(self._outer, select.POLLIN)
        while left > 0 and poll.poll(_LEFT_MS):
            piece = b""
            try:
                piece = os.read(self._outer, _PIECE)
            except BlockingIOError:
                pass  # not ready after all
            except OSError:  # Linux's way to say that nobody has the inner side open
                return
            write_all(_OUTPUT, piece)
            left -= len(piece) or 1


def _raw() -> None:
    """Have every key come through as it is; what was typed before is not lost."""
    with suppress(termios.error):
        tty.setraw(_INPUT, termios.TCSANOW)


def _is_ours() -> bool:
    """Tell whether this process is in the foreground; or has a terminal that knows no such thing."""
    try:
        return os.tcgetpgrp(_INPUT) == os.getpgrp()
    except OSError:
        return True
