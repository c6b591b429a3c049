"""A stage at a point of its build: layers, history and config, and a key that names how it came about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lading.build.image_config import State
from lading.oci.image import LINE_ANNOTATION, SOURCE_ANNOTATION, STAGE_ANNOTATION


class LayerRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A layer in the store. size: of the stored bytes. annotations: of its descriptor.

    tar_bytes: the size of its tar; -1 if nobody has counted.
    """

    digest: str
    diff_id: str
    size: int
    media_type: str
    annotations: dict[str, str] = {}
    tar_bytes: int = -1


class Chain(msgspec.Struct, frozen=True):
    """What a stage is so far; every step makes a new one.

    key: the digest of all that has led here, and of what came of it; equal keys, equal content. history: as in an
    OCI config.
    """

    state: State
    key: str
    layers: tuple[LayerRef, ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()

    def then(self, key: str, entry: Mapping[str, Any], layer: LayerRef | None = None) -> Chain:
        """Return the chain with a step more. key: the step's own; layer: where it has changed files."""
        # A command may give something else each time it is run: what is built upon one layer does not fit the other.
        key = key_of(self.key, key, "" if layer is None else layer.diff_id)
        entry = entry if layer is not None else {**entry, "empty_layer": True}
        layers = self.layers if layer is None else (*self.layers, layer)
        return msgspec.structs.replace(self, key=key, layers=layers, history=(*self.history, entry))


def place_notes(line: int, source: str, stage: str) -> dict[str, str]:
    """Return what a layer's descriptor says of the Dockerfile that made it; nothing for what is not known."""
    known = {LINE_ANNOTATION: str(line or ""), SOURCE_ANNOTATION: source, STAGE_ANNOTATION: stage}
    return {name: value for name, value in known.items() if value}


def key_of(*parts: Any) -> str:  # noqa: ANN401 - whatever msgpack takes
    """Return the digest of values, in hexadecimal: the same for the same on every machine."""
    return hashlib.sha256(msgspec.msgpack.encode(parts, order="deterministic")).hexdigest()


def chain_ids(diff_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ChainID of each layer upon those below it (OCI image-spec 1.1, config.md)."""
    found: list[str] = []
    for diff_id in diff_ids:
        if found:
            joined = f"{found[-1]} {diff_id}".encode()
            found.append("sha256:" + hashlib.sha256(joined).hexdigest())
        else:
            found.append(diff_id)
    return tuple(found)
