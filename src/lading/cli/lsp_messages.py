"""Messages of the language server protocol on two streams: what comes in, what goes out.

A message is JSON behind headers of which one is its length. Input that is no message is passed over until one
begins, so that one mistake of a client does not cost the rest.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import BinaryIO

MAX_BYTES = 2**28
"""A file of 64 MiB, the most that lint reads, is less than this as JSON, unless it is all control characters."""

_MAX_HEADER_BYTES = 2**13
_PIECE_BYTES = 2**20
# Wherever in the line, for it may follow on what was no message.
_LENGTH = re.compile(rb"content-length:[ \t]*([0-9]{1,18})[ \t]*\r?\n", re.IGNORECASE)


def messages(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield the bodies of messages until the stream ends; None for one that is too large, whose bytes are dropped."""
    length = -1
    while header := stream.readline(_MAX_HEADER_BYTES):
        found = _LENGTH.search(header)
        if found:
            length = int(found[1])
        elif length >= 0 and not header.strip():
            body = _body(stream, length)
            if body is not None or length > MAX_BYTES:
                yield body
            length = -1


def _body(stream: BinaryIO, length: int) -> bytes | None:
    """Return so many bytes; None if the stream ends before, or if they are too many, and then they are gone."""
    if length <= MAX_BYTES:
        body = stream.read(length)
        return body if len(body) == length else None
    while length > 0 and (piece := stream.read(min(length, _PIECE_BYTES))):
        length -= len(piece)
    return None


class Outgoing:
    """Where messages go, in one piece each, from any thread. Once nobody takes them, they go nowhere."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.is_lost = False

    def write(self, data: bytes) -> None:
        """Write a message, its headers included."""
        with self._lock:
            if self.is_lost:
                return
            try:
                self._stream.write(data)
                self._stream.flush()
            except (OSError, ValueError):  # the other end is closed, or ours
                self.is_lost = True

    def close(self) -> None:
        """Write nothing more."""
        with self._lock:
            self.is_lost = True


def framed(body: bytes) -> bytes:
    """Return a message's body with its headers."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
