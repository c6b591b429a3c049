"""Wildcards in the sources of COPY and ADD, as Go's `filepath.Match` reads them.

`*` and `?` stop at slashes, `[a-z]` and `[^a-z]` do not, a backslash takes what follows literally.
https://pkg.go.dev/path/filepath#Match
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.errors import MalformedError

_SIGNS = re.compile(r"\\.|[*?\[]", re.DOTALL)


def is_wildcard(text: str) -> bool:
    """Whether a source means what fits it, and not the file of that name."""
    return any(not found[0].startswith("\\") for found in _SIGNS.finditer(text))


class Wildcard:
    """A pattern for whole paths. A part that is broken counts, as in Go, when a comparison reaches it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._parts = list(_parts(pattern))
        self._compiled: list[re.Pattern[str] | None] = [None] * len(self._parts)

    @property
    def max_depth(self) -> int:
        """How many slashes a path that fits has at most."""
        return self.pattern.count("/") + self.pattern.count("[")

    def fits(self, path: str) -> bool:
        """Whether all of a path fits. Raises `MalformedError` for a broken pattern."""
        at = 0
        for number, (is_free, text) in enumerate(self._parts):
            if is_free and not text:
                return "/" not in path[at:]
            is_last = number == len(self._parts) - 1
            end = self._end(number, path, at, is_last=is_last)
            # What a star passes is as short as can be: there is never a reason to come back to it.
            while end < 0 and is_free and at < len(path) and path[at] != "/":
                at += 1
                end = self._end(number, path, at, is_last=is_last)
            if end < 0:
                return False
            at = end
        return at == len(path)

    def _end(self, number: int, path: str, at: int, *, is_last: bool) -> int:
        """Return where the part ends that begins at `at`; -1 if it does not fit there."""
        pattern = self._compiled[number]
        if pattern is None:
            pattern = self._compiled[number] = re.compile("".join(self._signs(number)), re.DOTALL)
        found = pattern.match(path, at)
        if found is None or (is_last and found.end() < len(path)):
            return -1
        return found.end()

    def _signs(self, number: int) -> Iterator[str]:
        text = self._parts[number][1]
        at = 0
        while at < len(text):
            char = text[at]
            if char == "[":
                signs, at = self._class(text, at + 1)
                yield signs
                continue
            if char == "?":
                yield "[^/]"
            else:
                at += char == "\\"
                if at == len(text):
                    raise self._broken()
                yield re.escape(text[at])
            at += 1

    def _class(self, text: str, at: int) -> tuple[str, int]:
        """Return a class as a regular expression, and where it ends."""
        is_negated = text[at : at + 1] == "^"
        at += is_negated
        ranges: list[tuple[str, str]] = []
        while not (ranges and text[at : at + 1] == "]"):
            low, at = self._member(text, at)
            high = low
            if text[at] == "-":
                high, at = self._member(text, at + 1)
            ranges.append((low, high))
        inner = "".join(f"{_code(low)}-{_code(high)}" for low, high in ranges if low <= high)
        if not inner:
            return ("[\\s\\S]" if is_negated else "(?!)"), at + 1
        return f"[{'^' * is_negated}{inner}]", at + 1

    def _member(self, text: str, at: int) -> tuple[str, int]:
        if text[at : at + 1] in {"", "-", "]"}:
            raise self._broken()
        at += text[at] == "\\"
        # Something has to follow, the end of the class at least.
        if at + 1 >= len(text):
            raise self._broken()
        return text[at], at + 1

    def _broken(self) -> MalformedError:
        return MalformedError(f"not a pattern: {self.pattern[:80]!r}", hint="write \\[ for a plain [")


def _parts(pattern: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts between stars, each with whether a star stands before it."""
    at = 0
    while at < len(pattern):
        start = at
        while at < len(pattern) and pattern[at] == "*":
            at += 1
        is_free = at > start
        start, is_inside = at, False
        while at < len(pattern) and (is_inside or pattern[at] != "*"):
            if pattern[at] == "\\":
                at += 1
            elif pattern[at] in "[]":
                is_inside = pattern[at] == "["
            at += 1
        at = min(at, len(pattern))
        yield is_free, pattern[start:at]


def _code(char: str) -> str:
    return f"\\U{ord(char):08x}"
