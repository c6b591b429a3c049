"""A layer's bytes: stored form in, tar out, both digests checked on the way.

Reading, hashing and decompressing of the stored bytes run in a thread of their own, a few chunks
ahead of the walk: isal, zlib, zstandard and hashlib let go of the interpreter, so that a single
layer keeps two cores busy.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import zlib
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import BinaryIO, Self

from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci.digest import Verified, mismatch
from lading.oci.image import Layer
from lading.oci.source import ByteSource, Readable, Stream

# Large pieces: between two of them a thread has to wait for the interpreter, which costs more than
# what is done with a small one.
_IN_BYTES = 1024 * 1024
_OUT_BYTES = 4 * 1024 * 1024
_AHEAD = 2  # chunks between the threads
# Past the first of these, a layer that is so much larger than what is stored is a bomb. Deflate
# ends at 1032:1; real layers stay under 50:1.
BOMB_BYTES = 2**30
BOMB_RATIO = 200

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind a first byte of 0x50 to 0x5f


class LayerStream:
    """The tar of a layer as an iterator of chunks; a context manager that ends its thread.

    The iterator raises, at the latest at its end, `MalformedError` where stored bytes or tar do
    not have the digest that manifest and config give, `LimitError` for a decompression bomb, and
    whatever opening and reading the medium raises.
    """

    def __init__(self, layer: Layer, where: str) -> None:
        self._layer = layer
        self._where = where
        self._queue: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._produce, name=f"layer {layer.digest}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        # After an error nobody waits for a medium that stalls: the thread ends with its next chunk.
        patience_s = 60.0 if error is None else 1.0
        self._thread.join(patience_s)

    def chunks(self) -> Iterator[bytes]:
        """Yield the tar in pieces of some MiB, and check its digest at the end."""
        name, _, expected = self._layer.diff_id.partition(":")
        digest = hashlib.new(name)
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            digest.update(item)
            yield item
        if digest.hexdigest() != expected:
            raise mismatch(self._layer.diff_id, f"{name}:{digest.hexdigest()}", self._where)

    def _produce(self) -> None:
        # Whatever happens, who waits at the other end is told.
        outcome: BaseException | None = RuntimeError(f"reading {self._where} broke")
        try:
            stream = self._layer.open()
            try:
                for chunk in decompressed(self._checked(stream), self._where):
                    if not self._put(chunk):
                        return
            finally:
                stream.close()
            outcome = None
        except (LadingError, MemoryError) as error:
            outcome = error
        except OSError as error:
            outcome = UnavailableError(f"cannot be read: {error}", self._where)
        finally:
            self._put(outcome)

    def _checked(self, stream: Stream) -> Readable:
        """Check what is stored, unless its digest is the tar's, which is checked anyway."""
        if self._layer.digest == self._layer.diff_id:
            return stream
        return Verified(stream, self._layer.digest, self._where, self._layer.size)

    def _put(self, item: bytes | BaseException | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


def decompressed(source: Readable, where: str) -> Iterator[bytes]:
    """Yield the content of `source`, gzip, zstd or plain as its first bytes say, to its end.

    The media type is not asked: tools have been wrong about it, the bytes cannot be.
    Raises `MalformedError` for broken compression, `LimitError` for a bomb.
    """
    rewound = _Rewound(source)
    start = rewound.peek(4)
    if start[:2] == _GZIP:
        pieces = _gunzip(rewound, where)
    elif start == _ZSTD or (start[1:] == _ZSTD_SKIPPABLE and start[0] & 0xF0 == 0x50):  # noqa: PLR2004
        pieces = unzstd(rewound, where)
    else:
        pieces = iter(lambda: rewound.read(_OUT_BYTES), b"")
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > BOMB_BYTES and total > BOMB_RATIO * rewound.passed:
            raise LimitError(
                f"over {total >> 20} MiB come out of {rewound.passed >> 10} KiB: a decompression bomb",
                where,
            )
        if piece:
            yield piece
    while rewound.read(_IN_BYTES):  # to the end of the stored bytes, where their digest is checked
        pass


class Decompressed:
    """The content of a stream, decompressed, as a stream of its own; see `decompressed`."""

    def __init__(self, stream: Stream, where: str) -> None:
        self._stream = stream
        self._source = ByteSource(decompressed(stream, where))

    def read(self, max_bytes: int, /) -> bytes:
        """Return the next bytes, at most `max_bytes`; none at the end."""
        return self._source.read(max_bytes)

    def close(self) -> None:
        """Close the stream behind it."""
        self._stream.close()


class _Rewound:
    """A source whose first bytes have been looked at; counts what it gave."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._held = b""
        self.passed = 0

    def peek(self, count: int) -> bytes:
        while len(self._held) < count and (more := self._source.read(_IN_BYTES)):
            self._held += more
        return self._held[:count]

    def read(self, max_bytes: int = -1) -> bytes:
        if self._held:
            data, self._held = self._held[:max_bytes], self._held[max_bytes:]
        else:
            data = self._source.read(max_bytes)
        self.passed += len(data)
        return data


def _gunzip(source: _Rewound, where: str) -> Iterator[bytes]:
    """Yield the content of all gzip members, one behind the other; zeros may follow the last."""
    failures: tuple[type[Exception], ...] = (zlib.error, EOFError)
    try:
        from isal import igzip_lib

        failures += (igzip_lib.error,)  # type: ignore[operator]  # its stub calls the class an instance
        inflate = _inflate_isal
    except ImportError:  # there is no wheel for this machine
        inflate = _inflate_zlib
    rest = b""
    first = True
    try:
        while rest or (rest := source.read(_IN_BYTES)):
            if not first and rest[:2] != _GZIP and not rest.strip(b"\0"):
                rest = b""
                continue
            rest = yield from inflate(source, rest)
            first = False
    except failures as error:
        raise MalformedError(f"broken gzip data: {error}", where) from error


def _inflate_isal(source: _Rewound, data: bytes) -> Generator[bytes, None, bytes]:
    from isal import igzip_lib

    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    while True:
        yield member.decompress(data, _OUT_BYTES)
        if member.eof:
            return bytes(member.unused_data)
        data = source.read(_IN_BYTES) if member.needs_input else b""
        if member.needs_input and not data:
            raise EOFError("it ends too early")


def _inflate_zlib(source: _Rewound, data: bytes) -> Generator[bytes, None, bytes]:
    member = zlib.decompressobj(wbits=31)
    while True:
        yield member.decompress(data, _OUT_BYTES)
        if member.eof:
            return member.unused_data
        data = member.unconsumed_tail or source.read(_IN_BYTES)
        if not data:
            raise EOFError("it ends too early")


def unzstd(source: Readable, where: str) -> Iterator[bytes]:
    """Yield the content of zstd data, all frames of it. Raises `MalformedError` where it is broken."""
    import zstandard

    # 128 MiB is the window of `zstd --long`, the most that decoders accept unasked.
    decoder = zstandard.ZstdDecompressor(max_window_size=2**27)
    stream: BinaryIO = decoder.stream_reader(source, read_size=_IN_BYTES, read_across_frames=True)  # type: ignore[arg-type]  # it only reads
    try:
        while piece := stream.read(_OUT_BYTES):
            yield piece
    except zstandard.ZstdError as error:
        raise MalformedError(f"broken zstd data: {error}", where) from error
