"""An image as a value, derived from a manifest and a way to open blobs.

A medium supplies raw manifest bytes and `open_blob`; everything else is worked out here, once
for all media. Specifications: OCI image-spec 1.1 (manifest.md, config.md, image-index.md) and
Docker's image manifest version 2, schema 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, BinaryIO

import msgspec

from lading.errors import LimitError, MalformedError, UnavailableError
from lading.model.digest import Digest
from lading.oci import digest as digests
from lading.oci.source import Stream

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1"

MAX_MANIFEST_BYTES = 4 * 2**20  # what registries take, by the distribution specification
MAX_CONFIG_BYTES = 8 * 2**20
MAX_LAYERS = 1024

# Annotations that Lading's builder puts on a layer to say which line made it.
LINE_ANNOTATION = "dev.lading.dockerfile.line"
SOURCE_ANNOTATION = "dev.lading.dockerfile.path"
STAGE_ANNOTATION = "dev.lading.dockerfile.stage"


class Platform(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an image runs on, in Go's words: `linux`, `amd64`, `v8`."""

    os: str = ""
    architecture: str = ""
    variant: str = ""


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A reference to content by media type, digest and size in bytes."""

    media_type: str = ""
    digest: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    urls: tuple[str, ...] = ()
    annotations: dict[str, str] | None = None
    platform: Platform | None = None
    artifact_type: str = ""


OpenBlob = Callable[[Descriptor], BinaryIO]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An image manifest, or an index of such: one has `layers`, the other `manifests`."""

    schema_version: int = 2
    media_type: str = ""
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] | None = None
    annotations: dict[str, str] | None = None


class History(msgspec.Struct, frozen=True):
    """An entry of a config's history."""

    created: str | None = ""
    created_by: str | None = ""
    comment: str | None = ""
    empty_layer: bool | None = False


class _RootFs(msgspec.Struct, frozen=True):
    diff_ids: tuple[str, ...] | None = ()


class _Execution(msgspec.Struct, frozen=True):
    labels: dict[str, str] | None = msgspec.field(default=None, name="Labels")


