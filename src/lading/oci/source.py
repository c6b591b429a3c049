"""Bytes that come in chunks, read in exact pieces: what the tar walk stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Readable(Protocol):
    """What is asked of a source of bytes."""

    def read(self, max_bytes: int, /) -> bytes:
        """Return the next bytes, at most `max_bytes`; none at the end."""


class Stream(Readable, Protocol):
    """Bytes that somebody has opened, and must close."""

    def close(self) -> None:
        """Let go of what is behind it."""


class ByteSource:
    """A forward-only reader over an iterator of chunks; holds one chunk at a time."""

    __slots__ = ("_at", "_chunk", "_chunks", "_passed")

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = b""
        self._at = 0
        self._passed = 0  # bytes in chunks before the one at hand

    @property
    def position(self) -> int:
        """How many bytes have been read or skipped."""
        return self._passed + self._at

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end."""
        end = self._at + count
        if end <= len(self._chunk):
            piece = self._chunk[self._at : end]
            self._at = end
            return piece
        pieces = [self._chunk[self._at :]]
        missing = count - len(pieces[0])
        self._at = len(self._chunk)
        while missing and self.next_chunk():
            piece = self._chunk[:missing]
            self._at = len(piece)
            missing -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def peek(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end, without passing them."""
        piece = self._chunk[self._at : self._at + count]
        while len(piece) < count:
            more = next(self._chunks, None)
            if more is None:
                break
            self._passed += self._at
            self._chunk, self._at = self._chunk[self._at :] + more, 0
            piece = self._chunk[:count]
        return piece

    def skip(self, count: int) -> int:
        """Pass `count` bytes; return how many there were, fewer only at the end."""
        left = count
        while True:
            step = min(left, len(self._chunk) - self._at)
            self._at += step
            left -= step
            if not left or not self.next_chunk():
                return count - left

    def drain(self) -> None:
        """Pass all bytes that are left."""
        while self.next_chunk():
            pass

    def next_chunk(self) -> bool:
        """Pass what is left of the chunk at hand, and take the next; return whether there was one."""
        self._passed += len(self._chunk)
        self._chunk, self._at = b"", 0
        for chunk in self._chunks:
            if chunk:
                self._chunk = chunk
                return True
        return False
