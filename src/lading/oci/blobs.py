"""An image as the blobs that it consists of: what a medium that is written to has to take.

An image of a medium without manifests (`docker save`) gets one here, the same for the same image.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from lading.errors import UnavailableError, UsageError
from lading.model.digest import Digest
from lading.oci import digest as digests
from lading.oci.image import (
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Descriptor,
    Image,
    Layer,
    Manifest,
    Platform,
    encode_index,
    encode_manifest,
    manifest_of,
    parse_manifest,
    platform_text,
)
from lading.oci.source import Stream

_PIECE = 2**20
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar"


@dataclass(frozen=True, slots=True)
class Blob:
    """A piece of an image: its descriptor, and how to open it; the bytes are not yet checked."""

    descriptor: Descriptor
    open: Callable[[], Stream]


@dataclass(frozen=True, slots=True)
class Blobs:
    """All of an image. layers: each once, lowest first, without those that are not distributed with it."""

    manifest: Blob
    config: Blob
    layers: tuple[Blob, ...]

    def __iter__(self) -> Iterator[Blob]:
        """Yield what others refer to before those who do."""
        yield from self.layers
        yield self.config
        yield self.manifest


def of(image: Image, *, oci: bool = False) -> Blobs:
    """Return the blobs of an image; a layer whose size nobody knows is read once for it.

    oci: a manifest of Docker's form is turned into OCI's, which changes its digest.
    Raises `UsageError` for a root directory, which has none.
    """
    check(image)
    layers: dict[str, Layer] = {layer.digest: sized(layer) for layer in image.layers if not layer.foreign}
    raw = image.manifest or _made(image, layers)
    manifest = in_memory(raw, image.media_type if image.manifest else OCI_MANIFEST)
    if oci:
        manifest = as_oci(image) or manifest
    return Blobs(
        manifest=manifest,
        config=in_memory(image.config, _config_type(raw, image.target)),
        layers=tuple(Blob(_descriptor(layer), layer.open) for layer in layers.values()),
    )


def index(images: Sequence[Image], manifests: Sequence[Descriptor]) -> Blob:
    """Return the index of images that are one for several platforms. manifests: theirs, in the same order.

    The same images give the same bytes. Raises `UsageError` if two are for one platform.
    """
    entries: dict[Platform, Descriptor] = {}
    for image, manifest in zip(images, manifests, strict=True):
        platform = Platform(image.os, image.architecture, image.variant)
        if platform in entries:
            raise UsageError(f"there are two images for {platform_text(platform)}", image.target)
        entries[platform] = Descriptor(
            media_type=manifest.media_type, digest=manifest.digest, size=manifest.size, platform=platform
        )
    return in_memory(encode_index(entries.values()), OCI_INDEX)


def check(image: Image) -> None:
    """Raise `UsageError` for what cannot be written as an image."""
    if any(layer.directory for layer in image.layers) or not image.config:
        raise UsageError(
            "a directory is not an image",
            image.target,
            "make one of it: FROM scratch and COPY . / with `lading build`",
        )


def as_oci(image: Image) -> Blob | None:
    """Return an OCI manifest that says what one of Docker's says, over the same blobs; None if it is OCI's.

    Some readers of image layouts take no other.
    """
    if image.media_type != DOCKER_MANIFEST or not image.manifest:
        return None
    manifest = parse_manifest(image.manifest, image.target)
    assert manifest.config is not None
    converted = Manifest(
        media_type=OCI_MANIFEST,
        config=msgspec.structs.replace(manifest.config, media_type=OCI_CONFIG),
        layers=tuple(
            msgspec.structs.replace(layer, media_type=_oci_type(layer.media_type))
            for layer in manifest.layers
        ),
        annotations=manifest.annotations,
    )
    return in_memory(encode_manifest(converted), OCI_MANIFEST)


def in_memory(data: bytes, media_type: str) -> Blob:
    """Return a blob of these bytes."""
    descriptor = Descriptor(media_type=media_type, digest=digests.of(data), size=len(data))
    return Blob(descriptor, lambda: io.BytesIO(data))


def pieces(blob: Blob, where: str) -> Iterator[bytes]:
    """Yield the content of a blob, checked when its end is reached.

    Raises `MalformedError` if it has another digest or size, and what opening and reading raise.
    """
    digest = digests.parse(blob.descriptor.digest, where)
    stream = digests.Verified(blob.open(), digest, f"{where}: {digest}", blob.descriptor.size)
    try:
        while piece := stream.read(_PIECE):
            yield piece
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error}", f"{where}: {digest}") from error
    finally:
        stream.close()


def sized(layer: Layer) -> Layer:
    """Return the layer with its size."""
    if layer.size >= 0:
        return layer
    stream = layer.open()
    try:
        size = sum(map(len, iter(lambda: stream.read(_PIECE), b"")))
    finally:
        stream.close()
    return replace(layer, size=size)


def _made(image: Image, sized_layers: Mapping[str, Layer]) -> bytes:
    config = in_memory(image.config, OCI_CONFIG).descriptor
    layers = [sized_layers.get(layer.digest, layer) for layer in image.layers]
    return manifest_of(config, map(_descriptor, layers))


def _descriptor(layer: Layer) -> Descriptor:
    return Descriptor(media_type=layer.media_type, digest=Digest(layer.digest), size=layer.size)


def _config_type(manifest: bytes, where: str) -> str:
    config = parse_manifest(manifest, where).config
    return config.media_type if config is not None else OCI_CONFIG


def _oci_type(media_type: str) -> str:
    name, _, compression = media_type.partition(".tar")
    compression = compression.replace(".", "+")  # `.tar.gzip` is `.tar+gzip`
    if f"{name}.tar" == _DOCKER_FOREIGN:
        return _OCI_FOREIGN + compression
    return OCI_LAYER + compression if f"{name}.tar" == _DOCKER_LAYER else media_type
