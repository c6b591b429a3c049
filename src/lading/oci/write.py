"""From an image to the words of a user: every medium that Lading writes, by its transport.

The counterpart of `open.py`: `write_images([open_image(...)], ...)` is a copy.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lading.errors import UsageError
from lading.oci import layout
from lading.oci.image import Image
from lading.oci.open import Access
from lading.oci.target import Target, parse_target

WRITABLE = ("docker", "oci", "oci-archive", "docker-archive", "dir")

_ONE = frozenset({"docker-archive", "dir"})


def destination(text: str) -> Target:
    """Return the target that a user means to write to; a bare name is one in a registry.

    Raises `UsageError` for a transport that is not written to, and what `parse_target` raises.
    """
    target = parse_target(text)
    if not target.transport:
        return Target("docker", text)
    if target.transport not in WRITABLE:
        raise UsageError(f"{target.transport}: is not written to", text, f"one of {', '.join(WRITABLE)} is")
    return target


def write_images(
    images: Sequence[Image], target: Target, access: Access, *, names: Sequence[str] = ()
) -> str:
    """Write an image to a target from `destination`; return the digest of its manifest there.

    images: it, or the same for several platforms, which becomes an index of them.
    names: whole references that the image has where the medium keeps any and the target names none.
    The digest is another than before where a layout gets what had a manifest of Docker's form, and
    empty for docker-archive, which has no manifests. Raises `UsageError` for several platforms where the medium
    takes one, and what the medium raises.
    """
    check(target, len(images))
    rest = Path(target.rest)
    if target.transport == "docker":
        return _push(images, target.rest, access)
    if target.transport == "oci":
        path, tag = (rest, "") if rest.exists() else (Path(target.path), target.name)
        return layout.write_images(path, images, tag or "".join(names[:1]))
    if target.transport == "dir":
        from lading.oci import skopeo_dir

        return skopeo_dir.write(rest, images[0])
    from lading.oci import archive_write

    path, name = Path(target.path), target.name
    if target.transport == "oci-archive":
        return archive_write.write_oci(path, images, name or "".join(names[:1]))
    archive_write.write_docker(path, images[0], [name] if name else names)
    return ""


def check(target: Target, platforms: int) -> None:
    """Raise `UsageError` if a target does not take an image for so many platforms."""
    if platforms > 1 and target.transport in _ONE:
        raise UsageError(
            f"{target.transport}: takes an image for one platform", target.rest, "oci: takes several"
        )


def _push(images: Sequence[Image], text: str, access: Access) -> str:
    from lading.oci import registry
    from lading.oci.credentials import stored
    from lading.oci.reference import parse

    reference = parse(text)
    source = ""
    if access.store is not None:
        from lading.oci.store import Store

        source = Store(access.store).sharer(images[0], reference)
    lookup = stored(os.environ, Path.home())
    return registry.write(access.client(), images, reference, lookup=lookup, mount_from=source)
