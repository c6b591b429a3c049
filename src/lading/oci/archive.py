"""Images in one tar file: `docker save` in its old and its OCI-shaped form, and `oci-archive`.

The archive is read once for where its members lie; a blob is then a window of the file. A gzip
archive is unpacked to a temporary file without a name first, as one cannot seek in it; what comes
through a pipe is kept in one.
Formats: https://github.com/moby/docker-image-spec (Combined Image JSON + Filesystem Changeset
Format), and the OCI image layout within a tar.
"""

from __future__ import annotations

import io
import os
import posixpath
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from lading.errors import LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import layout, tar
from lading.oci.image import (
    MAX_CONFIG_BYTES,
    MAX_MANIFEST_BYTES,
    OCI_LAYER,
    Descriptor,
    History,
    Image,
    Layer,
    Platform,
    instructions,
    parse_config,
)
from lading.oci.source import ByteSource, Stream
from lading.oci.stream import Decompressed, decompressed

_PIECE = 2**20
_MAX_MEMBERS = 100_000
_MAX_LINKS = 8
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class _Item(msgspec.Struct, frozen=True, rename="pascal"):
    """An image in docker's `manifest.json`."""

    config: str
    layers: tuple[str, ...] = ()
    repo_tags: tuple[str, ...] | None = None


def open_image(path: Path, ref: str, platform: Platform | None, target: str) -> Image:
    """Return the image that `ref` names in the archive at `path`, or its only one.

    ref: a tag as docker saved it (`alpine:3.10`), a tag of an OCI index, or empty.
    Raises `UnavailableError` that lists what there is; `MalformedError` for what is no archive.
    """
    return open_file(layout.open_file(path, target), ref, platform, target)


