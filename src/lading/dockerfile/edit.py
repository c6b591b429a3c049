"""Changing a Dockerfile by replacing spans of it, so that nothing else is touched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

from lading.dockerfile.source import Source, Span
from lading.errors import UsageError
from lading.record import Record


class Edit(Record):
    """A replacement. span: what goes; empty to insert. text: what comes, lines ended by a line feed."""

    span: Span
    text: str


Change = tuple[Edit, ...]


class Edited(Record):
    """What came of it. source: the new text. applied, dropped: positions of changes in what was asked for."""

    source: Source
    applied: tuple[int, ...]
    dropped: tuple[int, ...]


def apply(source: Source, changes: Sequence[Change]) -> Edited:
    """Return `source` with the changes made, each as a whole or not at all.

    changes: in order of importance; one that overlaps an earlier one is dropped, but for one that is the
        same. Insertions at one place stand in the order given, and at the edge of a replacement outside.

    Line feeds become the file's own line ends. Raises `UsageError` for a span outside the text, and for
    a change whose own edits overlap.
    """
    accepted: list[tuple[Span, int, str]] = []
    seen: set[Change] = set()
    applied: list[int] = []
    dropped: list[int] = []
    taken = _Taken()
    for number, change in enumerate(changes):
        _check(source, change)
        if change in seen:
            applied.append(number)
        elif taken.take([edit.span for edit in change]):
            seen.add(change)
            accepted += [(edit.span, len(accepted) + index, edit.text) for index, edit in enumerate(change)]
            applied.append(number)
        else:
            dropped.append(number)
    return Edited(_replaced(source, accepted), tuple(applied), tuple(dropped))


def _check(source: Source, change: Change) -> None:
    spans = sorted(edit.span for edit in change)
    if any(not 0 <= start <= end <= len(source.text) for start, end in spans):
        raise UsageError("an edit lies outside the text")
    if not _Taken().take(spans):
        raise UsageError("the edits of one change overlap")


class _Taken:
    """The places that are spoken for: replaced spans and points of insertion, both sorted."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._points: list[int] = []

    def take(self, spans: list[Span]) -> bool:
        """Take all of these spans, or none and return False if one overlaps what is taken."""
        for number, span in enumerate(spans):
            if not self._free(span):
                for taken in spans[:number]:
                    self._release(taken)
                return False
            if span.start == span.end:
                insort(self._points, span.start)
            else:
                insort(self._spans, span)
        return True

    def _release(self, span: Span) -> None:
        if span.start == span.end:
            self._points.remove(span.start)
        else:
            self._spans.remove(span)

    def _free(self, span: Span) -> bool:
        at = bisect_left(self._spans, span)
        before, after = self._spans[max(at - 1, 0) : at], self._spans[at : at + 1]
        if any(one.end > span.start for one in before) or any(one.start < span.end for one in after):
            return False
        inside = bisect_right(self._points, span.start)
        return not (inside < len(self._points) and self._points[inside] < span.end)


def _replaced(source: Source, accepted: list[tuple[Span, int, str]]) -> Source:
    """Return the text with all replacements made; at one place insertions come first."""
    text, newline = source.text, source.newline
    done: list[str] = []
    at = 0
    # What is inserted where a replacement begins stands before it, what is where it ends behind it.
    for span, _, replacement in sorted(accepted, key=lambda one: (one[0].start, one[0].end, one[1])):
        done += (text[at : span.start], replacement.replace("\n", newline))
        at = span.end
    return Source("".join([*done, text[at:]]))
