"""How a layer is stored: which compression, at which level, and the compressor for its pieces.

A layer is cut into pieces of one size, and each is compressed by itself, so that any number of threads give
the same bytes: gzip as a row of members (RFC 1952, 2.2), zstd as a row of frames (RFC 8878, 3.1). gzip is
libdeflate's, whose output, unlike that of others as fast, does not hang on the processor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import msgspec

from lading.errors import UsageError
from lading.oci.image import OCI_LAYER


class Compression(msgspec.Struct, frozen=True):
    """A form and its level, as the user gives them: `gzip`, `zstd:19`, `none`."""

    name: str
    level: int

    @property
    def media_type(self) -> str:
        """The media type of a layer in this form."""
        return OCI_LAYER + _SUFFIXES[self.name]

    @property
    def piece_bytes(self) -> int:
        """How much is compressed at a time: more costs memory, less costs a part of the effect."""
        return _PIECES[self.name]


_SUFFIXES = {"gzip": "+gzip", "zstd": "+zstd", "none": ""}
_PIECES = {"gzip": 2**20, "zstd": 2**22, "none": 2**20}
# The lowest level, the highest, and the one that is taken unless another is asked for.
_LEVELS = {"gzip": (1, 12, 1), "zstd": (1, 22, 3), "none": (0, 0, 0)}
GZIP = Compression("gzip", 1)
NONE = Compression("none", 0)


def parse(text: str) -> Compression:
    """Return what `gzip[:LEVEL]`, `zstd[:LEVEL]` or `none` asks for.

    Raises `UsageError` for anything else.
    """
    name, colon, level = text.partition(":")
    if name not in _LEVELS:
        raise UsageError(f"no such compression: {text!r}", hint="there are gzip, zstd and none")
    low, high, usual = _LEVELS[name]
    if not colon:
        return Compression(name, usual)
    if not (level.isascii() and level.isdigit() and len(level) < 4 and low <= int(level) <= high):  # noqa: PLR2004
        hint = f"{name} has levels {low} to {high}" if high else f"{name} has no levels"
        raise UsageError(f"no such level of compression: {text!r}", hint=hint)
    return Compression(name, int(level))


def compressor(compression: Compression) -> Callable[[bytes], bytes]:
    """Return the function that compresses a piece to something complete; threads may share it."""
    if compression.name == "gzip":
        import deflate

        return lambda piece: bytes(deflate.gzip_compress(piece, compression.level))
    if compression.name == "zstd":
        import zstandard

        own = threading.local()  # a zstd compressor is for one thread at a time

        def frame(piece: bytes) -> bytes:
            if not hasattr(own, "compressor"):
                own.compressor = zstandard.ZstdCompressor(level=compression.level)
            made: bytes = own.compressor.compress(piece)
            return made

        return frame
    return bytes


def pieces(chunks: Iterable[bytes], piece_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of `chunks` in pieces of exactly `piece_bytes`, the last one shorter.

    There is at least one, an empty one if there are no bytes. Every chunk has been used before the next.
    """
    held: list[bytes] = []
    size = 0
    anything = False
    for chunk in chunks:
        at = 0
        while size + len(chunk) - at >= piece_bytes:
            end = at + piece_bytes - size
            held.append(chunk[at:end] if at or end < len(chunk) else chunk)
            yield held[0] if len(held) == 1 else b"".join(held)
            anything, held, size, at = True, [], 0, end
        if at < len(chunk):
            held.append(chunk[at:] if at else chunk)
            size += len(chunk) - at
    if held or not anything:
        yield b"".join(held)
