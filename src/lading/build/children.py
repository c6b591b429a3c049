"""Programs that a process starts and waits for, where it is also what orphans are given to: process 1 of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# Python ignores or catches these, a cell further ones; what is started gets them as they were.
DEFAULT_SIGNALS = (
    signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGTSTP,
    signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCHLD,
)  # fmt: skip

# Who forks faster than that is stopped by nobody but the system.
_MAX_ROUNDS = 1000
_PAUSE_S = 0.01


class Children:
    """Starts programs, and buries whatever ends.

    expected: gives a process that is waited for later, though it may end before; None while it is not known.
    """

    def __init__(self, expected: Callable[[], int | None]) -> None:
        self._expected = expected
        self._ended: dict[int, int] = {}

    def wait(self, child: int) -> int:
        """Wait for a child; return its status as a shell has it. Raises `ChildProcessError` if it is none."""
        while child not in self._ended:
            ended, status = os.waitpid(-1, 0)
            if ended in {child, self._expected()}:
                code = os.waitstatus_to_exitcode(status)
                self._ended[ended] = code if code >= 0 else 128 - code
        return self._ended.pop(child)


def end_descendants() -> None:
    """End all processes that come from this one, which has to be what orphans are given to; wait for them."""
    for _ in range(_MAX_ROUNDS):
        found = _descendants()
        if not found:
            return
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        time.sleep(_PAUSE_S)


def _descendants() -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                # The name stands in brackets, and may have any sign in it.
                parents[int(entry.name)] = int((entry / "stat").read_bytes().rpartition(b") ")[2].split()[1])
    found = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def start(words: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Start a program, by its path; return its process. Raises `OSError`."""
    return os.posix_spawn(
        words[0], list(words), os.environ if environ is None else environ, setsigdef=DEFAULT_SIGNALS
    )
