"""An image of the local store as a list shows it."""

from __future__ import annotations

import msgspec

from lading.errors import LadingError
from lading.oci import store_index
from lading.oci.image import Descriptor, OpenBlob, platform_text
from lading.oci.layout import resolve


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A name and its image.

    name: the whole reference; empty for an image without a name. platform: `os/architecture`, `unknown`.
    created: RFC 3339, empty if the image does not say. bytes: of config and layers as stored.
    tar_bytes: of the layers' tars; -1 if one of them is not known. problem: why the image cannot be
    read; the fields that come from it are then empty.
    """

    name: str
    digest: str
    platform: str = ""
    config_digest: str = ""
    created: str = ""
    bytes: int = 0
    tar_bytes: int = -1
    layers: int = 0
    problem: str = ""


def described(entry: Descriptor, open_blob: OpenBlob) -> Entry:
    """Return what a list shows of an entry of the index, read from its image."""
    name = store_index.name_of(entry)
    try:
        image = resolve(entry, entry.platform, name or entry.digest, open_blob)
    except LadingError as error:
        return Entry(
            name=name, digest=entry.digest, platform=platform_text(entry.platform), problem=str(error)
        )
    tars = store_index.tar_bytes(entry)
    known = len(tars) == len(image.layers) and all(size >= 0 for size in tars)
    return Entry(
        name=name,
        digest=entry.digest,
        platform=platform_text(
            store_index.platform_of(image.os, image.architecture, image.variant) or entry.platform
        ),
        config_digest=image.config_digest,
        created=image.created,
        bytes=len(image.config) + sum(layer.size for layer in image.layers),
        tar_bytes=sum(tars) if known else -1,
        layers=len(image.layers),
    )
