"""`-o` of `lading build`: a target as everywhere in Lading, or docker's `type=...`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from lading.build import handing_out
from lading.build.snapshotter import Snapshotter
from lading.dockerfile.mount import fields
from lading.errors import LadingError, UsageError
from lading.oci.beside import replacing, writing
from lading.oci.image import Image
from lading.oci.store import Store
from lading.oci.target import TRANSPORTS, Target
from lading.oci.write import destination

STANDARD_OUTPUT = "-"
_ARCHIVES = {"oci": "oci-archive", "docker": "docker-archive"}
# What each type of docker's takes beside `type`; `oci-mediatypes` is how images are written in any case.
_KEYS = {
    "local": {"dest"},
    "tar": {"dest"},
    "oci": {"dest", "name", "tar", "oci-mediatypes"},
    "docker": {"dest", "name"},
    "image": {"name", "push", "oci-mediatypes"},
    "registry": {"name", "oci-mediatypes"},
    "cacheonly": set(),
}


class Files(msgspec.Struct, frozen=True):
    """The files of an image alone. place: a directory; a file for a tar, or `STANDARD_OUTPUT`."""

    form: Literal["directory", "tar"]
    place: str


class Outputs(msgspec.Struct, frozen=True):
    """Where an image goes beside the local store. names: that it gets beside those of `-t`. push: to their registries."""

    targets: tuple[Target, ...] = ()
    files: tuple[Files, ...] = ()
    names: tuple[str, ...] = ()
    push: bool = False

    @property
    def uses_standard_output(self) -> bool:
        """Whether there is no place there for anything else."""
        return any(one.place == STANDARD_OUTPUT for one in self.files)


def outputs(given: Sequence[str]) -> Outputs:
    """Return what `-o` asks for. A bare path is a directory for the files, `-` their tar on standard output.

    Raises `UsageError` for what is not written.
    """
    found = Outputs()
    for text in given:
        one = _output(text)
        found = Outputs(
            (*found.targets, *one.targets),
            (*found.files, *one.files),
            (*found.names, *one.names),
            found.push or one.push,
        )
    if sum(one.place == STANDARD_OUTPUT for one in found.files) > 1:
        raise UsageError("one output alone can go to standard output")
    return found


def hand_out(wanted: Sequence[Files], image: Image, store: Store, folder: Path, mtime_s: int | None) -> None:
    """Write the files of an image whose layers are in the store. folder: where builds keep files of images.

    Raises `UnavailableError` or `DeniedError` where it cannot be written.
    """
    snapshotter = Snapshotter(folder, store)
    for one in wanted:
        with store.lease(), snapshotter.lease():
            files = handing_out.files_of(image, snapshotter)
            if one.form == "directory":
                handing_out.to_directory(files, Path(one.place), (os.geteuid(), os.getegid()))
            elif one.place == STANDARD_OUTPUT:
                with writing(Path("standard output")):
                    handing_out.to_tar(files, sys.stdout.buffer, mtime_s)
            else:
                with replacing(Path(one.place)) as file:
                    handing_out.to_tar(files, file, mtime_s)


def _output(text: str) -> Outputs:
    if text == STANDARD_OUTPUT:
        return Outputs(files=(Files("tar", text),))
    if text.startswith("type=") or ",type=" in text:
        return _typed(text)
    if text.partition(":")[0] in TRANSPORTS or "://" in text:
        return Outputs((destination(text),))
    if not text or "=" in text.partition("/")[0]:
        raise UsageError(f"-o {text[:120]!r} says no type", hint=_forms())
    return Outputs(files=(Files("directory", text),))


def _typed(text: str) -> Outputs:
    where = f"-o {text[:120]}"
    try:
        given = dict(part.partition("=")[::2] for part in fields(text))
    except LadingError as error:
        raise UsageError(error.message, where) from error
    kind = given.pop("type")
    known = _KEYS.get(kind)
    if known is None:
        raise UsageError(f"no output is of type {kind[:80]!r}", where, _forms())
    if strange := sorted(set(given) - known):
        hint = f"it takes {', '.join(sorted(known)) or 'nothing'}"
        if "compression" in strange:
            hint = "write --compression FORM"
        raise UsageError(f"type={kind} has no {strange[0][:80]!r}", where, hint)
    names = tuple(filter(None, given.get("name", "").split(",")))
    place = given.get("dest", "")
    if kind in {"local", "tar"}:
        if not place or (kind == "local" and place == STANDARD_OUTPUT):
            raise UsageError(f"type={kind} needs a place", where, f"write type={kind},dest=PATH")
        return Outputs(files=(Files("directory" if kind == "local" else "tar", place),))
    if kind in _ARCHIVES:
        return Outputs(_archive(kind, place, where, unpacked=given.get("tar") == "false"), names=names)
    return Outputs(names=names, push=kind == "registry" or given.get("push") == "true")


def _archive(kind: str, place: str, where: str, *, unpacked: bool) -> tuple[Target, ...]:
    if kind == "docker" and not place:
        return ()  # docker's images are what the local store is here
    if not place or place == STANDARD_OUTPUT:
        raise UsageError(f"type={kind} needs a file", where, f"write type={kind},dest=FILE")
    return (Target("oci" if unpacked else _ARCHIVES[kind], place),)


def _forms() -> str:
    return (
        "write oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, dir:DIR, docker://REFERENCE, a directory for the "
        f"files, - for their tar, or one of {', '.join(f'type={kind}' for kind in _KEYS)}"
    )
