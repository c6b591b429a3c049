"""A process beside a build, which reads each layer while it is written, and says in the end what it has found.

Python runs one thread at a time: a reader in a thread of the build would take from it what it needs for itself. In
a process of its own it has the processor that a build leaves idle, has loaded what it needs before anybody asks for
it, and knows the layers when the last one is written. What it has not seen, for whatever reason, it reads from the
store like any other scan.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from types import TracebackType
from typing import Self

from lading.cli.scan_orders import End, Keep, Order, Piece, Report, packed
from lading.cli.slots import SLOT_BYTES, Slots
from lading.errors import UnavailableError

# What the other process does: gets the slots, the pipe that orders come from, and the one that a status goes to.
Serve = Callable[[Slots, int, int], None]


class Scanner:
    """The process, seen from the build; a context manager. To be made while there is one thread."""

    def __init__(self, serve: Serve) -> None:
        """Start it. Raises `OSError` where it cannot be started."""
        self._slots = Slots()
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        self._sending = threading.Lock()
        self._numbers = count()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            # Who interrupts means the build, which ends this process if it has to.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.close(self._orders)
            os.close(self._answers)
            self._slots.receive()
            status = 1
            try:
                serve(self._slots, orders, answers)
                status = 0
            finally:
                os._exit(status)
        os.close(orders)
        os.close(answers)
        self._slots.give()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and not issubclass(kind, Exception):
            os.kill(self._process, signal.SIGKILL)
        os.close(self._orders)
        os.waitpid(self._process, 0)
        os.close(self._answers)
        self._slots.close()

    def onlooker(self) -> Shown:
        """Return what takes the next layer."""
        return Shown(self, next(self._numbers))

    def report(self, digest: str, name: str, *, scanning: bool) -> int:
        """Have it told what is in the image of this digest in the store; return the exit status.

        Raises `UnavailableError` if the process has ended by itself.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        self.send(Report(digest, name, scanning))
        answer = os.read(self._answers, 1)
        if not answer:
            raise UnavailableError(
                "the process that scans has been ended from outside",
                hint="the image is complete: `lading scan` says what is in it",
            )
        return answer[0]

    def show(self, layer: int, chunk: bytes) -> bool:
        """Hand over a piece of a layer; return whether it was taken."""
        for at in range(0, len(chunk), SLOT_BYTES):
            piece = memoryview(chunk)[at : at + SLOT_BYTES]
            slot = self._slots.put(piece)
            if slot is None or not self.send(Piece(layer, slot, len(piece))):
                return False
        return True

    def send(self, order: Order) -> bool:
        """Send an order; return whether there is somebody who could get it."""
        data = memoryview(packed(order))
        try:
            with self._sending:
                while data:
                    data = data[os.write(self._orders, data) :]
        except BrokenPipeError:
            return False
        return True


class Shown:
    """A layer on its way to the scanner: an `Onlooker` of the build."""

    def __init__(self, scanner: Scanner, number: int) -> None:
        self._scanner = scanner
        self._number = number

    def observe(self, chunks: Iterator[bytes]) -> None:
        """Show the tar in `chunks`, as long as it is looked at. Raises what `chunks` raise."""
        whole = False
        try:
            whole = all(self._scanner.show(self._number, chunk) for chunk in chunks)
        finally:
            self._scanner.send(End(self._number, whole))

    def keep(self, diff_id: str) -> None:
        """Say that the layer is complete."""
        self._scanner.send(Keep(self._number, diff_id))
