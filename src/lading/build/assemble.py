"""A finished chain becomes an image: config and manifest, upon layers that are in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

import msgspec

from lading.build import image_config
from lading.build.chain import Chain, LayerRef
from lading.oci import digest as digests
from lading.oci.image import OCI_CONFIG, OCI_MANIFEST, Descriptor, Image, image_from_manifest, manifest_of
from lading.oci.store import Store


def image(chain: Chain, store: Store, *, created: str, target: str) -> Image:
    """Return the image of a chain whose layers are in the store; nothing is written.

    created: RFC 3339. target: what it is called in messages.
    """
    config = msgspec.json.encode(
        image_config.document(
            chain.state,
            diff_ids=[layer.diff_id for layer in chain.layers],
            history=[dict(entry) for entry in chain.history],
            created=created,
        )
    )
    described = Descriptor(media_type=OCI_CONFIG, digest=digests.of(config), size=len(config))
    manifest = manifest_of(described, [_descriptor(layer) for layer in chain.layers])
    made = image_from_manifest(target, manifest, OCI_MANIFEST, _opener(config, described.digest, store))
    counted = zip(made.layers, chain.layers, strict=True)
    return replace(made, layers=tuple(replace(layer, tar_bytes=known.tar_bytes) for layer, known in counted))


def _descriptor(layer: LayerRef) -> Descriptor:
    return Descriptor(
        media_type=layer.media_type,
        digest=layer.digest,
        size=layer.size,
        annotations=layer.annotations or None,
    )


def _opener(config: bytes, digest: str, store: Store) -> Callable[[Descriptor], BinaryIO]:
    import io

    def open_blob(descriptor: Descriptor) -> BinaryIO:
        if descriptor.digest == digest:
            return io.BytesIO(config)
        return store.open_blob(descriptor.digest)

    return open_blob
