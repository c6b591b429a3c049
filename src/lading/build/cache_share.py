"""The step cache as an image: written to a registry or a directory, and used from there by another machine.

It is an ordinary OCI image whose layers are those of the steps, so that every registry takes it and every
tool can copy it; its config says in a member of its own which step made which layer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from lading.build.chain import LayerRef
from lading.build.step_cache import Record, StepCache
from lading.errors import MalformedError, UsageError
from lading.oci import digest as digests
from lading.oci.image import (
    OCI_CONFIG,
    OCI_MANIFEST,
    Descriptor,
    Image,
    Layer,
    Platform,
    image_from_manifest,
    manifest_of,
)
from lading.oci.store import Store
from lading.oci.store_fill import fill

MEMBER = "dev.lading.build.steps"
MAX_STEPS = 10_000


class Shared:
    """Caches that somebody else has written, from which layers are brought when they are needed."""

    def __init__(self, images: Iterable[Image], cache: StepCache) -> None:
        """Take the steps of `images` for known. Raises `MalformedError` for one that is no cache."""
        self._layers: dict[str, tuple[Layer, str]] = {}
        for image in images:
            for key, record in steps_of(image).items():
                if cache.step(key) is None:
                    cache.keep_step(key, record)
            self._layers |= {layer.digest: (layer, image.target) for layer in image.layers}

    def bring(self, layer: LayerRef, store: Store) -> bool:
        """Bring a layer into the store; tell whether it is there now. Raises what reading it raises."""
        known, where = self._layers.get(layer.digest, (None, ""))
        if known is None:
            return False
        place = store.new_blob()
        place.unlink()
        try:
            fill(known, place, where)
            store.adopt(place, layer.digest)
        finally:
            place.unlink(missing_ok=True)
        return True


def image_of(steps: Mapping[str, Record], store: Store, platform: Platform, *, target: str) -> Image:
    """Return a cache as an image. steps: by key; their layers are in the store. target: its name in messages."""
    layers = list({record.layer.digest: record.layer for record in steps.values() if record.layer}.values())
    config = msgspec.json.encode(
        {
            **msgspec.to_builtins(platform),
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [],
            MEMBER: {key: msgspec.to_builtins(steps[key]) for key in sorted(steps)},
        }
    )
    described = Descriptor(media_type=OCI_CONFIG, digest=digests.of(config), size=len(config))
    manifest = manifest_of(described, _descriptors(layers))

    def open_blob(descriptor: Descriptor) -> BinaryIO:
        if descriptor.digest == described.digest:
            return io.BytesIO(config)
        return store.open_blob(descriptor.digest)

    return image_from_manifest(target, manifest, OCI_MANIFEST, open_blob)


def steps_of(image: Image) -> dict[str, Record]:
    """Return the steps in a cache, without those whose layers it does not have. Raises `MalformedError`."""
    try:
        document = msgspec.json.decode(image.config, type=dict[str, Any])
        steps = msgspec.convert(document.get(MEMBER), dict[str, Record])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(
            "not a build cache", image.target, "write one with `lading build --cache-to`"
        ) from error
    if len(steps) > MAX_STEPS:
        raise MalformedError(f"a cache of over {MAX_STEPS} steps", image.target)
    there = {(layer.digest, layer.diff_id) for layer in image.layers}
    return {
        key: record
        for key, record in steps.items()
        if _is_key(key) and (record.layer is None or (record.layer.digest, record.layer.diff_id) in there)
    }


def target_of(text: str, *, writes: bool) -> str:
    """Return the target that `--cache-from` or `--cache-to` names, Docker's form (`type=local,dest=DIR`) too.

    Raises `UsageError` for another type than `registry` and `local`.
    """
    if not text.startswith("type=") and ",type=" not in text:
        return text
    given = dict(part.partition("=")[::2] for part in text.split(","))
    if given.get("type") == "registry" and given.get("ref"):
        return f"docker://{given['ref']}"
    folder = given.get("dest" if writes else "src")
    if given.get("type") == "local" and folder:
        return f"oci:{folder}"
    raise UsageError(
        f"no cache is {text[:120]!r}",
        hint="write REFERENCE, oci:DIR, type=registry,ref=REFERENCE or type=local,…=DIR",
    )


def _is_key(key: str) -> bool:
    return len(key) == 64 and all(char in "0123456789abcdef" for char in key)  # noqa: PLR2004 - SHA-256


def _descriptors(layers: Sequence[LayerRef]) -> list[Descriptor]:
    return [Descriptor(media_type=layer.media_type, digest=layer.digest, size=layer.size) for layer in layers]
