"""All files of an image, read from its layers with nothing but the standard library, and what two images differ in."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.GNUTYPE_SPARSE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "fifo",
}
_XATTR = "SCHILY.xattr."
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_SHORT_BYTES = 300
_CONFIG_KEYS = (
    "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels", "StopSignal", "Shell",
    "Healthcheck", "OnBuild",
)  # fmt: skip
_IMAGE_KEYS = ("architecture", "os", "variant", "author")


@dataclass(frozen=True, eq=False)
class Inode:
    """What stands at a path, or at several: one object for all names of a file.

    content: of a short file its text, of a long one its digest.
    """

    kind: str
    mode: int
    owner: tuple[int, int]
    content: str = ""
    link: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


Entry = tuple[str, Inode | str]  # a path, and what is there, or the path that it is another name of
IMPLIED = Inode("directory", 0o755, (0, 0))


@dataclass(frozen=True)
class Pictured:
    """An image: all its files by path, and its config document."""

    files: dict[str, Inode]
    config: dict[str, Any]
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same. what: an aspect of a path, or a key of the config."""

    what: str
    first: object
    second: object

    def __str__(self) -> str:
        return f"{self.what}: {self.first!r}, {self.second!r}"


class Pictures:
    """Reads images; a layer that has been read before is remembered."""

    def __init__(self) -> None:
        self._layers: dict[str, list[Entry]] = {}

    def of_directory(self, folder: Path) -> Pictured:
        """Return the image in skopeo's directory form."""
        manifest = json.loads((folder / "manifest.json").read_bytes())
        return self._picture(manifest, lambda digest: (folder / digest.partition(":")[2]).read_bytes())

    def of_layout(self, layout: Path, digest: str) -> Pictured:
        """Return the image of a manifest in an OCI layout."""

        def read(digest: str) -> bytes:
            return (layout / "blobs" / digest.replace(":", "/")).read_bytes()

        return self._picture(json.loads(read(digest)), read)

    def _picture(self, manifest: dict[str, Any], read: Any) -> Pictured:  # noqa: ANN401 - a function from digests
        files = {"": IMPLIED}
        digests = tuple(layer["digest"] for layer in manifest["layers"])
        for digest in digests:
            if digest not in self._layers:
                self._layers[digest] = list(_entries(_decompressed(read(digest))))
            _apply(files, self._layers[digest])
        config = json.loads(read(manifest["config"]["digest"]))
        assert len(config["rootfs"]["diff_ids"]) == len(digests)
        return Pictured(files, config, digests)


def differences(
    first: Pictured, second: Pictured, names: tuple[str, str] = ("buildah", "Lading")
) -> Iterator[Difference]:
    """Yield what two images differ in, but for times: files by path, then the config. names: of who made them."""
    for path in sorted(first.files.keys() | second.files.keys()):
        name = path or "/"
        one, other = first.files.get(path), second.files.get(path)
        if one is None or other is None:
            yield _alone(names, name, one and one.kind, other and other.kind)
            continue
        for aspect in ("kind", "mode", "owner", "content", "link", "device"):
            values = getattr(one, aspect), getattr(other, aspect)
            if values[0] != values[1]:
                yield Difference(f"{aspect} of {name}", *values)
        for attribute in sorted(one.xattrs.keys() | other.xattrs.keys()):
            pair = one.xattrs.get(attribute), other.xattrs.get(attribute)
            if None in pair:
                yield _alone(names, f"attribute {attribute} of {name}", *pair)
            elif pair[0] != pair[1]:
                yield Difference(f"attribute {attribute} of {name}", *pair)
    yield from _names_differ(first, second)
    yield from _configs_differ(first.config, second.config)
    yield from _variables_differ(names, first.config, second.config)


def _alone(names: tuple[str, str], what: str, one: object, other: object) -> Difference:
    return Difference(f"{names[other is not None]} alone has {what}", one, other)


