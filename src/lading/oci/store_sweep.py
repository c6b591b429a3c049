"""What in the local store is still referred to, and what can go."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from lading.errors import LadingError
from lading.oci.image import Descriptor, Manifest, parse_manifest

_MAX_DEPTH = 8


class Freed(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken away. images: digests of images without a name. bytes: of the disk's room."""

    images: tuple[str, ...] = ()
    blobs: int = 0
    bytes: int = 0


def reachable(entries: Iterable[Descriptor], read: Callable[[Descriptor], bytes]) -> set[str]:
    """Return the digests of all blobs that the entries of an index lead to.

    read: gives the bytes of a manifest, or raises a `LadingError`. Below one that is not there, or is
    none, nothing can be known.
    """
    found: set[str] = set()
    seen: set[str] = set()
    todo = [(entry, 0) for entry in entries]
    while todo:
        entry, depth = todo.pop()
        found.add(entry.digest)
        if entry.digest in seen or depth > _MAX_DEPTH:
            continue
        seen.add(entry.digest)
        try:
            manifest = parse_manifest(read(entry), entry.digest)
        except LadingError:
            continue
        found.update(_leaves(manifest))
        todo += [(inner, depth + 1) for inner in manifest.manifests or ()]
    return found


def _leaves(manifest: Manifest) -> set[str]:
    config = {manifest.config.digest} if manifest.config else set()
    return config | {layer.digest for layer in manifest.layers}


def sweep(blobs: Path, keep: set[str]) -> tuple[int, int]:
    """Remove the blobs below a layout's `blobs/` that are not in `keep`; return how many, and their bytes."""
    count = size = 0
    for folder in _folders(blobs):
        for entry in list(os.scandir(folder)):
            if f"{folder.name}:{entry.name}" in keep or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(FileNotFoundError):
                taken = entry.stat(follow_symlinks=False).st_size
                os.unlink(entry.path)  # noqa: PTH108 - of an entry that was listed
                count, size = count + 1, size + taken
    return count, size


def clear(folder: Path) -> int:
    """Remove what is in a folder for temporary files; return the bytes that it took."""
    size = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            size += path.stat().st_size
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return size


def _folders(blobs: Path) -> list[Path]:
    return [path for path in blobs.iterdir() if path.is_dir()] if blobs.is_dir() else []
