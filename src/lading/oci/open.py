"""From the words of a user to an image: every medium that Lading reads, by its transport.

A bare path is recognised by its content; any other bare name is a reference to a registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lading.errors import UnavailableError, UsageError
from lading.net import Client
from lading.oci import archive, layout, rootfs
from lading.oci.image import Image, Platform, check_platform
from lading.oci.target import Target, parse_target

_ARCHIVES = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Access:
    """With what media are reached.

    client: makes an HTTP client, which knows the hosts that may be spoken to without TLS; called
        for registries only.
    platform: which image of several; None for this machine's.
    mirrors: base URLs that are asked before a host, by host.
    """

    client: Callable[[], Client]
    platform: Platform | None = None
    mirrors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def recognise(text: str) -> Target:
    """Return the target that a user means, always with a transport.

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
        if _is_skopeos(path):
            hint = f"make a layout of it: skopeo copy dir:{text} oci:FOLDER"
            raise UsageError("an image in skopeo's own form, dir:, which is not read", text, hint)
        return Target("oci" if layout.is_layout(path) else "rootfs", text)
    if path.is_file():
        return Target(_kind_of_file(path), text)
    if path.exists():
        hint = "say what comes from it: docker-archive:PATH, oci-archive:PATH or sbom:PATH"
        raise UsageError("neither a file nor a directory", text, hint)
    if text.startswith((".", "/", "~")) or text.endswith((".tar", ".tar.gz", ".tgz", ".json")):
        raise UnavailableError("there is no such file or directory", text)
    return Target("docker", text)


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


def _open(target: Target, access: Access) -> Image:
    shown = str(target)
    if target.transport in {"oci", "oci-archive", "docker-archive"}:
        path, name = _path_and_name(target)
        if target.transport == "oci":
            if not layout.is_layout(path):
                raise UnavailableError("there is no OCI image layout", shown)
            return layout.open_image(path, name, access.platform, shown)
        return archive.open_image(path, name, access.platform, shown)
    return _open_elsewhere(target, access)


def _open_elsewhere(target: Target, access: Access) -> Image:
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


def _is_skopeos(path: Path) -> bool:
    """Tell whether a directory is one that `skopeo copy ... dir:` made; no root file system looks so."""
    if not ((path / "version").is_file() and (path / "manifest.json").is_file()):
        return False
    with layout.open_file(path / "version", str(path)) as file:
        return file.read(27) == b"Directory Transport Version"


def _kind_of_file(path: Path) -> str:
    with layout.open_file(path, str(path)) as file:
        start = file.read(512)
    if start[257:262] == b"ustar" or start.startswith(_ARCHIVES):
        return "docker-archive"  # an OCI archive tells itself when it is opened
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"<"} or start.startswith(b"SPDXVersion:"):
        return "sbom"
    raise UsageError("neither an image archive nor an SBOM", str(path))
