"""Programs that a process starts and waits for, where it is also what orphans are given to: process 1 of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence

# Python ignores or catches these, a cell further ones; what is started gets them as they were.
_DEFAULT_SIGNALS = (
    signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM, signal.SIGTSTP,
    signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCHLD,
)  # fmt: skip


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


def start(words: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Start a program, by its path; return its process. Raises `OSError`."""
    return os.posix_spawn(
        words[0], list(words), os.environ if environ is None else environ, setsigdef=_DEFAULT_SIGNALS
    )
