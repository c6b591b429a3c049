"""The thread in a cell that hears what Lading wants: signals, the end; and that it is gone."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from lading.build.cell_wire import STOP


class Control:
    """Passes on what comes through the control pipe.

    target: gives the process that signals are for; None while there is none, and then they are kept for later.
    kill: ends all processes of the command at once.
    """

    def __init__(
        self, pipe: int, grace_s: float, target: Callable[[], int | None], kill: Callable[[], None]
    ) -> None:
        self._pipe = pipe
        self._grace_s = grace_s
        self._target = target
        self._kill = kill
        self._waiting: list[int] = []
        self._over = threading.Event()
        self.stopped = False

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, daemon=True).start()

    def end(self) -> None:
        """Heed nothing more, but that Lading is gone."""
        self._over.set()

    def _listen(self) -> None:
        while said := os.read(self._pipe, 64):
            for number in said:
                if number == STOP:
                    self._stop()
                else:
                    self._signal(number)
        # Nobody waits for this command any more: the kernel takes away what it holds.
        self._kill()
        os._exit(1)

    def _stop(self) -> None:
        if self.stopped:
            self._kill()
            return
        self.stopped = True
        self._signal(signal.SIGTERM)
        threading.Thread(target=self._kill_later, daemon=True).start()

    def _kill_later(self) -> None:
        if not self._over.wait(self._grace_s):
            self._kill()

    def _signal(self, number: int) -> None:
        if self._over.is_set():
            return
        threading.Thread(target=self._deliver, args=(number,), daemon=True).start()

    def _deliver(self, number: int) -> None:
        # A command that is about to start gets its signal as soon as it has.
        while (target := self._target()) is None:
            if self._over.wait(0.02):
                return
        with suppress(ProcessLookupError):
            os.kill(target, number)