class Config(msgspec.Struct, frozen=True):
    """The parts of an image's config that are read here."""

    architecture: str | None = ""
    os: str | None = ""
    variant: str | None = ""
    created: str | None = ""
    config: _Execution | None = None
    rootfs: _RootFs | None = None
    history: tuple[History, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: what is known of it, and how to read it.

    digest: of the bytes as stored; diff_id: of the tar; equal where nothing is compressed.
    size: of the bytes as stored; -1 if the medium does not say.
    open: gives the stored bytes from the start, not yet checked; closed by the caller.
    foreign: not distributed with the image; `open` may raise `UnavailableError`.
    directory: the path of a root directory, for a layer that is no tar at all.
    line, source, stage: of the Dockerfile; 0 and empty where the builder did not say.
    tar_bytes: the size of the tar; -1 if nobody has counted.
    """

    digest: Digest
    diff_id: Digest
    size: int
    open: Callable[[], Stream]
    media_type: str = OCI_LAYER
    created_by: str = ""
    created: str = ""
    line: int = 0
    source: str = ""
    stage: str = ""
    foreign: bool = False
    directory: str = ""
    tar_bytes: int = -1


@dataclass(frozen=True, slots=True)
class Image:
    """An image: an immutable view, layers lowest first.

    target: as the user named it. digest: of the manifest, empty for a directory. manifest and
    config: the raw bytes, empty where the medium has none. names: those that its medium knows it by.
    """

    target: str
    digest: str
    config_digest: str
    layers: tuple[Layer, ...]
    manifest: bytes = b""
    media_type: str = OCI_MANIFEST
    config: bytes = b""
    os: str = ""
    architecture: str = ""
    variant: str = ""
    created: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def read_blob(descriptor: Descriptor, open_blob: OpenBlob, *, max_bytes: int, where: str) -> bytes:
    """Return a small blob whole, checked against its descriptor.

    Raises `LimitError` over `max_bytes`, `MalformedError` on a wrong digest or size.
    """
    if descriptor.size > max_bytes:
        raise LimitError(f"{descriptor.size} bytes are more than the {max_bytes} allowed", where)
    stream = open_blob(descriptor)
    verified = digests.Verified(
        stream, digests.parse(descriptor.digest, where), f"{where} {descriptor.digest}", descriptor.size
    )
    try:
        chunks = []
        while chunk := verified.read(2**20):
            chunks.append(chunk)
    finally:
        verified.close()
    return b"".join(chunks)


def parse_manifest(raw: bytes, where: str) -> Manifest:
    """Return the manifest or index in `raw`.

    Raises `MalformedError` if it is neither, or is of Docker's schema 1; `LimitError` over 4 MiB.
    """
    if len(raw) > MAX_MANIFEST_BYTES:
        raise LimitError(f"the manifest has over {MAX_MANIFEST_BYTES} bytes", where)
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not an image manifest: {error}", where) from error
    if manifest.schema_version == 1:
        raise MalformedError(
            "the manifest is of Docker's schema 1, obsolete since 2017",
            where,
            "pull and push the image again with a current tool",
        )
    if manifest.config is None and manifest.manifests is None:
        raise MalformedError("the manifest has neither config nor manifests", where)
    return manifest


def manifest_of(config: Descriptor, layers: Iterable[Descriptor]) -> bytes:
    """Return the bytes of an OCI manifest."""
    return encode_manifest(Manifest(media_type=OCI_MANIFEST, config=config, layers=tuple(layers)))


def encode_index(entries: Iterable[Descriptor]) -> bytes:
    """Return the bytes of an index."""
    return msgspec.json.encode({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(entries)})


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the bytes of a manifest, without fields that are empty."""
    fields = msgspec.to_builtins(manifest)
    return msgspec.json.encode({key: value for key, value in fields.items() if value is not None})


def choose_platform(index: Sequence[Descriptor], platform: Platform | None, where: str) -> Descriptor:
    """Return the entry of an index that fits `platform`, by default this machine's, on Linux.

    A variant that is not asked for may be any. An index with a single image is taken as it is
    when no platform is asked for. Raises `UnavailableError` that names what there is.
    """
    runnable = [entry for entry in index if not _is_attestation(entry)]
    if platform is None and len(runnable) == 1:
        return runnable[0]
    wanted = platform or this_platform()
    for entry in runnable:
        if fits(entry.platform or Platform(), wanted):
            return entry
    offered = ", ".join(sorted({platform_text(entry.platform) for entry in runnable})) or "nothing"
    raise UnavailableError(
        f"no image for {platform_text(wanted)}; there is {offered}", where, "choose one with --platform"
    )


def fits(has: Platform, wanted: Platform) -> bool:
    """Tell whether an image for one platform is what is wanted for another; a variant not asked for may be any."""
    return (
        has.os == wanted.os
        and has.architecture == wanted.architecture
        and (not wanted.variant or (has.variant or "v8") == wanted.variant)
    )


def check_platform(image: Image, platform: Platform | None, where: str) -> None:
    """Raise `UnavailableError` if the only image that there is says that it is for another platform."""
    has = Platform(image.os, image.architecture, image.variant)
    if (
        platform is not None
        and has.architecture
        and (has.os, has.architecture) != (platform.os, platform.architecture)
    ):
        raise UnavailableError(
            f"there is one image, for {platform_text(has)}, not for {platform_text(platform)}",
            where,
        )


def platform_text(platform: Platform | None) -> str:
    """Return `os/architecture[/variant]`, or `unknown`."""
    if platform is None:
        return "unknown"
    return "/".join(part for part in (platform.os, platform.architecture, platform.variant) if part)


def parse_platform(text: str) -> Platform:
    """Return the platform in `os/architecture[/variant]`, or in `architecture` for Linux.

    Raises `MalformedError` for anything else.
    """
    parts = text.lower().split("/")
    if len(parts) == 1:
        parts = ["linux", *parts]
    if len(parts) > 3 or not all(parts):  # noqa: PLR2004 - os, architecture, variant
        raise MalformedError(f"not a platform: {text!r}", hint="write os/architecture, as in linux/arm64")
    names = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}
    parts[1] = names.get(parts[1], parts[1])
    return Platform(*parts)


