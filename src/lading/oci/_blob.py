"""A blob as a stream that goes on where the line was cut."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from lading.errors import MalformedError, UnavailableError
from lading.net import Response

# In all, so that a server which gives a little each time comes to an end.
MAX_RESUMES = 10
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.ASCII)

OpenAt = Callable[[int], Response]


def stream(open_at: OpenAt, size: int, where: str, sleep: Callable[[int], None]) -> io.BufferedReader:
    """Return the blob's bytes as a stream; the first request is made here.

    open_at: asks for the bytes from an offset on, answered with 200 (all) or 206 (from there).
    size: in bytes, -1 if not known. sleep: waits before the resumption of that number, from 0.
    Reading raises `UnavailableError` when the line is cut too often, `MalformedError` on more
    bytes than `size`. The digest is for the reader to check.
    """
    return io.BufferedReader(_Resuming(open_at, open_at(0), (size, where), sleep), 2**20)


class _Resuming(io.RawIOBase):
    def __init__(
        self, open_at: OpenAt, first: Response, what: tuple[int, str], sleep: Callable[[int], None]
    ) -> None:
        self._open_at = open_at
        self._response = first
        self._size, self._where = what
        self._sleep = sleep
        self._offset = 0
        self._behind = 0  # bytes that come again, because the server took no notice of a range
        self._resumes = 0
        self._check_range()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - as in io.RawIOBase
        data = self._next(len(buffer))
        while again := min(self._behind, len(data)):
            self._behind -= again
            data = data[again:] or self._next(len(buffer))
        self._offset += len(data)
        if 0 <= self._size < self._offset:
            raise MalformedError(
                f"there are more than the {self._size} bytes that the manifest states", self._where
            )
        buffer[: len(data)] = data
        return len(data)

    def _next(self, max_bytes: int) -> bytes:
        """Return what comes next, resuming where the line was cut; none at the end."""
        while True:
            try:
                data = self._response.read(max_bytes)
            except UnavailableError:
                if self._resumes == MAX_RESUMES:
                    raise
            else:
                if data or self._offset >= self._size:
                    return data
                if self._resumes == MAX_RESUMES:
                    missing = self._size - self._offset
                    raise UnavailableError(f"{self._offset} bytes came, {missing} did not", self._where)
            self._resume()

    def _resume(self) -> None:
        self._response.close()
        self._sleep(self._resumes)
        self._resumes += 1
        self._response = self._open_at(self._offset)
        self._check_range()

    def _check_range(self) -> None:
        """Make sure that what comes begins where we are: a wrong piece would cost the whole blob."""
        if self._response.status != 206:  # noqa: PLR2004 - Partial Content
            self._behind = self._offset
            return
        self._behind = 0
        text = self._response.headers.get("Content-Range", "")
        found = _RANGE.fullmatch(text)
        total = found[3] if found else "*"
        fits = total == "*" or self._size < 0 or int(total) == self._size
        if found is None or int(found[1]) != self._offset or not fits:
            self._response.close()
            raise MalformedError(
                f"the server sends {text[:60]!r}, not the bytes from {self._offset} on", self._where
            )

    def close(self) -> None:
        if not self.closed:
            self._response.close()
        super().close()
