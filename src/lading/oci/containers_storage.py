"""Images in the store of podman, buildah and CRI-O: `containers-storage:`.

The store belongs to those tools, which lock it and know its drivers; one of them is asked to write
the image as an archive. That is unlinked as soon as it is open, so that nothing stays behind.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lading.errors import MalformedError, UnavailableError, UsageError
from lading.oci import archive, layout
from lading.oci import digest as digests
from lading.oci.image import Image, Platform, check_platform
from lading.oci.reference import parse

# Copying an image of many gigabytes from a slow disk; a tool that hangs is ended.
TIMEOUT_S = 3600.0
_MAX_MESSAGE_CHARS = 300
# {image} and {file} are filled in. The second command prints the manifest, or its digest.
_TOOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "skopeo": (
        ("copy", "--quiet", "containers-storage:{image}", "docker-archive:{file}"),
        ("inspect", "--raw", "containers-storage:{image}"),
    ),
    "podman": (
        ("save", "--quiet", "--format=docker-archive", "--output={file}", "{image}"),
        ("image", "inspect", "--format={{.Digest}}", "{image}"),
    ),
    "buildah": (
        ("push", "--quiet", "{image}", "docker-archive:{file}"),
        ("inspect", "--type=image", "--format={{.FromImageDigest}}", "{image}"),
    ),
}
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}", re.ASCII)
_LOG_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')
_ABSENT = (
    "does not resolve to an image",
    "image not known",
    "no such image",
    "not an image",
    "not found",
    "invalid repository",
)


def open_image(
    name: str, *, platform: Platform | None = None, environ: Mapping[str, str] | None = None
) -> Image:
    """Return the image that the store knows by `name`: a reference, or an image ID.

    environ: what the tool gets; CONTAINERS_STORAGE_CONF names another store.
    Raises `UnavailableError` if no tool is installed, the store has no such image or not for the
    platform, or there is no room for the copy.
    """
    environ = os.environ if environ is None else environ
    where = f"containers-storage:{name}"
    if name.startswith("-"):
        raise UsageError("a name does not begin with a dash", where)
    tool, program = _tool(environ, where)
    copy, inspect = _TOOLS[tool]
    with tempfile.TemporaryDirectory(prefix="lading-") as folder:
        file = Path(folder) / "image.tar"
        _run([program, *_filled(copy, name, file)], environ, where)
        image = archive.open_file(layout.open_file(file, where), "", platform, where)
        described = _run([program, *_filled(inspect, name, file)], environ, where)
    if described.startswith(b"{"):
        digest: str = digests.of(described)
    else:
        digest = described.decode("utf-8", "replace").strip()
    check_platform(image, platform, where)
    # The archive has no manifest, but the store has one, and its digest is what users know.
    return dataclasses.replace(
        image, digest=digest if digest.startswith("sha256:") else "", names=_names(name)
    )


def _names(name: str) -> tuple[str, ...]:
    """Return the whole name of an image; none for an ID."""
    try:
        return () if _ID.fullmatch(name) else (str(parse(name)),)
    except MalformedError:
        return ()


def _tool(environ: Mapping[str, str], where: str) -> tuple[str, str]:
    import shutil

    for tool in _TOOLS:
        if program := shutil.which(tool, path=environ.get("PATH")):
            return tool, program
    raise UnavailableError(
        f"none of the tools that can read the store is installed: {', '.join(_TOOLS)}",
        where,
        "install one, or save the image with the tool that made it and scan the archive",
    )


def _filled(command: tuple[str, ...], name: str, file: Path) -> list[str]:
    return [part.replace("{image}", name).replace("{file}", str(file)) for part in command]


def _run(command: list[str], environ: Mapping[str, str], where: str) -> bytes:
    import subprocess

    tool = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, arguments as a list
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            env=dict(environ),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{tool} was not done after {TIMEOUT_S:g} s", where) from error
    except OSError as error:
        raise UnavailableError(f"{tool} cannot be run: {error.strerror}", where) from error
    if done.returncode:
        said = _message(done.stderr)
        if any(sign in said for sign in _ABSENT):
            raise UnavailableError("the store has no such image", where, "see `podman images`")
        raise UnavailableError(f"{tool} failed: {said[:_MAX_MESSAGE_CHARS]}", where)
    return done.stdout


def _message(stderr: bytes) -> str:
    """Return the last thing that a tool said, without the frame of its log."""
    lines = stderr[-4096:].decode("utf-8", "replace").strip().splitlines()
    last = lines[-1] if lines else "it says nothing"
    found = _LOG_MESSAGE.search(last)
    text = found[1].replace('\\"', '"') if found else last
    return "".join(char if char.isprintable() else "?" for char in text)