def image_from_manifest(
    target: str, raw: bytes, media_type: str, open_blob: OpenBlob, *, where: str = ""
) -> Image:
    """Return the image of a manifest, with config read and checked, layers not yet opened.

    raw: the manifest's bytes, already checked against a digest where there is one.
    where: what errors are about; `target` by default.
    Raises `MalformedError` where manifest, config and layers do not fit together.
    """
    where = where or target
    manifest = parse_manifest(raw, where)
    if manifest.config is None:
        raise MalformedError("the manifest is an index of images, not an image", where)
    config_bytes = read_blob(manifest.config, open_blob, max_bytes=MAX_CONFIG_BYTES, where=f"{where}: config")
    config = parse_config(config_bytes, f"{where}: config {manifest.config.digest}")
    return Image(
        target=target,
        digest=digests.of(raw),
        config_digest=manifest.config.digest,
        layers=_layers(manifest.layers, config, open_blob, where),
        manifest=raw,
        media_type=manifest.media_type or media_type or OCI_MANIFEST,
        config=config_bytes,
        os=config.os or "",
        architecture=config.architecture or "",
        variant=config.variant or "",
        created=config.created or "",
        labels=(config.config and config.config.labels) or {},
    )


def parse_config(raw: bytes, where: str) -> Config:
    """Return the image config in `raw`.

    Raises `MalformedError`.
    """
    try:
        return msgspec.json.decode(raw, type=Config)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not an image config: {error}", where) from error


def instructions(config: Config, count: int) -> list[History]:
    """Return the history entries that made the `count` layers; blank ones where they do not fit."""
    filled = [entry for entry in config.history or () if not entry.empty_layer]
    return filled if len(filled) == count else [History()] * count


def _layers(
    descriptors: Sequence[Descriptor], config: Config, open_blob: OpenBlob, where: str
) -> tuple[Layer, ...]:
    diff_ids = (config.rootfs and config.rootfs.diff_ids) or ()
    if len(descriptors) > MAX_LAYERS:
        raise LimitError(f"{len(descriptors)} layers are more than the {MAX_LAYERS} allowed", where)
    if len(diff_ids) != len(descriptors):
        raise MalformedError(
            f"the manifest has {len(descriptors)} layers, the config {len(diff_ids)} diff IDs", where
        )
    history = instructions(config, len(descriptors))
    return tuple(
        _layer(descriptor, diff_id, made, open_blob, where)
        for descriptor, diff_id, made in zip(descriptors, diff_ids, history, strict=True)
    )


def _layer(descriptor: Descriptor, diff_id: str, made: History, open_blob: OpenBlob, where: str) -> Layer:
    notes = descriptor.annotations or {}
    line = notes.get(LINE_ANNOTATION, "")
    return Layer(
        digest=digests.parse(descriptor.digest, f"{where}: layer"),
        diff_id=digests.parse(diff_id, f"{where}: config"),
        size=descriptor.size,
        open=lambda: open_blob(descriptor),
        media_type=descriptor.media_type,
        created_by=made.created_by or "",
        created=made.created or "",
        line=int(line) if line.isascii() and line.isdigit() and len(line) < 8 else 0,  # noqa: PLR2004
        source=notes.get(SOURCE_ANNOTATION, ""),
        stage=notes.get(STAGE_ANNOTATION, ""),
        foreign="foreign" in descriptor.media_type or "nondistributable" in descriptor.media_type,
    )


def _is_attestation(entry: Descriptor) -> bool:
    """BuildKit puts provenance beside the images, as an image for the platform unknown/unknown."""
    return (entry.annotations or {}).get("vnd.docker.reference.type") == "attestation-manifest" or (
        entry.platform is not None and entry.platform.os == "unknown"
    )


def this_platform() -> Platform:
    """Return the platform of this machine, on Linux."""
    import platform as machine

    return parse_platform(f"linux/{machine.machine().lower() or 'amd64'}")
