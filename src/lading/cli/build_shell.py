"""`lading build --debug-shell`: where a RUN fails, a shell in the state that it left, for the person at the terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from lading.build import run_step
from lading.build.run import Control, execute
from lading.build.run_spec import Isolation, RunSpec
from lading.cli import tell
from lading.cli.build_progress import Progress
from lading.errors import UsageError

# What would end this process where it stands, and leave the terminal as the shell has it.
_ENDS = (signal.SIGTERM, signal.SIGHUP)
_LOOKS = (signal.SIGWINCH, signal.SIGCONT)


class Shell:
    """Opens shells, one at a time. Raises `UsageError` where there is no terminal."""

    def __init__(self) -> None:
        if not os.isatty(0):
            raise UsageError("--debug-shell needs a terminal")
        self._shown: Progress | None = None
        self._control: Control | None = None

    @contextmanager
    def at(self, shown: Progress) -> Iterator[None]:
        """Heed the terminal and its signals during a build, in the main thread. shown: what else is at the terminal."""
        self._shown = shown
        handlers = {**dict.fromkeys(_ENDS, _interrupted), **dict.fromkeys(_LOOKS, self._look)}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def __call__(self, spec: RunSpec, isolation: Isolation, control: Control) -> None:
        """Open a shell where a command has failed; return when it is left. control: ends it from another thread."""
        assert self._shown is not None
        with self._shown.paused():
            if control.stopped:
                return
            self._control = control
            tell.line("the command has failed; this is a shell in the state that it left (exit: go on)")
            execute(run_step.shell(spec), isolation, control=control)

    def _look(self, _number: int, _frame: object) -> None:
        if self._control is not None:
            self._control.refresh()


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
