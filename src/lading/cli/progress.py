"""What is told while one waits: on a terminal, on standard error, after the first second."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from lading.oci.image import Image, Layer
from lading.oci.source import Stream

_PATIENCE_S = 1.0


class Bar:
    """A progress bar for bytes, or records, of named things; a context manager.

    Draws nothing off a terminal or when told to be quiet, and imports nothing before it draws.
    """

    def __init__(self, *, quiet: bool, color: bool) -> None:
        self._wanted = not quiet and sys.stderr.isatty()
        self._color = color
        self._since = time.monotonic()
        self._drawn: Any = None
        self._tasks: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def tell(self, name: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` has been done of the thing called `name`."""
        if not self._wanted or (self._drawn is None and time.monotonic() - self._since < _PATIENCE_S):
            return
        with self._lock:  # layers are read by several threads
            if self._drawn is None:
                self._drawn = self._start()
            if name not in self._tasks:
                self._tasks[name] = self._drawn.add_task(name, total=total)
            self._drawn.update(self._tasks[name], completed=done, total=total)

    def watched(self, image: Image) -> Image:
        """Return the image with layers that tell how much of them has been read."""
        if not self._wanted:
            return image
        return replace(image, layers=tuple(self._watched(layer) for layer in image.layers))

    def _watched(self, layer: Layer) -> Layer:
        name = f"layer {layer.digest[7:19]}"
        return replace(
            layer, open=lambda: _Counted(layer.open(), lambda done: self.tell(name, done, layer.size))
        )

    def _start(self) -> Any:  # noqa: ANN401 - rich's Progress, which is not imported until here
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=Console(stderr=True, no_color=not self._color),
            transient=True,
        )
        bar.start()
        return bar


class _Counted:
    """A stream that tells how much of it has been read."""

    def __init__(self, stream: Stream, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell
        self._done = 0

    def read(self, count: int = -1, /) -> bytes:
        data = self._stream.read(count)
        self._done += len(data)
        self._tell(self._done)
        return data

    def close(self) -> None:
        self._stream.close()
