"""A layer is read while it is written: its facts are known when it is complete, and kept as those of any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lading.oci import tar
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.facts import LayerFacts
from lading.oci.source import ByteSource
from lading.oci.walk import walk

_WHERE = "the new layer"


class LayerOnlooker:
    """Reads one layer. cache: the SQLite file with the facts of layers."""

    def __init__(self, dispatch: Dispatch, cache: Path) -> None:
        self._dispatch = dispatch
        self._cache = cache
        self._facts: LayerFacts | None = None

    def observe(self, chunks: Iterator[bytes]) -> None:
        """Read the tar in `chunks` to its end. Raises what the walk raises."""
        source = ByteSource(chunks)
        self._facts = walk(tar.members(source, _WHERE), source, self._dispatch, where=_WHERE)
        source.drain()

    def keep(self, diff_id: str) -> None:
        """Keep the facts as those of the layer with this diff ID; a cache that cannot be written is a warning."""
        assert self._facts is not None
        with FactCache(self._cache, self._dispatch.version) as cache:
            cache.put(diff_id, self._facts)
