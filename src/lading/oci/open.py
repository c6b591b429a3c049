"""From the words of a user to an image: every medium that Lading reads, by its transport.

A bare path is recognised by its content. Any other bare name is looked up in the local store, then in its
registry; a name behind `docker://` only there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lading.errors import MalformedError, UnavailableError, UsageError
from lading.net import Client
from lading.oci import archive, layout, rootfs, skopeo_dir
from lading.oci.image import Image, Platform, check_platform, fits
from lading.oci.target import Target, parse_target

_ARCHIVES = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Access:
    """With what media are reached.

    client: makes an HTTP client, which knows the hosts that may be spoken to without TLS; called
        for registries only.
    platform: which image of several; None for this machine's.
    mirrors: base URLs that are asked before a host, by host.
    store: where the local store is; None for none.
    """

    client: Callable[[], Client]
    platform: Platform | None = None
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    store: Path | None = None


def recognise(text: str) -> Target:
    """Return the target that a user means; without a transport it is a name for `open_image` to look up.

    A bare path to something that exists is told by its content: a layout, an archive, an SBOM, a
    directory. Raises `UsageError` for a text that names nothing, or a file of another kind, which
    would have to be read to be told; `UnavailableError` for one that can only be a path to something
    that is not there.
    """
    target = parse_target(text)
    if target.transport:
        return target
    path = Path(text)
    if path.is_dir():
        if skopeo_dir.is_one(path):
            return Target("dir", text)
        return Target("oci" if layout.is_layout(path) else "rootfs", text)
    if path.is_file():
        return Target(_kind_of_file(path), text)
    if path.exists():
        hint = "say what comes from it: docker-archive:PATH, oci-archive:PATH or sbom:PATH"
        raise UsageError("neither a file nor a directory", text, hint)
    if text.startswith((".", "/", "~")) or text.endswith((".tar", ".tar.gz", ".tgz", ".json")):
        raise UnavailableError("there is no such file or directory", text)
    return target


def recognise_image(text: str) -> Target:
    """Return the target that a user means where only an image will do.

    As `recognise`, but what is no image counts for nothing beside a name: `app` may well be a directory of
    sources, and be called like the image that is made of them. Raises as `recognise`, and `UsageError` for a path
    to something else.
    """
    if text.startswith((".", "/", "~")):
        target = recognise(text)
        if target.transport in {"rootfs", "sbom"}:
            raise UsageError("is no image: neither a layout nor an archive", text)
        return target
    target = parse_target(text)
    path = Path(text)
    if not target.transport and (_is_image(path) or text.endswith((".tar", ".tar.gz", ".tgz"))):
        return recognise(text)
    return target


def open_image(target: Target, access: Access) -> Image:
    """Return the image of a target from `recognise`.

    Raises `UsageError` for an SBOM, which is no image, `UnavailableError` where there is none for the
    platform that is asked for, and whatever the medium raises.
    """
    if target.transport == "rootfs":
        return rootfs.open_image(Path(target.rest), str(target))
    image = _open(target, access)
    check_platform(image, access.platform, str(target))
    return image


def open_known(name: str, access: Access) -> Image | None:
    """Return the image that the local store has under a name; None if it has none, or none for the platform.

    Raises `UsageError` if the name is the beginning of several digests, and what opening raises where the
    image is there but cannot be read.
    """
    if access.store is None:
        return None
    from lading.oci.store import Store

    store = Store(access.store)
    try:
        found = store.find(name)
    except MalformedError as error:
        if error.where == str(store.index):
            raise
        return None
    wanted = access.platform
    if not any(wanted is None or entry.platform is None or fits(entry.platform, wanted) for entry in found):
        return None
    return store.open_image(name, wanted)


def _open_named(name: str, access: Access) -> Image:
    known = open_known(name, access)
    if known is not None:
        return known
    from lading.oci import registry

    try:
        return registry.open_target(name, access.client(), access.platform, access.mirrors)
    except UnavailableError as error:
        if access.store is not None:
            error.hint = f"it is not in the local store either (`lading images`); {error.hint}".rstrip("; ")
        raise


def _open(target: Target, access: Access) -> Image:
    shown = str(target)
    if not target.transport:
        return _open_named(target.rest, access)
    if target.transport in {"oci", "oci-archive", "docker-archive"}:
        path, name = _path_and_name(target)
        if target.transport == "oci":
            if not layout.is_layout(path):
                raise UnavailableError("there is no OCI image layout", shown)
            return layout.open_image(path, name, access.platform, shown)
        return archive.open_image(path, name, access.platform, shown)
    return _open_elsewhere(target, access)


def _open_elsewhere(target: Target, access: Access) -> Image:
    if target.transport == "dir":
        return skopeo_dir.open_image(Path(target.rest), access.platform, str(target))
    if target.transport == "docker":
        from lading.oci import registry

        return registry.open_target(target.rest, access.client(), access.platform, access.mirrors)
    if target.transport == "docker-daemon":
        from lading.oci import daemon

        return daemon.open_image(target.rest, platform=access.platform)
    if target.transport == "containers-storage":
        from lading.oci import containers_storage

        return containers_storage.open_image(target.rest, platform=access.platform)
    raise UsageError(f"{target} is no image", hint="an SBOM can be scanned, and converted")


def _path_and_name(target: Target) -> tuple[Path, str]:
    """Split at the first colon, as skopeo does, unless the whole is a path that exists."""
    whole = Path(target.rest)
    if whole.exists():
        return whole, ""
    return Path(target.path), target.name


def _is_image(path: Path) -> bool:
    """Whether there is a layout, a directory of skopeo's or an archive."""
    if path.is_dir():
        return skopeo_dir.is_one(path) or layout.is_layout(path)
    return path.is_file() and _kind(path) == "docker-archive"


def _kind_of_file(path: Path) -> str:
    kind = _kind(path)
    if not kind:
        raise UsageError("neither an image archive nor an SBOM", str(path))
    return kind


def _kind(path: Path) -> str:
    """Return the transport of what a file begins with; empty if it is none that is read."""
    with layout.open_file(path, str(path)) as file:
        start = file.read(512)
    if start[257:262] == b"ustar" or start.startswith(_ARCHIVES):
        return "docker-archive"  # an OCI archive tells itself when it is opened
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"<"} or start.startswith(b"SPDXVersion:"):
        return "sbom"
    return ""
