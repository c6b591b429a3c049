"""Changes become a layer in the store, and what is known of it is kept for the steps and builds behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from lading.build import layer_write
from lading.build.chain import LayerRef
from lading.build.compress import Compression
from lading.build.node import Changes
from lading.build.snapshotter import Snapshotter
from lading.build.tar_write import tar_chunks
from lading.errors import StoppedError
from lading.oci.store import Store


class Onlooker(Protocol):
    """Who looks at a layer while it is written, such as an inventory."""

    def observe(self, chunks: Iterator[bytes]) -> None:
        """Take the pieces of the tar, in a thread of its own; it may stop early."""

    def keep(self, diff_id: str) -> None:
        """Keep what was seen: the layer is complete, and has this diff ID."""


class LayerMaker(msgspec.Struct, frozen=True):
    """Writes layers. mtime_s: the time of all files; None for their own. onlooker: makes one for each layer.

    stopped: asked on the way whether to give up.
    """

    store: Store
    snapshotter: Snapshotter
    compression: Compression
    mtime_s: int | None = None
    onlooker: Callable[[], Onlooker] | None = None
    stopped: Callable[[], bool] = lambda: False

    def make(self, changes: Changes) -> LayerRef | None:
        """Write a layer, in the store when this returns; None where nothing has changed.

        The store's lease is held by the caller. Raises what reading the content and writing raise.
        """
        if not changes:
            return None
        onlooker = self.onlooker() if self.onlooker else None
        unsteady: list[str] = []
        place = self.store.new_blob()
        try:
            written = layer_write.write(
                self._chunks(changes, unsteady),
                place,
                self.compression,
                onlooker.observe if onlooker else None,
            )
            self.store.adopt(written.path, written.digest)
        finally:
            place.unlink(missing_ok=True)
        # What was cut or filled up is not what the changes say.
        if not unsteady:
            self.snapshotter.note(written.diff_id, changes, self.mtime_s)
        if onlooker:
            onlooker.keep(written.diff_id)
        return LayerRef(
            digest=written.digest,
            diff_id=written.diff_id,
            size=written.size,
            media_type=written.media_type,
            tar_bytes=written.tar_bytes,
        )

    def _chunks(self, changes: Changes, unsteady: list[str]) -> Iterator[bytes]:
        for chunk in tar_chunks(changes, mtime_s=self.mtime_s, unsteady=unsteady):
            if self.stopped():
                raise StoppedError("stopped")
            yield chunk
