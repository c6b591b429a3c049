"""Reading at an offset, of a file in memory or in a spool, with every bound checked.

The readers of binaries and archives jump about in files of up to 2 GiB. A `Window` gives them
bytes at an offset whatever holds the content, and a part of a file (an archive stored inside an
archive) as a file of its own, without a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from lading.oci.reader import TreeFile

_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Window:
    """`size` bytes from `start` of `data`, or of `stream` where there is one.

    Offsets given to the methods count from `start`; nothing outside the window can be seen.
    """

    size: int
    data: bytes = b""
    stream: IO[bytes] | None = None
    start: int = 0

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes at `offset`; fewer, or none, where the window ends before."""
        if offset < 0 or size <= 0 or offset >= self.size:
            return b""
        first, last = self.start + offset, self.start + min(offset + size, self.size)
        if self.stream is None:
            return self.data[first:last]
        self.stream.seek(first)
        return self.stream.read(last - first)

    def part(self, offset: int, size: int) -> Window:
        """Return a window on `size` bytes at `offset`, cut where this one ends."""
        offset = min(max(offset, 0), self.size)
        return Window(
            size=min(max(size, 0), self.size - offset),
            data=self.data,
            stream=self.stream,
            start=self.start + offset,
        )

    def find(self, needle: bytes, start: int, end: int) -> int:
        """Return the lowest offset of `needle` that lies whole within `start` to `end`, or -1.

        Holds a chunk of a stream at a time; of bytes in memory, none.
        """
        start, end = max(start, 0), min(end, self.size)
        if self.stream is None:
            at = self.data.find(needle, self.start + start, self.start + end) if start < end else -1
            return at - self.start if at >= 0 else -1
        while start + len(needle) <= end:
            chunk = self.read(start, min(_CHUNK, end - start))
            at = chunk.find(needle)
            if at >= 0:
                return start + at
            if len(chunk) < len(needle):
                return -1
            # A hit may begin in the last bytes of this chunk and end in the next.
            start += len(chunk) - len(needle) + 1
        return -1


def of(file: TreeFile) -> Window:
    """Return a window on the whole of `file`, where the walk has it: in memory or in its spool."""
    if file.spool is None:
        return Window(size=len(file.data), data=file.data)
    return Window(size=file.size, stream=file.spool)
