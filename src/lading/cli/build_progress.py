"""What a build tells, shown on standard error: as lines, as JSON, or on a terminal as what is at work now."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from lading.build.events import Begun, Ended, Event, Output, Told
from lading.report.text import clean, size

CHOICES = ("auto", "plain", "json", "quiet")
# Docker's words for them.
_ALSO = {"tty": "auto", "rawjson": "json", "none": "quiet"}
_TAIL_LINES = 6
_BRIEF_S = 0.05
_KEPT_LINES = 40
_TEXT_CHARS = 160


class Progress(Protocol):
    """Shows events; a context manager. Called from several threads."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def tell(self, event: Event) -> None:
        """Show an event."""

    def paused(self) -> AbstractContextManager[None]:
        """Leave the terminal to somebody else for a while."""


def choice(text: str) -> str:
    """Return which of `CHOICES` is meant, where docker calls it otherwise."""
    return _ALSO.get(text, text)


def progress(choice: str, *, quiet: bool, color: bool) -> Progress:
    """Return what shows a build. choice: one of `CHOICES`. quiet: only what fails is told, by who raises it."""
    if quiet or choice == "quiet":
        return _Silent()
    if choice == "json":
        return _Json()
    if choice == "auto" and sys.stderr.isatty():
        return _Live(color=color)
    return _Plain()


class _Silent:
    """Shows nothing but warnings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            yield

    def tell(self, event: Event) -> None:
        if isinstance(event, Told) and event.warning:
            self._write(f"lading: {clean(event.text)}")

    def _write(self, line: str) -> None:
        with self._lock:
            print(line, file=sys.stderr, flush=True)


class _Json(_Silent):
    """An object a line."""

    def tell(self, event: Event) -> None:
        self._write(msgspec.json.encode(event).decode("utf-8", "replace"))


class _Plain(_Silent):
    """Lines, each with the step that it is of."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[tuple[str, int], str] = {}

    def tell(self, event: Event) -> None:
        for line in self.lines(event):
            self._write(line)

    def lines(self, event: Event) -> list[str]:
        """Return the lines that say what has happened."""
        if isinstance(event, Told):
            return [f"lading: {clean(event.text)}"]
        if isinstance(event, Begun):
            label = self._labels[event.stage, event.step] = _label(event)
            return [f"{label} {_shortened(event.text)}"]
        label = self._labels.get((event.stage, event.step), f"[{event.stage} {event.step}]")
        if isinstance(event, Output):
            return [f"{label} | {clean(line)}" for line in _lines(event.text)]
        # What only changes the config takes no time, and nothing is to be said of it.
        is_word = not event.cached and event.size < 0 and event.seconds < _BRIEF_S
        return [] if is_word else [f"{label} {_ending(event)}"]


class _Live(_Plain):
    """On a terminal: what has ended stays, what is at work is shown below it, with its last lines."""

    def __init__(self, *, color: bool) -> None:
        super().__init__()
        self._color = color
        self._running: dict[tuple[str, int], _Running] = {}
        self._live: Any = None
        self._console: Any = None

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, no_color=not self._color, highlight=False, soft_wrap=True)
        self._live = Live(
            get_renderable=self._shown, console=self._console, refresh_per_second=8, transient=True
        )
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        # What a command printed before it failed is what one wants to read now.
        if error is not None:
            self._show_tails()

    def tell(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Begun):
                self._running[event.stage, event.step] = _Running(f"{_label(event)} {_shortened(event.text)}")
            elif isinstance(event, Output):
                running = self._running.get((event.stage, event.step))
                if running is not None:
                    running.tail.extend(clean(line) for line in _lines(event.text))
            elif isinstance(event, Ended):
                ended = self._running.pop((event.stage, event.step), None)
                if ended is not None:
                    self._print(f"{ended.text}  {_ending(event)}")
            else:
                self._print(f"lading: {clean(event.text)}")

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._lock:
            self._live.stop()
            self._show_tails()
            try:
                yield
            finally:
                self._live.start()

    def _show_tails(self) -> None:
        """Leave on the terminal what the steps at work have printed last."""
        for running in self._running.values():
            if running.tail:
                self._print(running.text)
            for line in running.tail:
                self._print(f"  {line}")
            running.tail.clear()

    def _print(self, line: str) -> None:
        from rich.text import Text

        self._console.print(Text(line))

    def _shown(self) -> Any:  # noqa: ANN401 - something that rich draws
        from rich.text import Text

        width = self._console.width
        lines = []
        for running in list(self._running.values()):
            seconds = time.monotonic() - running.since
            lines.append(f"{running.text}"[: width - 10] + f"  {seconds:.0f} s")
            lines += [f"  {line}"[:width] for line in list(running.tail)[-_TAIL_LINES:]]
        return Text("\n".join(lines), no_wrap=True, overflow="crop")


class _Running:
    """A step at work, and the last lines of its output."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.since = time.monotonic()
        self.tail: deque[str] = deque(maxlen=_KEPT_LINES)


def _label(event: Begun) -> str:
    return f"[{event.stage} {event.step}/{event.total}]"


def _shortened(text: str) -> str:
    line = clean(" ".join(text.split()))
    return line if len(line) <= _TEXT_CHARS else f"{line[:_TEXT_CHARS]}…"


def _lines(text: str) -> list[str]:
    # What a progress bar has written over itself is worth its last state.
    return [line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip("\n").split("\n")]


def _ending(event: Ended) -> str:
    if event.cached:
        return "cached"
    layer = f", {size(event.size)}" if event.size >= 0 else ""
    return f"done in {event.seconds:.1f} s{layer}"
