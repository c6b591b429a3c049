"""The OCI image layout: a directory with `oci-layout`, `index.json` and `blobs/`; opened and written.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError, UsageError
from lading.oci import blobs
from lading.oci import digest as digests
from lading.oci.beside import replacing, writing
from lading.oci.image import (
    MAX_MANIFEST_BYTES,
    Descriptor,
    Image,
    OpenBlob,
    Platform,
    choose_platform,
    encode_index,
    image_from_manifest,
    parse_manifest,
    platform_text,
    read_blob,
)

REF_NAME = "org.opencontainers.image.ref.name"
_MAX_INDEX_DEPTH = 4
LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'


def is_layout(path: Path) -> bool:
    """Tell whether a directory is an image layout."""
    return (path / "oci-layout").is_file() and (path / "index.json").is_file()


def open_image(path: Path, tag: str, platform: Platform | None, target: str) -> Image:
    """Return the image of a layout that `tag` names, or its only one.

    tag: a value of the annotation `org.opencontainers.image.ref.name`, a manifest's digest, or
        empty. target: what the user called it. Raises `UnavailableError` that lists the tags.
    """
    index = _read(path / "index.json", target)

    def open_blob(descriptor: Descriptor) -> BinaryIO:
        digest = digests.parse(descriptor.digest, target)
        return open_regular(path / "blobs" / digest.replace(":", "/"), f"{target}: blob {digest}")

    return from_index(index, tag, platform, target, open_blob)


def from_index(raw: bytes, tag: str, platform: Platform | None, target: str, open_blob: OpenBlob) -> Image:
    """Return the image that `tag` names in an `index.json`, wherever that and the blobs lie."""
    manifest = parse_manifest(raw, f"{target}: index.json")
    entry = _choose(manifest.manifests or (), tag, platform, target)
    image = resolve(entry, platform, target, open_blob)
    return replace(image, names=(_tag(entry),) if _tag(entry) else ())


def resolve(entry: Descriptor, platform: Platform | None, target: str, open_blob: OpenBlob) -> Image:
    """Return the image that a descriptor stands for: its own, or one of the index that it names."""
    for _ in range(_MAX_INDEX_DEPTH):
        raw = read_blob(entry, open_blob, max_bytes=MAX_MANIFEST_BYTES, where=f"{target}: manifest")
        manifest = parse_manifest(raw, f"{target}: manifest {entry.digest}")
        if manifest.manifests is None:
            return image_from_manifest(target, raw, entry.media_type, open_blob)
        entry = choose_platform(manifest.manifests, platform, target)
    raise LimitError(f"indexes within indexes, over {_MAX_INDEX_DEPTH} deep", target)


def open_file(path: Path, where: str) -> BinaryIO:
    """Return a file open for reading.

    Raises `UnavailableError` where there is none, `DeniedError` where it may not be read.
    """
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise UnavailableError("there is no such file", where, "the copy is not complete") from error
    except PermissionError as error:
        raise DeniedError("no permission to read it", where) from error
    except OSError as error:
        raise UnavailableError(f"cannot be opened: {error.strerror}", where) from error


def open_regular(path: Path, where: str) -> BinaryIO:
    """Return a file of a layout open for reading; a pipe in its place would be waited for."""
    if path.exists() and not path.is_file():
        raise MalformedError("not a regular file", where)
    return open_file(path, where)


def write(path: Path, blobs: Mapping[str, Callable[[], BinaryIO]], entries: Iterable[Descriptor]) -> None:
    """Write an image layout, or add to the one at `path`.

    blobs: by digest, how to open each. Those that are there already are left as they are.
    entries: descriptors for `index.json`; one with the same tag as an earlier takes its place.
    Everything is written beside and renamed; `index.json` comes last, so that what was there
    before stays whole until the new is complete.
    """
    folder = path / "blobs" / "sha256"
    folder.mkdir(parents=True, exist_ok=True)
    for digest, opener in blobs.items():
        place = path / "blobs" / digest.replace(":", "/")
        if not place.exists():
            with opener() as source:
                _write_beside(place, iter(lambda: source.read(2**20), b""))
    tagged = {_tag(entry) or entry.digest: entry for entry in (*_entries(path), *entries)}
    _write_beside(path / "oci-layout", [LAYOUT])
    _write_beside(path / "index.json", [encode_index(tagged.values())])


def write_images(path: Path, images: Sequence[Image], tag: str = "") -> str:
    """Write an image to the layout at `path`, which may hold others; return the digest of its manifest.

    images: it, or, under an index, the same for several platforms. tag: its name in the layout.
    A manifest of Docker's form is written in OCI's: some readers of layouts take no other. Raises `UsageError`
    if an image is a root directory or `path` something else than a layout, `DeniedError`,
    `UnavailableError`, and what reading the images raises.
    """
    parts, entry = named(images, tag)
    with writing(path):
        if path.exists() and not is_layout(path) and (not path.is_dir() or any(path.iterdir())):
            raise UsageError("holds something else than an OCI image layout", str(path))
        for blob in parts:
            place = path / "blobs" / blob.descriptor.digest.replace(":", "/")
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                _write_beside(place, blobs.pieces(blob, images[0].target))
        write(path, {}, [entry])
    return entry.digest


def named(images: Sequence[Image], tag: str) -> tuple[list[blobs.Blob], Descriptor]:
    """Return the blobs of an image, or of one for several platforms, and the entry for it in a layout.

    tag: empty for none. Raises what `blobs.of` and `blobs.index` raise.
    """
    whole = [blobs.of(image, oci=True) for image in images]
    parts = {blob.descriptor.digest: blob for one in whole for blob in one}
    notes = {REF_NAME: tag} if tag else None
    manifests = [one.manifest.descriptor for one in whole]
    if len(images) > 1:
        index = blobs.index(images, manifests)
        return [*parts.values(), index], msgspec.structs.replace(index.descriptor, annotations=notes)
    platform = None
    if images[0].architecture:
        platform = Platform(images[0].os, images[0].architecture, images[0].variant)
    return [*parts.values()], msgspec.structs.replace(manifests[0], platform=platform, annotations=notes)


def _entries(path: Path) -> tuple[Descriptor, ...]:
    if not (path / "index.json").exists():
        return ()
    return parse_manifest(_read(path / "index.json", str(path)), str(path)).manifests or ()


def _write_beside(place: Path, pieces: Iterable[bytes]) -> None:
    with replacing(place) as file:
        for piece in pieces:
            file.write(piece)


def _read(path: Path, target: str) -> bytes:
    with open_regular(path, f"{target}: {path.name}") as file:
        return file.read(MAX_MANIFEST_BYTES + 1)


def _tag(entry: Descriptor) -> str:
    return (entry.annotations or {}).get(REF_NAME, "")


def _choose(entries: tuple[Descriptor, ...], tag: str, platform: Platform | None, target: str) -> Descriptor:
    if not entries:
        raise MalformedError("the index lists no images", target)
    if tag:
        entries = tuple(entry for entry in entries if tag in {_tag(entry), entry.digest}) or _none(
            entries, tag, target
        )
    if len(entries) == 1:
        return entries[0]
    if platform is not None or len({_tag(entry) for entry in entries}) == 1:
        return choose_platform(entries, platform, target)
    names = ", ".join(_tag(entry) or entry.digest for entry in entries[:20])
    raise UnavailableError(f"there are {len(entries)} images: {names}", target, "add :TAG to choose one")


def _none(entries: tuple[Descriptor, ...], tag: str, target: str) -> tuple[Descriptor, ...]:
    names = ", ".join(_tag(entry) or platform_text(entry.platform) for entry in entries[:20])
    raise UnavailableError(f"no image is tagged {tag!r}; there is: {names}", target)
