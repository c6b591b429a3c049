"""The bytes of an index as they come: decompressed by what they begin with, and bounded."""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import MalformedError
from lading.lint.pins_fetch import bounded
from lading.oci.source import Readable
from lading.oci.stream import decompressed

MAX_STORED_BYTES = 512 * 2**20
MAX_INDEX_BYTES = 2**30
# `xz -9`, the largest preset, needs 65 MiB to decompress.
_MAX_XZ_MEMORY_BYTES = 128 * 2**20
_XZ = b"\xfd7zXZ\x00"
_IN_BYTES = 2**18
_OUT_BYTES = 2**22


def unpacked(source: Readable, where: str, max_bytes: int = MAX_INDEX_BYTES) -> Iterator[bytes]:
    """Yield the content of an index that is xz, gzip, zstd or plain.

    max_bytes: of the content. where: for messages.
    Raises `MalformedError` for what is broken or cut, `LimitError` for more than the limits, and
    whatever reading the source raises.
    """
    stored = _Bounded(source, where)
    start = stored.peek(len(_XZ))
    pieces = _unxz(stored, where) if start == _XZ else decompressed(stored, where)
    return bounded(pieces, max_bytes, where)


class _Bounded:
    """A source that may be looked at, and ends in `LimitError` when it is too long."""

    def __init__(self, source: Readable, where: str) -> None:
        self._pieces = bounded(iter(lambda: source.read(_IN_BYTES), b""), MAX_STORED_BYTES, where)
        self._held = b""

    def peek(self, count: int) -> bytes:
        """Return the first bytes, without passing them."""
        while len(self._held) < count and (piece := next(self._pieces, b"")):
            self._held += piece
        return self._held[:count]

    def read(self, max_bytes: int, /) -> bytes:
        """Return the next bytes, at most `max_bytes`; none at the end."""
        data = self._held or next(self._pieces, b"")
        self._held = data[max_bytes:]
        return data[:max_bytes]


def _unxz(source: Readable, where: str) -> Iterator[bytes]:
    """Yield the content of all xz streams, one behind the other."""
    import lzma

    data = source.read(_IN_BYTES)
    while data:
        member = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_XZ_MEMORY_BYTES)
        while True:
            try:
                yield member.decompress(data, _OUT_BYTES)
            except lzma.LZMAError as error:
                raise MalformedError(f"broken xz data: {error}", where) from error
            if member.eof:
                break
            data = source.read(_IN_BYTES) if member.needs_input else b""
            if member.needs_input and not data:
                raise MalformedError("the index ends too early", where, "try again")
        # Zeros in fours may stand between and behind streams.
        data = member.unused_data.lstrip(b"\0") or source.read(_IN_BYTES).lstrip(b"\0")