def open_file(file: BinaryIO, ref: str, platform: Platform | None, where: str) -> Image:
    """Return the image that `ref` names in an archive that is open at its start; it may be a pipe.

    The image keeps `file`, and closes it with its last reference.
    """
    archive = _opened(_plain(file, where), where)
    if "manifest.json" in archive.members and (ref or "index.json" not in archive.members):
        return _docker_image(archive, ref, where)
    if "index.json" in archive.members:
        return _oci_image(archive, ref, platform, where)
    raise MalformedError(
        "there is neither manifest.json nor index.json in it: not an image archive",
        where,
        "make one with `docker save` or `skopeo copy ... oci-archive:FILE`",
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """Where a member's content lies, in bytes from the start of the file."""

    start: int
    size: int


class _Archive:
    """A plain tar file with the places of its members."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        self._file = file
        self._where = where
        # An image is a value that nobody closes: the file goes with the last stream and layer of it.
        weakref.finalize(self, file.close)
        self.members: dict[str, _Window] = {}
        links: dict[str, str] = {}
        source = _Seeking(file)
        for count, member in enumerate(tar.members(source, where)):
            if count >= _MAX_MEMBERS:
                raise LimitError(f"over {_MAX_MEMBERS} members: not an image archive", where)
            if member.kind == tar.FILE:
                self.members[member.path] = _Window(source.position, member.stored)
            elif member.kind == tar.SYMLINK:
                # docker save links a layer that several images share
                links[member.path] = posixpath.normpath(
                    posixpath.join(posixpath.dirname(member.path), member.link)
                )
            elif member.kind == tar.HARDLINK:
                links[member.path] = member.link
        for path in links:
            self._follow(path, links)

    def _follow(self, path: str, links: dict[str, str]) -> None:
        target = path
        for _ in range(_MAX_LINKS):
            target = links.get(target, target)
        if target in self.members:
            self.members.setdefault(path, self.members[target])

    def fileno(self) -> int:
        """Return the descriptor of the file."""
        return self._file.fileno()

    def open(self, path: str) -> BinaryIO:
        """Return the content of a member as a stream of its own."""
        window = self.members.get(posixpath.normpath(path))
        if window is None:
            raise UnavailableError(f"{path} is not in the archive", self._where, "the copy is not complete")
        return io.BufferedReader(_Slice(self, window), buffer_size=_PIECE)

    def plain_size(self, path: str) -> int:
        """Return the size of a member; -1 if it is not there, or compressed so that nobody knows."""
        window = self.members.get(posixpath.normpath(path))
        return -1 if window is None or self._compressed(window) else window.size

    def open_plain(self, path: str, where: str) -> Stream:
        """Return the content of a member as a stream, decompressed if it is compressed."""
        stream = self.open(path)
        if self._compressed(self.members[posixpath.normpath(path)]):
            return Decompressed(stream, f"{where}: {path}")
        return stream

    def _compressed(self, window: _Window) -> bool:
        return os.pread(self.fileno(), min(4, window.size), window.start).startswith((_GZIP, _ZSTD))

    def read(self, path: str, max_bytes: int) -> bytes:
        """Return the content of a small member."""
        with self.open(path) as stream:
            data = stream.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise LimitError(f"{path} has over {max_bytes} bytes", self._where)
        return data


class _Seeking(ByteSource):
    """A tar's headers read from a file in which contents are passed by seeking."""

    __slots__ = ("_end", "_stream")

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(iter(()))
        self._stream = file
        self._end = file.seek(0, io.SEEK_END)
        file.seek(0)

    @property
    def position(self) -> int:
        return self._stream.tell()

    def read(self, count: int) -> bytes:
        return self._stream.read(count)

    def skip(self, count: int) -> int:
        step = min(count, self._end - self._stream.tell())
        self._stream.seek(step, io.SEEK_CUR)
        return step


class _Slice(io.RawIOBase):
    """A window of a file, read by place, so that several may be read at once."""

    def __init__(self, archive: _Archive, window: _Window) -> None:
        self._archive = archive
        self._at = window.start
        self._end = window.start + window.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands
        view = memoryview(buffer)[: max(0, self._end - self._at)]
        count = os.preadv(self._archive.fileno(), [view], self._at) if len(view) else 0
        self._at += count
        return count


def _opened(file: IO[bytes], where: str) -> _Archive:
    try:
        return _Archive(file, where)
    except BaseException:
        file.close()
        raise


def _plain(file: BinaryIO, where: str) -> BinaryIO:
    """Return `file`, or, where it is compressed or a pipe, its content in a temporary file."""
    if not file.seekable():
        with file:
            file = _kept(iter(partial(file.read, _PIECE), b""), where)
    start = file.read(262)
    file.seek(0)
    if start[257:262] == b"ustar" or not start or not start.startswith((_GZIP, _ZSTD)):
        return file
    with file:
        return _kept(decompressed(file, where), where)


def _kept(pieces: Iterable[bytes], where: str) -> BinaryIO:
    """Return a temporary file with this content, at its start."""
    kept = tempfile.TemporaryFile(prefix="lading-")  # noqa: SIM115 - the image keeps it
    try:
        for piece in pieces:
            kept.write(piece)
        kept.seek(0)
    except OSError as error:
        kept.close()
        raise UnavailableError(
            f"no room to unpack it: {error}", where, "set TMPDIR to a folder with more room"
        ) from error
    except BaseException:
        kept.close()
        raise
    return cast("BinaryIO", kept)


def _oci_image(archive: _Archive, tag: str, platform: Platform | None, where: str) -> Image:
    def open_blob(descriptor: Descriptor) -> BinaryIO:
        digest = digests.parse(descriptor.digest, where)
        return archive.open("blobs/" + digest.replace(":", "/"))

    index = archive.read("index.json", MAX_MANIFEST_BYTES)
    return layout.from_index(index, tag, platform, where, open_blob)


def _docker_image(archive: _Archive, ref: str, where: str) -> Image:
    """Return an image of docker's own form, which has a config and layers but no manifest."""
    raw = archive.read("manifest.json", MAX_MANIFEST_BYTES)
    try:
        items = msgspec.json.decode(raw, type=tuple[_Item, ...])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"manifest.json: {error}", where) from error
    item = _choose(items, ref, where)
    raw = archive.read(item.config, MAX_CONFIG_BYTES)
    config = parse_config(raw, f"{where}: {item.config}")
    name = posixpath.basename(item.config).removesuffix(".json")
    if len(name) == 64:  # noqa: PLR2004 - named by its digest, as docker does
        digests.check(raw, digests.parse(f"sha256:{name}"), f"{where}: {item.config}")
    diff_ids = (config.rootfs and config.rootfs.diff_ids) or ()
    if len(diff_ids) != len(item.layers):
        raise MalformedError(
            f"manifest.json has {len(item.layers)} layers, the config {len(diff_ids)} diff IDs", where
        )
    history = instructions(config, len(diff_ids))
    return Image(
        target=where,
        digest="",
        config_digest=digests.of(raw),
        layers=tuple(
            _docker_layer(archive, path, diff_id, made, where)
            for path, diff_id, made in zip(item.layers, diff_ids, history, strict=True)
        ),
        config=raw,
        os=config.os or "",
        architecture=config.architecture or "",
        variant=config.variant or "",
        created=config.created or "",
        labels=(config.config and config.config.labels) or {},
        names=item.repo_tags or (),
    )


def _docker_layer(archive: _Archive, path: str, diff_id: str, made: History, where: str) -> Layer:
    digest = digests.parse(diff_id, f"{where}: config")
    return Layer(
        digest=digest,  # of the tar: the form names no other
        diff_id=digest,
        size=archive.plain_size(path),
        open=lambda: archive.open_plain(path, where),
        media_type=OCI_LAYER,
        created_by=made.created_by or "",
        created=made.created or "",
    )


def _choose(items: tuple[_Item, ...], ref: str, where: str) -> _Item:
    if not ref and len(items) == 1:
        return items[0]
    wanted = {ref, f"{ref}:latest", f"docker.io/library/{ref}", f"docker.io/{ref}", f"localhost/{ref}"}
    wanted |= {f"{name}:latest" for name in wanted}
    for item in items:
        if ref and not wanted.isdisjoint(item.repo_tags or ()):
            return item
    tags = [tag for item in items for tag in item.repo_tags or ("(untagged)",)]
    raise UnavailableError(
        f"{'no image is tagged ' + repr(ref) if ref else f'there are {len(items)} images'}; there is: "
        + (", ".join(tags[:20]) or "nothing"),
        where,
        "add :TAG to choose one",
    )
