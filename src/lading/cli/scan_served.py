"""The process beside a build (`scanner`), seen from within: it reads the layers it is shown, and reports."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import SimpleQueue

from lading.build.layer_make import Onlooker
from lading.cli.scan_orders import End, Keep, Piece, Report, orders
from lading.cli.slots import Slots
from lading.errors import LadingError, UnavailableError

_logger = logging.getLogger(__name__)


class Served:
    """Does what is ordered until nobody is left who could order something.

    onlooker: makes what reads a layer. report: says what is to be said of an image, and returns the exit status,
    which goes to the pipe `answers` as one byte.
    """

    def __init__(
        self, slots: Slots, onlooker: Callable[[], Onlooker], report: Callable[[Report], int]
    ) -> None:
        self._slots = slots
        self._onlooker = onlooker
        self._report = report
        self._layers: dict[int, _Shown] = {}
        self._wanted: SimpleQueue[Report | None] = SimpleQueue()
        self._reporting = False

    def run(self, incoming: int, answers: int) -> None:
        """Take orders from the pipe `incoming` to its end."""
        threading.Thread(target=self._listen, args=(incoming,), daemon=True).start()
        while order := self._wanted.get():
            self._finish()
            status = self._report(order)
            self._reporting = False
            os.write(answers, bytes([status]))
        self._finish()

    def _finish(self) -> None:
        while self._layers:
            self._layers.popitem()[1].thread.join()

    def _listen(self, incoming: int) -> None:
        for order in orders(incoming):
            if isinstance(order, Report):
                self._reporting = True
                self._wanted.put(order)
                continue
            if order.layer not in self._layers:
                self._layers[order.layer] = _Shown(self._slots, self._onlooker())
            self._layers[order.layer].orders.put(order)
        if self._reporting:
            os._exit(1)  # nobody is left who would read it
        for number, layer in tuple(self._layers.items()):
            layer.orders.put(End(number, whole=False))
        self._wanted.put(None)


class _Shown:
    """A layer, read in a thread of its own while its pieces come."""

    def __init__(self, slots: Slots, onlooker: Onlooker) -> None:
        self.orders: SimpleQueue[Piece | End | Keep] = SimpleQueue()
        self._slots = slots
        self._onlooker = onlooker
        self._whole = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        chunks = self._chunks()
        seen = False
        try:
            self._onlooker.observe(chunks)
            seen = True
        except LadingError as error:
            # Whatever it is, it is met again when the layer is read from the store.
            _logger.debug("a layer is not read while it is written: %s", error)
        finally:
            # Who shows it waits for the slots.
            with suppress(LadingError):
                for _ in chunks:
                    pass
        order = self.orders.get() if self._whole else None
        if seen and isinstance(order, Keep):
            self._onlooker.keep(order.diff_id)

    def _chunks(self) -> Iterator[bytes]:
        while True:
            order = self.orders.get()
            if isinstance(order, Piece):
                yield self._slots.take(order.slot, order.size)
            elif isinstance(order, End):
                self._whole = order.whole
                if not order.whole:
                    raise UnavailableError("the layer was given up before its end")
                return
