"""Layers on their way into the local store: written beside, checked, and only then put in their place.

Both digests are checked, as of a layer that is read: that of the stored bytes, and that of the tar. Who
builds upon a layer later can rely on it.
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from lading.errors import UnavailableError
from lading.oci import digest as digests
from lading.oci.beside import translated, writing
from lading.oci.image import Layer
from lading.oci.source import Stream
from lading.oci.stream import LayerStream


def fill(layer: Layer, place: Path, where: str, stop: threading.Event | None = None) -> Layer:
    """Write a layer to a new file at `place`; return it with its size, and that of its tar.

    stop: ends it with an error when it is set. Raises `MalformedError` if the layer is not what its digests
    say, and what opening and reading it raise; `UnavailableError` where there is no room. The file is then
    without use.
    """
    with writing(place.parent), place.open("xb") as file:
        copied = replace(layer, open=lambda: _Copying(_checked(layer, where), file, stop))
        with LayerStream(copied, f"{where}: layer {layer.digest}") as stream:
            tar_bytes = sum(map(len, stream.chunks()))
        file.flush()
        size = os.fstat(file.fileno()).st_size
    if layer.size not in {-1, size}:
        raise digests.mismatch(f"{layer.size} bytes", f"{size}", f"{where}: layer {layer.digest}")
    return replace(layer, size=size, tar_bytes=tar_bytes)


def _checked(layer: Layer, where: str) -> Stream:
    """Return the stored bytes, checked where who reads the tar would not: it takes equal digests for one."""
    stream: Stream = layer.open()
    if layer.digest == layer.diff_id:
        return digests.Verified(stream, layer.digest, f"{where}: layer {layer.digest}", layer.size)
    return stream


class _Copying:
    """A stream whose bytes are also written to a file."""

    def __init__(self, stream: Stream, file: BinaryIO, stop: threading.Event | None) -> None:
        self._stream = stream
        self._file = file
        self._stop = stop

    def read(self, max_bytes: int, /) -> bytes:
        if self._stop is not None and self._stop.is_set():
            raise UnavailableError("another layer failed", self._file.name)
        data = self._stream.read(max_bytes)
        try:
            self._file.write(data)
        except OSError as error:
            raise translated(error, Path(self._file.name).parent) from error
        return data

    def close(self) -> None:
        self._stream.close()
