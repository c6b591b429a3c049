"""Layer indexes on disk, one file for each diff ID: written once, read by every later build.

A file holds columns (all paths, all modes ...) rather than records: names that are no UTF-8 survive, it is a
tenth of the size, and fast to read. A file that is missing or broken only means that the layer is read again.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from lading.build.layer_index import LayerIndex, Whiteout
from lading.build.node import Node
from lading.errors import LadingError
from lading.oci.beside import replacing

_logger = logging.getLogger(__name__)

# Raised with every change of what is stored, or of how layers are read.
_FORMAT = 2
_LEVEL = 3
_WHITEOUT, _OPAQUE = "whiteout", "opaque"
_MARKS = frozenset({_WHITEOUT, _OPAQUE})
# Two million entries, with names and attributes.
_MAX_BYTES = 2 * 2**30


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """The columns; texts are joined by NUL, links and attributes are kept where there are some."""

    paths: bytes
    kinds: list[str]
    kind_of: bytes
    modes: list[int]
    uids: list[int]
    gids: list[int]
    mtimes_ns: list[int]
    sizes: list[int]
    links: dict[int, bytes]
    devices: dict[int, tuple[int, int]]
    xattrs: dict[int, list[tuple[bytes, bytes]]]


class IndexStore:
    """Indexes by diff ID in a directory, which is made when the first is kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, diff_id: str) -> LayerIndex | None:
        """Return the index of a layer, None if it is not known."""
        import zstandard

        try:
            packed = self._path(diff_id).read_bytes()
            # What it says of its own size is believed up to the limit only.
            known = 0 <= zstandard.frame_content_size(packed) <= _MAX_BYTES
            plain = zstandard.ZstdDecompressor().decompress(packed) if known else b""
            return _unpacked(msgspec.msgpack.decode(plain, type=_Stored))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, zstandard.ZstdError, msgspec.MsgspecError, IndexError) as error:
            _logger.warning("what is known of layer %s is passed over: %s", diff_id, error)
            return None

    def put(self, diff_id: str, index: LayerIndex) -> None:
        """Keep the index of a layer; a failure to do so is a warning."""
        import zstandard

        path = self._path(diff_id)
        # With a checksum: a wrong owner would be worse than no index.
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        packed = compressor.compress(msgspec.msgpack.encode(_packed(index)))
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                file.write(packed)
        except (OSError, LadingError) as error:
            _logger.warning("what is known of layer %s is not kept: %s", diff_id, error)

    def _path(self, diff_id: str) -> Path:
        return self._directory / f"{diff_id.replace(':', '-')}.{_FORMAT}.index"


def _packed(index: LayerIndex) -> _Stored:
    # A whiteout is kept as a node of a kind of its own.
    nodes = [_as_node(entry) if isinstance(entry, Whiteout) else entry for entry in index.entries]
    kinds = sorted({node.kind for node in nodes})
    number = {kind: at for at, kind in enumerate(kinds)}
    return _Stored(
        paths=_joined([node.path for node in nodes]),
        kinds=kinds,
        kind_of=bytes([number[node.kind] for node in nodes]),
        modes=[node.mode for node in nodes],
        uids=[node.uid for node in nodes],
        gids=[node.gid for node in nodes],
        mtimes_ns=[node.mtime_ns for node in nodes],
        sizes=[node.size for node in nodes],
        links={at: os.fsencode(node.link) for at, node in enumerate(nodes) if node.link},
        devices={at: node.device for at, node in enumerate(nodes) if node.device != (0, 0)},
        xattrs={
            at: [(os.fsencode(name), value) for name, value in node.xattrs]
            for at, node in enumerate(nodes)
            if node.xattrs
        },
    )


def _as_node(mark: Whiteout) -> Node:
    return Node(path=mark.path, kind=_OPAQUE if mark.opaque else _WHITEOUT)


def _unpacked(stored: _Stored) -> LayerIndex:
    links = {at: os.fsdecode(link) for at, link in stored.links.items()}
    xattrs = {
        at: tuple((os.fsdecode(name), value) for name, value in pairs) for at, pairs in stored.xattrs.items()
    }
    columns = zip(
        _split(stored.paths),
        [stored.kinds[number] for number in stored.kind_of],
        stored.modes,
        stored.uids,
        stored.gids,
        stored.mtimes_ns,
        stored.sizes,
        strict=True,
    )
    entries = tuple(
        Whiteout(path, kind == _OPAQUE)
        if kind in _MARKS
        else Node(
            path=path,
            kind=kind,
            mode=mode,
            uid=uid,
            gid=gid,
            mtime_ns=mtime_ns,
            size=size,
            link=links.get(at, ""),
            device=stored.devices.get(at, (0, 0)),
            xattrs=xattrs.get(at, ()),
        )
        for at, (path, kind, mode, uid, gid, mtime_ns, size) in enumerate(columns)
    )
    return LayerIndex(entries)


def _joined(texts: list[str]) -> bytes:
    # Each is ended rather than parted, so that no path and the empty path differ.
    return b"".join(os.fsencode(text) + b"\0" for text in texts)


def _split(data: bytes) -> tuple[str, ...]:
    return tuple(os.fsdecode(data).split("\0")[:-1])
