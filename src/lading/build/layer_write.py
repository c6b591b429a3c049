"""A layer's tar becomes a stored blob in one pass: both digests, the compression, and who else looks on.

The tar is made in the thread of the caller; hashing, compressing and the onlooker have threads of their own, a
few pieces behind. What is written does not depend on how many there are.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from lading.build.compress import Compression, compressor, pieces
from lading.errors import UnavailableError
from lading.model.digest import Digest
from lading.oci.beside import writing

_AHEAD = 4  # chunks of the tar that wait for the hash, and as many for the onlooker
_GLANCE_S = 0.1  # how often who waits for the other side looks whether it is still there

Observe = Callable[[Iterator[bytes]], None]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A layer as it was written.

    digest, size: of what is stored in `path`. diff_id, tar_bytes: of the tar.
    """

    path: Path
    digest: Digest
    diff_id: Digest
    size: int
    tar_bytes: int
    media_type: str


def write(
    chunks: Iterable[bytes], place: Path, compression: Compression, observe: Observe | None = None
) -> Written:
    """Write the layer whose tar `chunks` are to `place`, and return what was written.

    place: a new file; it is there as a whole when this returns, and not at all when it raises.
    observe: called in a thread with the same chunks; it may stop reading early. If the layer is given up
    it finds that its chunks raise `UnavailableError`.

    Raises `UnavailableError` or `DeniedError` if `place` cannot be written, and what `chunks` and
    `observe` raise. Holds some pieces for each processor.
    """
    with writing(place):
        file = place.open("wb", buffering=0)
    try:
        with file:
            return _Writing(file, place, compression).run(chunks, observe)
    except BaseException:
        place.unlink(missing_ok=True)
        raise


class _Writing:
    """One layer on its way."""

    def __init__(self, file: BinaryIO, place: Path, compression: Compression) -> None:
        self._file = file
        self._place = place
        self._compression = compression
        self._tar_hash = hashlib.sha256()
        self._stored_hash = hashlib.sha256()
        self._tar_bytes = self._size = 0

    def run(self, chunks: Iterable[bytes], observe: Observe | None) -> Written:
        workers = len(os.sched_getaffinity(0))
        waiting: deque[Future[bytes]] = deque()
        compress = compressor(self._compression)
        with ExitStack() as stack:
            compressing = stack.enter_context(ThreadPoolExecutor(workers, "compress"))
            hashing = stack.enter_context(ThreadPoolExecutor(1, "hash"))
            onlooker = stack.enter_context(_Onlooker(observe)) if observe else None
            tar = self._passed(chunks, hashing, onlooker)
            for piece in pieces(tar, self._compression.piece_bytes):
                waiting.append(compressing.submit(compress, piece))
                if len(waiting) > 2 * workers:
                    self._store(waiting.popleft().result())
            for future in waiting:
                self._store(future.result())
            if onlooker is not None:
                onlooker.finish()
        return Written(
            path=self._place,
            digest=Digest(f"sha256:{self._stored_hash.hexdigest()}"),
            diff_id=Digest(f"sha256:{self._tar_hash.hexdigest()}"),
            size=self._size,
            tar_bytes=self._tar_bytes,
            media_type=self._compression.media_type,
        )

    def _passed(
        self, chunks: Iterable[bytes], hashing: ThreadPoolExecutor, onlooker: _Onlooker | None
    ) -> Iterator[bytes]:
        """Yield the chunks of the tar, which are hashed and seen by the onlooker on the way."""
        waiting: deque[Future[None]] = deque()
        for chunk in chunks:
            self._tar_bytes += len(chunk)
            waiting.append(hashing.submit(self._tar_hash.update, chunk))
            if len(waiting) > _AHEAD:
                waiting.popleft().result()
            if onlooker is not None:
                onlooker.show(chunk)
            yield chunk
        for future in waiting:
            future.result()

    def _store(self, data: bytes) -> None:
        self._stored_hash.update(data)
        self._size += len(data)
        left = memoryview(data)
        with writing(self._place):
            while left:
                left = left[self._file.write(left) :]


class _Onlooker:
    """Who else gets the chunks, in a thread; a context manager that ends it."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._queue: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._pool = ThreadPoolExecutor(1, "observe")
        self._given_up = threading.Event()
        self._seen: Future[None] = Future()

    def __enter__(self) -> Self:
        self._seen = self._pool.submit(self._observe, self._chunks())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up.set()
        self._pool.shutdown()

    def show(self, chunk: bytes | None) -> None:
        """Hand on a chunk, None at the end; wait while it is behind. Raises what it raised."""
        while not self._seen.done():
            try:
                self._queue.put(chunk, timeout=_GLANCE_S)
            except queue.Full:
                continue
            return
        self._seen.result()

    def finish(self) -> None:
        """Say that the layer is complete, and wait until it has seen all. Raises what it raised."""
        self.show(None)
        self._seen.result()

    def _chunks(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = self._queue.get(timeout=_GLANCE_S)
            except queue.Empty:
                if self._given_up.is_set():
                    raise UnavailableError("the layer was given up before its end") from None
                continue
            if chunk is None:
                return
            yield chunk
