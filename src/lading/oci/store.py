"""The local store of images: an OCI image layout that several processes share.

    oci-layout, index.json, blobs/    as the specification has it; skopeo and crane read it
    .tmp/                             what is being written
    .lease, .index                    locks (`store_lock.py`)

A blob is written beside, checked and renamed; the index, which names the images, is changed last. So
there is never half of anything to be seen, however a process ends. What nothing refers to is collected
by `prune`, never while somebody holds the lease.
Specification: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.errors import MalformedError, UnavailableError, UsageError
from lading.model.digest import Digest
from lading.oci import blobs, layout, parallel, store_index, store_lock, store_sweep
from lading.oci import digest as digests
from lading.oci.beside import FULL, writing
from lading.oci.image import (
    DOCKER_MANIFEST,
    MAX_MANIFEST_BYTES,
    Descriptor,
    Image,
    Layer,
    Platform,
    check_platform,
    choose_platform,
    read_blob,
)
from lading.oci.reference import Reference
from lading.oci.store_entry import Entry, described
from lading.oci.store_fill import fill
from lading.oci.store_index import Entries
from lading.oci.store_sweep import Freed

_JOBS = 3
_PATIENCE_S = 10.0

Keep = Callable[[], Iterable[str]]


class Store:
    """The store at `path`, which is made when something is first put into it. index: its `index.json`.

    Threads and processes may share it. Methods that write raise `DeniedError` where that is not
    allowed, `UnavailableError` where there is no room.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = path / "index.json"
        self._blobs = path / "blobs"
        self._tmp = path / ".tmp"

    # Reading

    def images(self) -> list[Entry]:
        """Return what there is, newest first; several entries where an image has several names."""
        entries = [entry for entry in self._entries() if not store_index.is_converted(entry)]
        found = [described(entry, self._open_descriptor) for entry in entries]
        return sorted(
            sorted(found, key=lambda entry: entry.name), key=lambda entry: entry.created, reverse=True
        )

    def find(self, name: str) -> tuple[Descriptor, ...]:
        """Return the index's entries that `name` means, none if there is no such image.

        name: a reference as users type it, a digest, or the beginning of one (of six digits at least).
        There are several for several platforms, or for several names of one digest. Raises `UsageError` if
        it is the beginning of several digests, `MalformedError` if it can be neither.
        """
        entries = self._entries()
        return store_index.find(entries, name) or self._by_config(entries, name)

    def open_image(self, name: str, platform: Platform | None = None) -> Image:
        """Return the image of that name (see `find`); its layers are opened when they are read.

        Raises `UnavailableError` if there is none, or not for the platform, and what `find` raises.
        """
        found = self.find(name)
        if not found:
            raise UnavailableError("there is no such image in the store", name, "`lading images` lists them")
        several = len({entry.digest for entry in found}) > 1
        entry = choose_platform(found, platform, name) if several else found[0]
        image = layout.resolve(entry, platform, name, self._open_descriptor)
        check_platform(image, platform, name)
        names = [store_index.name_of(one) for one in self._entries() if one.digest == entry.digest]
        return replace(
            image,
            layers=_counted(image.layers, store_index.tar_bytes(entry)),
            names=tuple(dict.fromkeys(filter(None, names))),
        )

    def open_images(self, name: str) -> list[Image]:
        """Return the images of that name for all platforms that it is here for; as `open_image`."""
        entries = {entry.digest: entry for entry in self.find(name)}
        if len(entries) < 2:  # noqa: PLR2004 - nothing to choose between
            return [self.open_image(name)]
        return [self.open_image(name, entry.platform) for entry in entries.values()]

    def has(self, digest: str) -> bool:
        """Tell whether a blob is there."""
        return self.place(digest).is_file()

    def open_blob(self, digest: str) -> BinaryIO:
        """Return a blob open for reading, not checked.

        Raises `UnavailableError` if it is not there.
        """
        return layout.open_regular(self.place(digest), f"{self.path}: blob {digest}")

    def place(self, digest: str) -> Path:
        """Return where a blob is, or would be. Raises `MalformedError` for what is no digest."""
        return self._blobs / digests.parse(digest, str(self.path)).replace(":", "/")

    def sharer(self, image: Image, reference: Reference) -> str:
        """Return the repository, on the registry of `reference`, that probably has most of the image's layers.

        It is that of an image here with the same layers, which came from there or went there; empty if
        there is none.
        """
        sizes: dict[str, int] = {layer.digest: layer.size for layer in image.layers}
        return store_index.sharer(self._entries(), self._read_manifest, sizes, reference)

    # Writing

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Keep blobs that nothing refers to yet from being collected; several may do so at once.

        Held by who uses `new_blob` and `adopt` until an image refers to the blobs.
        """
        with store_lock.shared(self.path / ".lease", alone=lambda: _clear(self._tmp)):
            yield

    def new_blob(self) -> Path:
        """Return the path of a new empty file in which a blob can be written; see `lease`."""
        self._prepare()
        with writing(self.path):
            handle, name = tempfile.mkstemp(dir=self._tmp)
            os.close(handle)
        return Path(name)

    def adopt(self, path: Path, digest: str) -> None:
        """Put a finished file in its place as the blob of that digest, which is taken for true."""
        place = self.place(digest)
        with writing(self.path):
            place.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(0o644)
            path.replace(place)

    def put(self, image: Image, names: Iterable[str] = ()) -> Digest:
        """Copy an image into the store, under these names; return the digest of its manifest.

        Blobs that are there already are not read. The others are read several at once, and checked;
        those that were complete when something failed are there the next time. Without a name it is
        found by its digest. Raises `UsageError` for a root directory, `MalformedError` for a wrong name or
        an image that is not what its digests say, and what reading it raises.
        """
        blobs.check(image)
        wanted = [store_index.normal(name) for name in names]
        with self.lease():
            layers = self._fill(image)
            image = replace(image, layers=tuple(layers[layer.digest] for layer in image.layers))
            parts = blobs.of(image)
            twin = blobs.as_oci(image)
            for blob in (parts.config, parts.manifest, *([twin] if twin else [])):
                self._write(blob, image.target)
            entry = _entry(image, parts.manifest.descriptor)
            self._name(entry, wanted, twin)
        return Digest(entry.digest)

    def tag(self, name: str, more: Iterable[str], platform: Platform | None = None) -> bool:
        """Give what `name` means these names, too, which other images of its platform lose.

        name: as `find` takes it. platform: only its image for that one. Return whether there is such an
        image. Raises `MalformedError` for a wrong name.
        """
        wanted = [store_index.normal(one) for one in more]
        if not self.path.is_dir():
            return False
        with self.lease():
            try:
                found = {entry.digest: entry for entry in self.find(name)}
            except MalformedError:  # then it is something else than a name
                return False
            if platform is not None and found:
                chosen = choose_platform(list(found.values()), platform, name)
                found = {chosen.digest: chosen}
            for entry in found.values():
                twin = self._twin(entry)
                if twin:
                    self._write(twin, name)
                self._name(entry, wanted, twin)
        return bool(found)

    def remove(self, name: str, *, force: bool = False) -> list[str]:
        """Take a name away, and with its last name the image; return the names (or digest) that are gone.

        name: as `find` takes it. A digest stands for all names of its image: that is refused, with
        `UsageError`, if there are several, unless `force`. Blobs stay until `prune`.
        Raises `UnavailableError` if there is no such image.
        """
        with self._changing() as index:
            found = store_index.find(index.entries, name) or self._by_config(index.entries, name)
            if not found:
                raise UnavailableError(
                    "there is no such image in the store", name, "`lading images` lists them"
                )
            gone = list(dict.fromkeys(store_index.name_of(one) or one.digest for one in found))
            if len(gone) > 1 and not force:
                raise UsageError(
                    f"the image has {len(gone)} names: {', '.join(gone)}", name, "name one, or use --force"
                )
            index.entries = store_index.without(index.entries, found)
        return gone

    def collect(self, keep: Keep = tuple) -> Freed | None:
        """Collect blobs that nothing refers to, as `prune` does; None if somebody holds the lease."""
        if not self.path.is_dir():
            return Freed()
        with ExitStack() as stack:
            try:
                stack.enter_context(store_lock.sole(self.path / ".lease", 0))
            except UnavailableError:
                return None
            return self._collect(keep(), unnamed=False)

    def prune(self, keep: Keep = tuple, *, unnamed: bool = True, patience_s: float = _PATIENCE_S) -> Freed:
        """Collect what nothing refers to; return what was taken away.

        keep: asked, when nobody else can have the lease, for digests of blobs that stay in any case. unnamed: images
        without a name go first. Raises `UnavailableError` if somebody holds the lease for longer than `patience_s`.
        """
        if not self.path.is_dir():
            keep()
            return Freed()
        with store_lock.sole(self.path / ".lease", patience_s):
            return self._collect(keep(), unnamed=unnamed)

    # Inside

    def _collect(self, keep: Iterable[str], *, unnamed: bool) -> Freed:
        size = _clear(self._tmp)
        gone: Entries = ()
        with self._changing() as index:
            if unnamed:
                gone = tuple(entry for entry in index.entries if not store_index.name_of(entry))
                index.entries = store_index.without(index.entries, gone)
            entries = index.entries
        reached = store_sweep.reachable(entries, self._read_manifest)
        with writing(self.path):
            count, taken = store_sweep.sweep(self._blobs, reached | set(keep))
        return Freed(images=tuple(entry.digest for entry in gone), blobs=count, bytes=size + taken)

    def _entries(self) -> Entries:
        return store_index.read(self.index)

    def _by_config(self, entries: Entries, text: str) -> Entries:
        """Return the entries of the image whose config (docker's image ID) has this digest or beginning."""
        return store_index.by_config(entries, text, self._read_manifest)

    def _open_descriptor(self, descriptor: Descriptor) -> BinaryIO:
        return self.open_blob(descriptor.digest)

    def _twin(self, entry: Descriptor) -> blobs.Blob | None:
        """Return the second manifest of an image that needs one."""
        if entry.media_type != DOCKER_MANIFEST:
            return None
        return blobs.as_oci(layout.resolve(entry, None, entry.digest, self._open_descriptor))

    def _read_manifest(self, descriptor: Descriptor) -> bytes:
        where = f"{self.path}: manifest {descriptor.digest}"
        return read_blob(descriptor, self._open_descriptor, max_bytes=MAX_MANIFEST_BYTES, where=where)

    def _prepare(self) -> None:
        with writing(self.path):
            (self._blobs / "sha256").mkdir(parents=True, exist_ok=True)
            self._tmp.mkdir(exist_ok=True)

    def _fill(self, image: Image) -> Mapping[str, Layer]:
        """Return the layers by digest, each in its place now; those that are not distributed as they are."""
        layers: dict[str, Layer] = {layer.digest: layer for layer in image.layers}
        known = self._known_tars(layers)
        missing = [
            layer
            for layer in layers.values()
            if not layer.foreign and not self._holds(layer.digest, layer.size)
        ]
        self._prepare()
        stop = threading.Event()
        with writing(self.path):
            folder = Path(tempfile.mkdtemp(dir=self._tmp))
        try:
            work = self._filler(folder, image.target, stop)
            for _, layer in parallel.each(work, missing, _JOBS, "store", stop):
                layers[layer.digest] = layer
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for digest, layer in layers.items():
            size = layer.size if layer.foreign else self.place(digest).stat().st_size
            tar_bytes = layer.tar_bytes if layer.tar_bytes >= 0 else known.get(digest, -1)
            layers[digest] = replace(layer, size=size, tar_bytes=tar_bytes)
        return layers

    def _filler(self, folder: Path, where: str, stop: threading.Event) -> Callable[[Layer], Layer]:
        def work(layer: Layer) -> Layer:
            path = folder / layer.digest.replace(":", "-")
            filled = fill(layer, path, where, stop)
            self.adopt(path, layer.digest)
            return filled

        return work

    def _holds(self, digest: str, size: int) -> bool:
        """Tell whether a blob is there in its whole size: after a power failure it may not be."""
        place = self.place(digest)
        return place.is_file() and (size < 0 or place.stat().st_size == size)

    def _known_tars(self, wanted: Mapping[str, Layer]) -> dict[str, int]:
        """Return the sizes of tars that were counted when their layers came with another image."""
        if all(layer.tar_bytes >= 0 or not self.has(digest) for digest, layer in wanted.items()):
            return {}
        return store_index.known_tars(self._entries(), self._read_manifest)

    def _write(self, blob: blobs.Blob, where: str) -> None:
        digest = blob.descriptor.digest
        if self._holds(digest, blob.descriptor.size):
            return
        path = self.new_blob()
        try:
            with writing(self.path), path.open("wb") as file:
                for piece in blobs.pieces(blob, where):
                    file.write(piece)
            self.adopt(path, digest)
        finally:
            path.unlink(missing_ok=True)

    def _name(self, entry: Descriptor, names: Sequence[str], twin: blobs.Blob | None) -> None:
        with self._changing() as index:
            entries = store_index.with_image(index.entries, entry, names)
            twins = {entry.digest: twin.descriptor} if twin else {}
            index.entries = store_index.with_twins(entries, twins)

    @contextmanager
    def _changing(self) -> Iterator[_Index]:
        """Give the index to be changed, by one at a time; it is written at the end, unless an error comes."""
        self._prepare()
        with store_lock.exclusive(self.path / ".index"):
            index = _Index(self._entries())
            before = index.entries
            yield index
            if not (self.path / "oci-layout").exists():
                self._place_file("oci-layout", layout.LAYOUT)
            if index.entries != before or not self.index.exists():
                entries = store_index.with_twins(index.entries, {})
                self._place_file("index.json", store_index.encode(entries))

    def _place_file(self, name: str, data: bytes) -> None:
        """Write a file of the layout, beside first; only who holds the index's lock does.

        Where there is no room for that, it goes into the place of what it replaces, so that something can be removed.
        """
        place = self.path / name
        beside = self.path / f".{name}.new"
        with writing(self.path):
            try:
                beside.write_bytes(data)
                beside.replace(place)
            except OSError as error:
                if error.errno not in FULL or not place.exists() or place.stat().st_size < len(data):
                    raise
                with place.open(
                    "r+b", buffering=0
                ) as file:  # at once, and in its old length: blanks mean nothing
                    file.write(data.ljust(place.stat().st_size))
            finally:
                beside.unlink(missing_ok=True)


class _Index:
    """The entries while they are changed."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries


def _clear(folder: Path) -> int:
    with writing(folder):
        return store_sweep.clear(folder)


def _counted(layers: tuple[Layer, ...], sizes: tuple[int, ...]) -> tuple[Layer, ...]:
    if len(sizes) != len(layers):
        return layers
    return tuple(replace(layer, tar_bytes=size) for layer, size in zip(layers, sizes, strict=True))


def _entry(image: Image, manifest: Descriptor) -> Descriptor:
    sizes = [layer.tar_bytes for layer in image.layers]
    notes = {store_index.TAR_BYTES: ",".join(map(str, sizes))} if any(size >= 0 for size in sizes) else None
    platform = store_index.platform_of(image.os, image.architecture, image.variant)
    return msgspec.structs.replace(manifest, annotations=notes, platform=platform)
