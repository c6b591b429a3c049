"""The files of an image, handed out without the image: into a directory, or as a tar."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.build import content
from lading.build.bases import reference
from lading.build.disk import Disk, pieces
from lading.build.files import Files
from lading.build.node import FILE, HARDLINK, Changes, Item, Node
from lading.build.snapshotter import Snapshotter
from lading.build.tar_write import tar_chunks
from lading.build.tree_files import TreeFiles
from lading.oci.beside import writing
from lading.oci.image import Image


def files_of(image: Image, snapshotter: Snapshotter) -> Files:
    """Return the files of an image whose layers are in the store; the caller holds a lease of the snapshotter."""
    layers = tuple(reference(layer) for layer in image.layers)
    return TreeFiles(snapshotter.tree(layers), lambda: snapshotter.directories(layers), title="the image")


def to_directory(files: Files, target: Path, owner: tuple[int, int]) -> None:
    """Write files into a directory, which is made if there is none, over what is there; the rest stays.

    owner: user and group of all that is written. Devices that this user may not make are left out, and so are
    attributes that mean something in a container only. Raises `UnavailableError` or `DeniedError` where it cannot be
    written.
    """
    nodes: dict[str, Node] = {}
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
        disk = Disk(target)
        for node in _nodes(files):
            own = tuple(pair for pair in node.xattrs if pair[0].startswith("user."))
            made = msgspec.structs.replace(node, uid=owner[0], gid=owner[1], xattrs=own)
            nodes[node.path] = made
            if node.kind == HARDLINK:
                disk.link(node.link, node.path)
            elif node.kind == FILE:
                with files.open(node.path) as file:
                    disk.put(made, pieces(file))
            else:
                disk.put(made)
        disk.finish(nodes.get)


def to_tar(files: Files, out: BinaryIO, mtime_s: int | None) -> None:
    """Write files as a tar, with their owners. mtime_s: the time of every entry; None for its own."""
    items = [
        Item(node, partial(files.open, node.path) if node.kind == FILE else None) for node in _nodes(files)
    ]
    out.writelines(tar_chunks(Changes(items=tuple(items)), mtime_s=mtime_s))


def _nodes(files: Files) -> Iterator[Node]:
    """Yield all below the root, in the order of `node.order`; a further name of a file is a hard link."""
    first: dict[Hashable, str] = {}
    for path, node in content.walk(files, ""):
        twin = files.twin(path) if node.kind == FILE else None
        if twin is not None and first.setdefault(twin, path) != path:
            yield msgspec.structs.replace(node, path=path, kind=HARDLINK, link=first[twin], size=0)
        elif path:
            yield msgspec.structs.replace(node, path=path)
