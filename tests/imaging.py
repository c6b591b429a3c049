"""Images made in memory: tar layers from a dictionary, and layouts from layers."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Descriptor, Image, Layer, manifest_of

# A value is the content of a file; a link is ("->", target), a hard link ("=", target), and None
# a directory.
Tree = Mapping[str, bytes | tuple[str, str] | None]


def tar(tree: Tree, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive of `tree`, in its order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as archive:
        for name, value in tree.items():
            entry = tarfile.TarInfo(name)
            data = b""
            if value is None:
                entry.type = tarfile.DIRTYPE
            elif isinstance(value, tuple):
                entry.type = tarfile.SYMTYPE if value[0] == "->" else tarfile.LNKTYPE
                entry.linkname = value[1]
            else:
                data = value
                entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def layer(data: bytes, stored: bytes | None = None, **changes: object) -> Layer:
    """Return a layer of tar bytes, as stored or plain."""
    kept = data if stored is None else stored

    fields: dict[str, object] = {
        "digest": digests.of(kept), "diff_id": digests.of(data), "size": len(kept), "open": opener(kept),
    }  # fmt: skip
    return Layer(**{**fields, **changes})  # type: ignore[arg-type]  # the test's business


def image(*trees: Tree) -> Image:
    """Return an image with a layer for each tree, lowest first."""
    layers = tuple(layer(tar(tree)) for tree in trees)
    return Image(target="test", digest="", config_digest="", layers=layers)


def write_layout(folder: Path, layers: Sequence[bytes], tag: str = "test", **config: object) -> Descriptor:
    """Write an image of tar layers, compressed, as an OCI layout; return its manifest's descriptor."""
    stored = [gzip.compress(data, 1, mtime=0) for data in layers]
    document = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digests.of(data) for data in layers]},
        "history": [{"created_by": f"RUN step {number}"} for number, _ in enumerate(layers)],
        **config,
    }
    raw = json.dumps(document).encode()
    described = Descriptor(media_type=OCI_CONFIG, digest=digests.of(raw), size=len(raw))
    parts = [
        Descriptor(media_type=OCI_LAYER + "+gzip", digest=digests.of(data), size=len(data)) for data in stored
    ]
    manifest = manifest_of(described, parts)
    entry = Descriptor(
        media_type=OCI_MANIFEST,
        digest=digests.of(manifest),
        size=len(manifest),
        annotations={layout.REF_NAME: tag},
    )
    blobs = {digests.of(data): data for data in (*stored, raw, manifest)}
    layout.write(folder, {digest: opener(data) for digest, data in blobs.items()}, [entry])
    return entry


def opener(data: bytes) -> Callable[[], BinaryIO]:
    """Return a function that opens `data` as a stream."""
    return lambda: io.BytesIO(data)
