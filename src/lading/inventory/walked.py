"""The facts of an image: each layer read once by anybody, then never again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from lading.errors import UnavailableError
from lading.inventory.assemble import Contents, assemble
from lading.model.fact import Skipped
from lading.oci import parallel
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.facts import Aliases, LayerFacts
from lading.oci.image import Image, Layer
from lading.oci.overlay import Overlay
from lading.oci.rootfs import walk_directory
from lading.oci.walk import walk_layer

# Told of each layer that is done: its index, and whether it had been known.
Progress = Callable[[int, bool], None]


@dataclass(frozen=True, slots=True)
class Walked:
    """An image that has been read: what is in it, and what each layer held.

    layers: one for each layer of the image. read: how many of them were not in the cache.
    """

    contents: Contents
    layers: tuple[LayerFacts, ...]
    skipped: tuple[Skipped, ...]
    read: int


def read_image(
    image: Image,
    dispatch: Dispatch,
    cache: FactCache,
    *,
    jobs: int = 0,
    progress: Progress = lambda _at, _known: None,
) -> Walked:
    """Return what is in an image.

    jobs: layers read at once; 0 for one per two processors, as each keeps two busy.
    Raises what opening and reading the layers raises; a foreign layer that is not there is
    among the skipped.
    """
    found: dict[int, LayerFacts] = {}
    for at, layer in enumerate(image.layers):
        known = cache.get(layer.diff_id) if not layer.directory else None
        if known is not None:
            found[at] = known
            progress(at, True)
    todo = [at for at in range(len(image.layers)) if at not in found]
    for at, facts in _read(image, todo, dispatch, jobs):
        found[at] = facts
        progress(at, False)
        if not image.layers[at].directory and not _missing(facts):
            cache.put(image.layers[at].diff_id, facts)
    layers = [found[at] for at in range(len(image.layers))]
    overlay = Overlay(layers)
    read = 0
    if unread := overlay.unread(dispatch):
        layers, read = _read_links(image, layers, unread, dispatch, cache)
        overlay = Overlay(layers, {known for aliases in unread.values() for known in aliases.values()})
    diff_ids = [layer.diff_id for layer in image.layers]
    contents = assemble(overlay.histories(), diff_ids, overlay.top_links())
    return Walked(contents, tuple(layers), tuple(_skipped(layers, diff_ids)), len(todo) + read)


def _read(image: Image, todo: list[int], dispatch: Dispatch, jobs: int) -> Iterable[tuple[int, LayerFacts]]:
    """Yield the facts of layers as they are read, several at once."""
    workers = jobs or max(1, (os.cpu_count() or 2) // 2)
    layers = [image.layers[at] for at in todo]
    for number, facts in parallel.each(lambda layer: _read_layer(layer, dispatch), layers, workers, "layers"):
        yield todo[number], facts


def _read_layer(layer: Layer, dispatch: Dispatch, aliases: Aliases | None = None) -> LayerFacts:
    if layer.directory:
        return walk_directory(layer.directory, dispatch, aliases)
    try:
        return walk_layer(layer, dispatch, aliases)
    except UnavailableError as error:
        if not layer.foreign:
            raise
        reason = f"foreign layer, not distributed with the image: {error.message}"
        return _EMPTY if aliases is not None else _absent(layer, reason)


def _read_links(
    image: Image,
    layers: Sequence[LayerFacts],
    unread: Mapping[int, Aliases],
    dispatch: Dispatch,
    cache: FactCache,
) -> tuple[list[LayerFacts], int]:
    """Read, by a second pass over their layers, files that are known only through links."""
    complete = list(layers)
    read = 0
    for at, aliases in sorted(unread.items()):
        layer = image.layers[at]
        more = cache.get(layer.diff_id, aliases) if not layer.directory else None
        if more is None:
            more = _read_layer(layer, dispatch, aliases)
            read += 1
            if not layer.directory:
                cache.put(layer.diff_id, more, aliases)
        complete[at] = _with(complete[at], more)
    return complete, read


def _with(facts: LayerFacts, more: LayerFacts) -> LayerFacts:
    return msgspec.structs.replace(
        facts, facts=facts.facts | more.facts, skipped=facts.skipped + more.skipped
    )


_EMPTY = LayerFacts(
    facts={},
    links={},
    hardlinks={},
    whiteouts=(),
    opaque=(),
    names=b"",
    folders=b"",
    skipped=(),
    files=0,
    content_bytes=0,
)
_FOREIGN = "foreign"


def _absent(layer: Layer, reason: str) -> LayerFacts:
    return msgspec.structs.replace(_EMPTY, skipped=(Skipped(_FOREIGN, layer.digest, reason),))


def _missing(facts: LayerFacts) -> bool:
    """What was not there may be there next time, and is not kept."""
    return any(item.reader == _FOREIGN for item in facts.skipped)


def _skipped(layers: Iterable[LayerFacts], diff_ids: Iterable[str]) -> Iterable[Skipped]:
    for facts, diff_id in zip(layers, diff_ids, strict=True):
        for item in facts.skipped:
            yield Skipped(item.reader, item.path, item.reason, diff_id)
