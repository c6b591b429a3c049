"""Images written to one tar file: `oci-archive`, and the form that `docker load` reads.

The same image gives the same bytes: entries have no owner and no date.
Formats: https://github.com/moby/docker-image-spec (Combined Image JSON + Filesystem Changeset
Format), and the OCI image layout within a tar.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.oci import blobs, layout
from lading.oci.beside import replacing
from lading.oci.image import Image, encode_index
from lading.oci.stream import LayerStream

_BLOCK = 512
_END = bytes(2 * _BLOCK)


def write_oci(path: Path, images: Sequence[Image], tag: str = "") -> str:
    """Write an image as an OCI layout in a tar file; return the digest of its manifest.

    images: it, or the same for several platforms. tag: its name in the layout. A manifest of Docker's form is
    written in OCI's, as a layout holds no other. The file comes into its place when it is whole.
    Raises `UsageError` for a root directory, `DeniedError`, `UnavailableError`, and what reading raises.
    """
    parts, entry = layout.named(images, tag)
    with replacing(path) as file:
        archive = _Archive(file)
        archive.add("oci-layout", [layout.LAYOUT], len(layout.LAYOUT))
        index = encode_index([entry])
        archive.add("index.json", [index], len(index))
        for blob in parts:
            name = f"blobs/{blob.descriptor.digest.replace(':', '/')}"
            archive.add(name, blobs.pieces(blob, images[0].target), blob.descriptor.size)
        archive.end()
    return entry.digest


def write_docker(path: Path, image: Image, names: Sequence[str] = ()) -> None:
    """Write an image as `docker save` does, with its layers as plain tars.

    names: whole references, which the image has once it is loaded; those with a digest are left out, as
    the form has no place for them. The rest is as with `write_oci`.
    """
    blobs.check(image)
    config = blobs.in_memory(image.config, "").descriptor.digest.partition(":")[2] + ".json"
    layers = [f"{layer.diff_id.replace(':', '-').removeprefix('sha256-')}.tar" for layer in image.layers]
    item = {
        "Config": config,
        "RepoTags": [name for name in names if "@" not in name] or None,
        "Layers": layers,
    }
    manifest = msgspec.json.encode([item])
    with replacing(path) as file:
        archive = _Archive(file)
        archive.add("manifest.json", [manifest], len(manifest))
        archive.add(config, [image.config], len(image.config))
        for name, layer in dict(zip(layers, image.layers, strict=True)).items():
            with LayerStream(layer, f"{image.target}: layer {layer.digest}") as stream:
                archive.add_counted(name, stream.chunks())
        archive.end()


class _Archive:
    """A tar file that is written; names stay within what all readers know."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, name: str, pieces: Iterable[bytes], size: int) -> None:
        """Add a file of that many bytes."""
        self._file.write(_header(name, size))
        for piece in pieces:
            self._file.write(piece)
        self._file.write(bytes(-size % _BLOCK))

    def add_counted(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file whose size is known when all of it has been written."""
        start = self._file.tell()
        self.add(name, (), 0)
        size = 0
        for piece in pieces:
            self._file.write(piece)
            size += len(piece)
        self._file.write(bytes(-size % _BLOCK))
        self._file.seek(start)
        self._file.write(_header(name, size))
        self._file.seek(0, io.SEEK_END)

    def end(self) -> None:
        """Add what tells the end of an archive."""
        self._file.write(_END)


def _header(name: str, size: int) -> bytes:
    """Return an entry's header, as long for any size."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o644
    return entry.tobuf(tarfile.GNU_FORMAT)
