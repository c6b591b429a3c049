"""Dockerfiles that are open in an editor, and who looks at them: a thread of its own, one file at a time.

Only what is newest is looked at: a text that has been replaced before its turn came is let go. What is published about a
file is published by that thread alone, so that it comes in order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from lading.lint.editor.look import Look

_logger = logging.getLogger(__name__)


class Paper(msgspec.Struct, frozen=True, eq=False):
    """An open file. uri, version: as the client has them. text: unsaved changes included."""

    uri: str
    version: int
    text: str


class Desk:
    """The open files. look: tells what there is to say of one. publish: hands that on; None for a file that was closed.

    Both are called in the thread that looks.
    """

    def __init__(self, look: Callable[[Paper], Look], publish: Callable[[str, Look | None], None]) -> None:
        self._look = look
        self._publish = publish
        self._papers: dict[str, Paper] = {}
        self._looks: dict[str, tuple[Paper, Look]] = {}
        self._turns: dict[str, Future[Look | None]] = {}
        self._thread = ThreadPoolExecutor(1, "lint")

    def put(self, paper: Paper) -> None:
        """Take a file that was opened or changed, in place of what was known of it."""
        self._papers[paper.uri] = paper
        self._wait_for_turn(paper.uri)

    def drop(self, uri: str) -> None:
        """Forget a file that was closed."""
        if self._papers.pop(uri, None) is not None:
            self._wait_for_turn(uri)
            del self._turns[uri]

    def again(self) -> None:
        """Look at all files once more: something beside them has changed."""
        for paper in list(self._papers.values()):
            self.put(Paper(paper.uri, paper.version, paper.text))

    def look(self, uri: str, patience_s: float) -> Look | None:
        """Return the look at a file as it is now; None for one that is not here, or if that takes too long."""
        turn = self._turns.get(uri)
        try:
            return turn.result(patience_s) if turn else None
        except TimeoutError:
            return None

    def close(self) -> None:
        """Look at nothing more; what is being looked at is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _wait_for_turn(self, uri: str) -> None:
        turn = self._thread.submit(self._turn, uri)
        self._turns[uri] = turn
        turn.add_done_callback(_tell_failure)

    def _turn(self, uri: str) -> Look | None:
        paper = self._papers.get(uri)
        if paper is None:
            self._looks.pop(uri, None)
            self._publish(uri, None)
            return None
        known = self._looks.get(uri)
        if known is not None and known[0] is paper:
            return known[1]
        look = self._look(paper)
        self._looks[uri] = (paper, look)
        if self._papers.get(uri) is paper:
            self._publish(uri, look)
        return look


def _tell_failure(turn: Future[Look | None]) -> None:
    failure = None if turn.cancelled() else turn.exception()
    if failure is not None:
        _logger.error("internal error: %r", failure)
