"""The index of the local store: which names stand for which images.

It is the `index.json` of an OCI image layout. A name is an entry with the annotation
`org.opencontainers.image.ref.name`, a whole reference such as `docker.io/library/alpine:3.20`; a name may
have an image for each of several platforms. An image without a name is an entry without the annotation.
An image whose manifest is of Docker's form has a second entry, for readers that take OCI's only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from lading.errors import LadingError, LimitError, MalformedError, UsageError
from lading.oci import reference
from lading.oci.image import (
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    Descriptor,
    Manifest,
    Platform,
    parse_manifest,
    this_platform,
)
from lading.oci.layout import REF_NAME

# On the second entry of an image: the digest of its own manifest.
CONVERTED = "dev.lading.converted-from"
# On an entry: the sizes of the layers' tars, lowest first, commas between; -1 for one that is not known.
TAR_BYTES = "dev.lading.layers.tar-bytes"
MIN_DIGEST_CHARS = 6
_PREFIX = re.compile(rf"(?:sha256:)?([0-9a-f]{{{MIN_DIGEST_CHARS},64}})", re.ASCII)

Entries = tuple[Descriptor, ...]


def read(path: Path) -> Entries:
    """Return the entries of the index at `path`; none if there is no such file."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_MANIFEST_BYTES + 1)
    except FileNotFoundError:
        return ()
    return parse_manifest(raw, str(path)).manifests or ()


