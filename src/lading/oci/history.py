"""The steps that made an image: its config's history, with the layer that each one left behind."""

from __future__ import annotations

import msgspec

from lading.oci.image import History, Image, Layer, parse_config


class Step(msgspec.Struct, frozen=True):
    """A step of the history. layer: what it left behind; None for one that changed no file.

    number: of the layer from the bottom, from 1; 0 for none.
    """

    created: str
    created_by: str
    comment: str
    layer: Layer | None = None
    number: int = 0


def steps(image: Image) -> list[Step]:
    """Return the steps, oldest first.

    Where the history does not fit the layers, these alone are the steps. Raises `MalformedError` for a
    broken config.
    """
    config = parse_config(image.config, image.target) if image.config else None
    entries = list((config and config.history) or ())
    if sum(not entry.empty_layer for entry in entries) != len(image.layers):
        entries = [History(created=layer.created, created_by=layer.created_by) for layer in image.layers]
    layers = iter(enumerate(image.layers, 1))
    found = []
    for entry in entries:
        number, layer = (0, None) if entry.empty_layer else next(layers)
        found.append(Step(entry.created or "", entry.created_by or "", entry.comment or "", layer, number))
    return found
