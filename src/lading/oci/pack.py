"""A directory becomes a layer, and layers become an image in a layout: the same input, the same digests.

Entries are sorted, owned by root and dated alike, so that neither the machine nor the hour shows.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.model.digest import Digest
from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Descriptor, Platform, manifest_of


class PackedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer in a file, ready to be put into a layout.

    path: of the file with the gzip-compressed tar. created_by: what made it, for the history.
    """

    path: Path
    digest: Digest
    diff_id: Digest
    size: int
    created_by: str


def pack(source: Path, at: str, file: Path, *, created_by: str, epoch_s: int = 0) -> PackedLayer:
    """Write the tree below `source` as a layer in which it lies at `at`; return what was written.

    at: path in the image, no leading `/`. file: where the layer is written to.
    epoch_s: time that every entry gets, seconds since 1970.
    """
    with file.open("wb") as stored:
        outer = _Hashing(stored)
        with gzip.GzipFile(filename="", mode="wb", fileobj=outer, mtime=0) as zipped:
            inner = _Hashing(zipped)
            with tarfile.open(mode="w|", fileobj=inner, format=tarfile.PAX_FORMAT) as archive:
                _add_parents(archive, at, epoch_s)
                for path in sorted(source.rglob("*")):
                    _add(archive, path, f"{at}/{path.relative_to(source).as_posix()}", epoch_s)
    return PackedLayer(
        path=file, digest=outer.digest, diff_id=inner.digest, size=outer.size, created_by=created_by
    )


def write_image(
    folder: Path,
    layers: Sequence[PackedLayer],
    *,
    tag: str,
    platform: Platform,
    created: str,
    execution: Mapping[str, object],
) -> Descriptor:
    """Write an image of `layers` to the layout at `folder`; return its manifest's descriptor.

    tag: its name in the index. created: RFC 3339. execution: the config's `config` object
    (`Cmd`, `Env`, `User` ...).
    """
    config = msgspec.json.encode(
        {
            "created": created,
            "architecture": platform.architecture,
            "os": platform.os,
            "config": execution,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created": created, "created_by": layer.created_by} for layer in layers],
        }
    )
    described = Descriptor(media_type=OCI_CONFIG, digest=digests.of(config), size=len(config))
    manifest = manifest_of(
        described,
        [
            Descriptor(media_type=f"{OCI_LAYER}+gzip", digest=layer.digest, size=layer.size)
            for layer in layers
        ],
    )
    entry = Descriptor(
        media_type=OCI_MANIFEST,
        digest=digests.of(manifest),
        size=len(manifest),
        annotations={layout.REF_NAME: tag},
        platform=platform,
    )
    blobs: dict[str, Callable[[], BinaryIO]] = {layer.digest: _opener(layer.path) for layer in layers}
    blobs[described.digest] = lambda: io.BytesIO(config)
    blobs[entry.digest] = lambda: io.BytesIO(manifest)
    layout.write(folder, blobs, [entry])
    return entry


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _add_parents(archive: tarfile.TarFile, at: str, epoch_s: int) -> None:
    parts = [part for part in at.split("/") if part]
    for count in range(1, len(parts) + 1):
        folder = tarfile.TarInfo("/".join(parts[:count]))
        folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, epoch_s
        archive.addfile(folder)


def _add(archive: tarfile.TarFile, path: Path, name: str, epoch_s: int) -> None:
    entry = archive.gettarinfo(path, name.lstrip("/"))
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = epoch_s
    if entry.isreg():
        with path.open("rb") as content:
            archive.addfile(entry, content)
    else:
        archive.addfile(entry)


class _Hashing(io.RawIOBase):
    """A stream to write to that counts and hashes what passes."""

    def __init__(self, target: BinaryIO | gzip.GzipFile) -> None:
        self._target = target
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> Digest:
        return Digest("sha256:" + self._hash.hexdigest())

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes only
        self._hash.update(data)
        self.size += len(data)
        self._target.write(data)
        return len(data)