def encode(entries: Iterable[Descriptor]) -> bytes:
    """Return the bytes of an index.

    This machine's platform comes first, as some readers take the first entry of a name.
    Raises `LimitError` if nobody would read it, for its size.
    """
    ours = this_platform()
    ordered = sorted(entries, key=lambda entry: entry.platform not in {None, ours})
    raw = msgspec.json.encode({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": ordered})
    if len(raw) > MAX_MANIFEST_BYTES:
        raise LimitError(
            f"the index of the store would have over {MAX_MANIFEST_BYTES} bytes",
            hint="remove images: lading rm, lading prune",
        )
    return raw


def name_of(entry: Descriptor) -> str:
    """Return the name in an entry; empty if it has none."""
    return (entry.annotations or {}).get(REF_NAME, "")


def is_converted(entry: Descriptor) -> bool:
    """Tell whether an entry is the second one of an image."""
    return CONVERTED in (entry.annotations or {})


def tar_bytes(entry: Descriptor) -> tuple[int, ...]:
    """Return the sizes of the tars of an entry's layers; none if they are not known."""
    text = (entry.annotations or {}).get(TAR_BYTES, "")
    parts = text.split(",")
    if not all(part.removeprefix("-").isascii() and part.removeprefix("-").isdigit() for part in parts):
        return ()
    return tuple(int(part[:19]) for part in parts)


def normal(name: str) -> str:
    """Return a name as it stands in the index: whole, and without the tag where there is a digest.

    Raises `MalformedError` for what is no reference.
    """
    parsed = reference.parse(name)
    return f"{parsed.name}@{parsed.digest}" if parsed.digest else str(parsed)


def with_image(entries: Entries, entry: Descriptor, names: Iterable[str]) -> Entries:
    """Return the index in which these names stand for the image of `entry`, on its platform.

    Another image that had one of the names loses it; without any it stays as one without a name, as
    does the image of `entry` itself if there are no names.
    """
    bare = _renamed(entry, "")
    own = [_renamed(entry, name) for name in dict.fromkeys(names)]
    taken = {name_of(one) for one in own}
    kept, lost = [], []
    for one in entries:
        if not taken.isdisjoint((name_of(one), _normal_or_same(name_of(one)))) and _same_platform(one, entry):
            lost.append(one)
        elif one.digest != entry.digest or name_of(one):
            kept.append(one)
    known = {one.digest for one in (*kept, *own)}
    left = {
        one.digest: _renamed(one, "") for one in lost if one.digest not in known and not is_converted(one)
    }
    if not own and entry.digest not in known:
        left[entry.digest] = bare
    return (*kept, *left.values(), *own)


def with_twins(entries: Entries, twins: dict[str, Descriptor]) -> Entries:
    """Return the index in which every named image has its second entry, and no other has.

    twins: by the digest of the image, the descriptor of its converted manifest, for those that are new.
    """
    known = {
        (one.annotations or {})[CONVERTED]: _renamed(one, "") for one in entries if is_converted(one)
    } | {digest: _annotated(twin, {CONVERTED: digest}) for digest, twin in twins.items()}
    plain = [one for one in entries if not is_converted(one)]
    second = [
        _renamed(msgspec.structs.replace(known[one.digest], platform=one.platform), name_of(one))
        for one in plain
        if name_of(one) and one.digest in known
    ]
    return (*plain, *second)


def without(entries: Entries, gone: Sequence[Descriptor]) -> Entries:
    """Return the index without these entries."""
    return tuple(entry for entry in entries if entry not in gone)


def find(entries: Entries, text: str) -> Entries:
    """Return the entries that `text` means: a name as typed, a digest, or the beginning of one.

    Several are of one name, for several platforms, or of one digest with several names.
    Raises `UsageError` if it is the beginning of several digests, `MalformedError` if it is neither a
    reference nor part of a digest.
    """
    own = tuple(entry for entry in entries if not is_converted(entry))
    if found := tuple(entry for entry in own if name_of(entry) == text and text):
        return found
    part = _PREFIX.fullmatch(text)
    try:
        wanted = normal(text)
    except MalformedError:
        if part is None:
            raise
    else:
        digest = wanted.partition("@")[2]
        found = tuple(
            entry for entry in own if _normal_or_same(name_of(entry)) == wanted or entry.digest == digest
        )
        if found:
            return found
    return _by_digest(own, part[1], text) if part else ()


def by_config(entries: Entries, text: str, read: Callable[[Descriptor], bytes]) -> Entries:
    """Return the entries of the image whose config, docker's image ID, has this digest or begins with it.

    read: gives the bytes of a manifest. Raises `UsageError` if there are several such images.
    """
    part = _PREFIX.fullmatch(text)
    if part is None:
        return ()
    found = []
    for entry, manifest in _manifests(entries, read):
        if manifest.config and manifest.config.digest.partition(":")[2].startswith(part[1]):
            found.append(entry)
    return _one_digest(tuple(found), text)


def known_tars(entries: Entries, read: Callable[[Descriptor], bytes]) -> dict[str, int]:
    """Return the sizes of layers' tars, by the layers' digests, as far as they are known."""
    return {
        layer.digest: size
        for entry, manifest in _manifests(entries, read)
        for layer, size in zip(manifest.layers, tar_bytes(entry), strict=False)
        if size >= 0
    }


def sharer(
    entries: Entries,
    read: Callable[[Descriptor], bytes],
    sizes: Mapping[str, int],
    wanted: reference.Reference,
) -> str:
    """Return another repository of the same registry whose images here share most bytes of these layers.

    sizes: of the layers, by digest. Empty if there is none.
    """
    shared: dict[str, set[str]] = {}
    for entry, manifest in _manifests(entries, read):
        host, _, path = _normal_or_same(name_of(entry)).partition("/")
        repository = path.partition("@")[0].partition(":")[0]
        if host == wanted.host and repository not in {"", wanted.repository}:
            shared.setdefault(repository, set()).update(
                layer.digest for layer in manifest.layers if layer.digest in sizes
            )
    best = max(shared, key=lambda name: sum(sizes[digest] for digest in shared[name]), default="")
    return best if shared.get(best) else ""


def _manifests(
    entries: Entries, read: Callable[[Descriptor], bytes]
) -> Iterator[tuple[Descriptor, Manifest]]:
    """Yield entries with their manifests; an image that cannot be read is passed over."""
    for entry in entries:
        if is_converted(entry):
            continue
        try:
            yield entry, parse_manifest(read(entry), entry.digest)
        except LadingError:
            continue


def _by_digest(entries: Entries, part: str, text: str) -> Entries:
    found = tuple(entry for entry in entries if entry.digest.partition(":")[2].startswith(part))
    return _one_digest(found, text)


def _one_digest(found: Entries, text: str) -> Entries:
    several = sorted({entry.digest for entry in found})
    if len(several) > 1:
        raise UsageError(f"several images begin with this: {', '.join(several[:5])}", text)
    return found


def _normal_or_same(name: str) -> str:
    """Other tools may have written any name into the index."""
    try:
        return normal(name) if name else ""
    except MalformedError:
        return name


def _same_platform(one: Descriptor, other: Descriptor) -> bool:
    return one.platform is None or other.platform is None or one.platform == other.platform


def _renamed(entry: Descriptor, name: str) -> Descriptor:
    return _annotated(entry, {REF_NAME: name})


def _annotated(entry: Descriptor, notes: dict[str, str]) -> Descriptor:
    merged = {**(entry.annotations or {}), **notes}
    kept = {key: value for key, value in merged.items() if value}
    return msgspec.structs.replace(entry, annotations=kept or None)


def platform_of(os: str, architecture: str, variant: str) -> Platform | None:
    """Return the platform for an entry; None for an image that does not say."""
    return Platform(os, architecture, variant) if architecture else None