def _variables_differ(
    names: tuple[str, str], first: dict[str, Any], second: dict[str, Any]
) -> Iterator[Difference]:
    one, other = (
        dict(entry.split("=", 1) for entry in config.get("config", {}).get("Env") or [])
        for config in (first, second)
    )
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            yield _alone(names, f"variable {name}", one.get(name), other.get(name))
        elif one[name] != other[name]:
            yield Difference(f"variable {name}", one[name], other[name])
    if one.keys() == other.keys() and list(one) != list(other):
        yield Difference("order of variables", list(one), list(other))


def _names_differ(first: Pictured, second: Pictured) -> Iterator[Difference]:
    ours, theirs = _names(first.files), _names(second.files)
    for path in sorted(ours.keys() & theirs.keys()):
        if ours[path] != theirs[path]:
            yield Difference(f"names of {path}", ours[path], theirs[path])


def _names(files: Mapping[str, Inode]) -> dict[str, list[str]]:
    """Return for each path all names of what is there."""
    found: dict[int, list[str]] = defaultdict(list)
    for path, inode in sorted(files.items()):
        if inode is not IMPLIED:
            found[id(inode)].append(path)
    return {path: names for names in found.values() for path in names}


def _configs_differ(first: dict[str, Any], second: dict[str, Any]) -> Iterator[Difference]:
    for key in _IMAGE_KEYS:
        one, other = first.get(key) or "", second.get(key) or ""
        if one != other:
            yield Difference(f"config {key}", one, other)
    one_config, other_config = first.get("config") or {}, second.get("config") or {}
    for key in _CONFIG_KEYS:
        one, other = one_config.get(key) or None, other_config.get(key) or None
        if one != other:
            yield Difference(f"config {key}", one, other)


def _decompressed(data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


def _entries(data: bytes) -> Iterator[Entry]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape") as archive:
        for member in archive:
            path = os.path.normpath(member.name).removeprefix("/").removeprefix("./")
            path = "" if path == "." else path
            assert not path.startswith("../"), f"{member.name} leads out"
            if member.islnk():
                yield path, os.path.normpath(member.linkname).removeprefix("/")
                continue
            content = ""
            if member.isfile():
                read = archive.extractfile(member)
                assert read is not None
                content = _content(read.read())
            xattrs = {
                key.removeprefix(_XATTR): value.encode("utf-8", "surrogateescape")
                for key, value in member.pax_headers.items()
                if key.startswith(_XATTR)
            }
            yield (
                path,
                Inode(
                    kind=_KINDS[member.type],
                    # The mode of a symbolic link means nothing, and is written as anything.
                    mode=0o777 if member.issym() else member.mode & 0o7777,
                    owner=(member.uid, member.gid),
                    content=content,
                    link=member.linkname if member.issym() else "",
                    device=(member.devmajor, member.devminor) if member.ischr() or member.isblk() else (0, 0),
                    xattrs=xattrs,
                ),
            )


def _content(data: bytes) -> str:
    return ascii(data)[2:-1] if len(data) <= _SHORT_BYTES else hashlib.sha256(data).hexdigest()


def _apply(files: dict[str, Inode], entries: list[Entry]) -> None:
    """Lay a layer over files."""
    for path, _ in entries:
        folder, _, name = path.rpartition("/")
        if name == _OPAQUE:
            _remove(files, folder, keep_itself=True)
        elif name.startswith(_WHITEOUT):
            _remove(files, f"{folder}/{name.removeprefix(_WHITEOUT)}".removeprefix("/"))
    for path, entry in entries:
        if path.rpartition("/")[2].startswith(_WHITEOUT):
            continue
        inode = files[entry] if isinstance(entry, str) else entry
        if not (path in files and files[path].kind == inode.kind == "directory"):
            _remove(files, path)
        _imply(files, path)
        files[path] = inode


def _imply(files: dict[str, Inode], path: str) -> None:
    while path:
        path = path.rpartition("/")[0]
        above = files.setdefault(path, IMPLIED)
        assert above.kind == "directory", f"there is something below {path}, a {above.kind}"


def _remove(files: dict[str, Inode], path: str, *, keep_itself: bool = False) -> None:
    there = files.get(path) if keep_itself else files.pop(path, None)
    if there is None or there.kind != "directory":
        return
    above = f"{path}/" if path else ""
    for below in [one for one in files if one.startswith(above) and one != path]:
        del files[below]
