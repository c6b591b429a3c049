"""Several things done at once by threads, for work that waits or lets go of the interpreter."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from lading.errors import LadingError

_T = TypeVar("_T")
_R = TypeVar("_R")

_PATIENCE_S = 1.0


def each(
    work: Callable[[_T], _R],
    things: Sequence[_T],
    workers: int,
    name: str,
    stop: threading.Event | None = None,
) -> Iterator[tuple[int, _R]]:
    """Yield the place of each thing and what `work` made of it, as they are done.

    workers: how many threads; with one, or one thing, it is done here. name: of the threads. stop: set at
    the end, also that by an error, for work that looks at it; the threads are then waited for a moment.
    The threads are daemons: who interrupts does not wait for a registry that stalls. After an error,
    which is raised here, nothing more is begun.
    """
    workers = min(len(things), workers)
    if workers <= 1:
        for at, thing in enumerate(things):
            yield at, work(thing)
        return
    waiting = deque(enumerate(things))
    done: queue.SimpleQueue[tuple[int, list[_R] | LadingError]] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=_run, args=(work, waiting, done), name=f"{name} {number}", daemon=True)
        for number in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in things:
            at, result = done.get()
            if isinstance(result, LadingError):
                raise result
            if not result:
                raise RuntimeError(f"{name} broke at {things[at]!r:.200}")
            yield at, result[0]
    finally:
        waiting.clear()
        if stop is not None:
            stop.set()
            until = time.monotonic() + _PATIENCE_S
            for thread in threads:
                thread.join(max(0.0, until - time.monotonic()))


def _run(
    work: Callable[[_T], _R],
    waiting: deque[tuple[int, _T]],
    done: queue.SimpleQueue[tuple[int, list[_R] | LadingError]],
) -> None:
    while waiting:
        try:
            at, thing = waiting.popleft()
        except IndexError:  # another thread was quicker
            return
        result: list[_R] | LadingError = []
        try:
            result = [work(thing)]
        except LadingError as error:
            result = error
            waiting.clear()
        finally:
            # Whatever happens, who waits at the other end is told.
            done.put((at, result))
