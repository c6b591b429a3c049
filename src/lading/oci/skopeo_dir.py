"""Images in the directory that `skopeo copy ... dir:` makes: a manifest, and blobs named by their digests.

Format: containers-transports(5), and the `version` file in it, which is at 1.1. An index lies in
`manifest.json` too, its images then in `HEX.manifest.json`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from lading.errors import UnavailableError, UsageError
from lading.oci import blobs, layout
from lading.oci import digest as digests
from lading.oci.beside import replacing, writing
from lading.oci.image import MAX_MANIFEST_BYTES, Descriptor, Image, Platform

_VERSION = b"Directory Transport Version: "
_WRITTEN = _VERSION + b"1.1\n"
_MANIFEST = "manifest.json"
_BLOB = re.compile(r"(?:sha512-[0-9a-f]{64})?[0-9a-f]{64}(?:\.manifest\.json)?", re.ASCII)


def is_one(path: Path) -> bool:
    """Tell whether a directory is one that skopeo made; no root file system looks so."""
    if not ((path / "version").is_file() and (path / _MANIFEST).is_file()):
        return False
    with layout.open_file(path / "version", str(path)) as file:
        return file.read(len(_VERSION)) == _VERSION


def open_image(path: Path, platform: Platform | None, target: str) -> Image:
    """Return the image in the directory at `path`.

    Raises `UnavailableError` where there is none, or none for the platform; `MalformedError` where it is broken.
    """
    if not is_one(path):
        raise UnavailableError("there is no image in skopeo's form", target)
    with layout.open_regular(path / _MANIFEST, target) as file:
        raw = file.read(MAX_MANIFEST_BYTES + 1)
    top = Descriptor(digest=digests.of(raw), size=len(raw))

    def open_blob(descriptor: Descriptor) -> BinaryIO:
        where = f"{target}: blob {descriptor.digest}"
        if descriptor.digest == top.digest:
            return layout.open_regular(path / _MANIFEST, where)
        place = path / _name(descriptor.digest, target)
        inner = place.with_name(f"{place.name}.{_MANIFEST}")
        return layout.open_regular(inner if inner.exists() else place, where)

    return layout.resolve(top, platform, target, open_blob)


def write(path: Path, image: Image) -> str:
    """Write an image to the directory at `path`, in place of one that is there; return its manifest's digest.

    The manifest comes last. Raises `UsageError` if the directory holds anything else, or the image is a
    root directory; `DeniedError`, `UnavailableError`, and what reading the image raises.
    """
    parts = blobs.of(image)
    with writing(path):
        if path.exists() and not (path.is_dir() and (is_one(path) or not any(path.iterdir()))):
            raise UsageError("holds something else than an image in skopeo's form", str(path))
        path.mkdir(parents=True, exist_ok=True)
        old = {one.name for one in path.iterdir() if _BLOB.fullmatch(one.name)}
    named = {_name(blob.descriptor.digest, image.target): blob for blob in (*parts.layers, parts.config)}
    for name, blob in {**named, _MANIFEST: parts.manifest}.items():
        with replacing(path / name) as file:
            for piece in blobs.pieces(blob, image.target):
                file.write(piece)
    with replacing(path / "version") as file:
        file.write(_WRITTEN)
    with writing(path):
        for name in old - set(named):
            (path / name).unlink(missing_ok=True)
    return parts.manifest.descriptor.digest


def _name(digest: str, where: str) -> str:
    return digests.parse(digest, where).replace(":", "-").removeprefix("sha256-")
