"""What makes files the same: one digest of names, kinds, modes, owners, link targets and content; not of times.

Entry = (path, Node)   the path as it is where the digest begins
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable, Iterable, Iterator
from itertools import islice
from typing import BinaryIO

import msgspec

from lading.build.files import Files
from lading.build.node import DIRECTORY, FILE, LINK_MODE, SYMLINK, Node
from lading.build.paths import join
from lading.oci.parallel import each

VERSION = 1
_READ_BYTES = 2**20
_AT_ONCE = 8192  # entries that are held at a time
_LARGE_BYTES = 2**18
_encode = msgspec.msgpack.Encoder().encode

Entry = tuple[str, Node]


def of_file(file: BinaryIO) -> bytes:
    """Return the SHA-256 of a file, which is read to its end. Raises `OSError`."""
    known = hashlib.sha256()
    while piece := file.read(_READ_BYTES):
        known.update(piece)
    return known.digest()


def of_tree(files: Files, path: str) -> bytes:
    """Return the digest of all that is in a directory; not of what the directory itself is."""
    return of_entries(files, islice(walk(files, path), 1, None))


def walk(files: Files, path: str) -> Iterator[Entry]:
    """Yield what is at `path`, as "", and all below it, in the order of `node.order`."""
    node = files.get(path)
    if node is None:
        return
    pending = [("", node)]
    while pending:
        at, node = pending.pop()
        yield at, node
        if node.kind == DIRECTORY:
            below = files.children(node.path)
            pending += [(join(at, one.path.rpartition("/")[2]), one) for one in reversed(below)]


def of_entries(files: Files, entries: Iterable[Entry]) -> bytes:
    """Return the digest of these entries of `files`, in this order. Holds a few thousand of them at a time."""
    known = hashlib.sha256(_encode(VERSION))
    twins: dict[Hashable, int] = {}
    number = 0
    left = iter(entries)
    while some := list(islice(left, _AT_ONCE)):
        digests = _digests(files, [node for _, node in some if node.kind == FILE])
        for path, node in some:
            number += 1
            digest, first = b"", 0
            if node.kind == FILE:
                digest = digests[node.path]
                twin = files.twin(node.path)
                first = 0 if twin is None else twins.setdefault(twin, number)
            known.update(_encode(_record(path, node, digest, first)))
    return known.digest()


def _record(path: str, node: Node, digest: bytes, first: int) -> tuple[object, ...]:
    return (
        os.fsencode(path),
        node.kind,
        LINK_MODE if node.kind == SYMLINK else node.mode,
        node.uid,
        node.gid,
        os.fsencode(node.link),
        node.device,
        [(os.fsencode(name), value) for name, value in node.xattrs],
        digest,
        first,
    )


def _digests(files: Files, nodes: list[Node]) -> dict[str, bytes]:
    """Return the digests of files by path; large ones are read several at once.

    For small ones, handing them to threads costs more than it saves.
    """
    large = [node.path for node in nodes if node.size >= _LARGE_BYTES]
    found: dict[str, bytes] = {}
    for at, digest in each(files.digest, large, min(4, os.cpu_count() or 1), "digests"):
        found[large[at]] = digest
    for node in nodes:
        if node.path not in found:
            found[node.path] = files.digest(node.path)
    return found
