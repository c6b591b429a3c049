"""A person at a terminal: a program in the foreground of a shell, which stays when the program has ended."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

WAIT_S = 20.0
# Leads the session, as a shell does: what it starts is a job of its own, in the foreground.
_SHELL = """
import json, os, signal, subprocess, sys
say, hear, words = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
def foreground():
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    for number in (signal.SIGTTOU, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
job = subprocess.Popen(words, preexec_fn=foreground, pass_fds=())
os.write(say, b"%d\\n" % job.pid)
os.write(say, b"%d\\n" % job.wait())
os.read(hear, 1)
"""


class Terminal:
    """A context manager. shown: all that was shown so far, but what `until` has gone past."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        size: tuple[int, int] = (99, 33),
    ) -> None:
        self.shown = ""
        self._said, say = os.pipe()
        hear, self._leave = os.pipe()
        self._shell, self._outer = pty.fork()
        if self._shell == 0:
            self._become(words, environ, folder, size, (say, hear))
        os.close(say)
        os.close(hear)
        self._heard = os.fdopen(self._said, "rb")
        self.pid = int(self._heard.readline())
        self.modes_before: list[Any] = []

    def _become(
        self,
        words: Sequence[str],
        environ: Mapping[str, str] | None,
        folder: Path | None,
        size: tuple[int, int],
        pipes: tuple[int, int],
    ) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, _size(size))
            if folder is not None:
                os.chdir(folder)
            for pipe in pipes:
                os.set_inheritable(pipe, True)
            own = [sys.executable, "-c", _SHELL, *map(str, pipes), json.dumps(list(words))]
            os.execve(own[0], own, dict(os.environ if environ is None else environ))
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL) if error is not None else None
        self.hang_up()
        os.close(self._leave)
        os.waitpid(self._shell, 0)
        self._heard.close()

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._outer, text.encode())

    def until(self, awaited: str) -> str:
        """Wait until something is shown; return all up to there, and forget it."""
        end = time.monotonic() + WAIT_S
        while awaited not in self.shown:
            assert time.monotonic() < end, f"not shown: {awaited!r}; but {self.shown!r}"
            assert self._read(0.5), f"not shown: {awaited!r}; but {self.shown!r}"
        at = self.shown.index(awaited) + len(awaited)
        found, self.shown = self.shown[:at], self.shown[at:]
        return found

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window; the system tells who is at work in it."""
        fcntl.ioctl(self._outer, termios.TIOCSWINSZ, _size((columns, lines)))

    def modes(self) -> list[Any]:
        """Return the modes of the terminal."""
        return list(termios.tcgetattr(self._outer))

    def set_modes(self, modes: list[Any]) -> None:
        """Give the terminal modes, as another program may."""
        termios.tcsetattr(self._outer, termios.TCSANOW, modes)

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < end, f"it does not come; shown: {self.shown!r}"
            self._read(0.05)

    def ended(self) -> int:
        """Wait for the program's end; return its status, the negative number of a signal; what it showed is in `shown`."""
        end = time.monotonic() + WAIT_S
        while not select.select([self._said], [], [], 0)[0]:
            assert time.monotonic() < end, f"it does not end: {self.shown!r}"
            self._read(0.05)
        status = int(self._heard.readline())
        while self._read(0):
            pass
        return status

    def hang_up(self) -> None:
        """Close the window."""
        if self._outer >= 0:
            os.close(self._outer)
            self._outer = -1

    def _read(self, timeout: float) -> bool:
        if not select.select([self._outer], [], [], timeout)[0]:
            return timeout > 0
        try:
            piece = os.read(self._outer, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)


def _size(size: tuple[int, int]) -> bytes:
    columns, lines = size
    return struct.pack("HHHH", lines, columns, 0, 0)
