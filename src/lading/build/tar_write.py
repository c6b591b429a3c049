"""Changes become the tar of a layer, in one canonical form: the same changes, the same bytes, on any machine.

ustar headers; pax records only for what these cannot say (long names, names that are not ASCII, numbers
too large, extended attributes as `SCHILY.xattr.*`). No names of owners, whole seconds, a hard link as a link to
the first name of its file, whiteouts before what else is in their directory, holes of sparse files as zeros.
Names that are no UTF-8 stand in pax records as they are, which is what Go's writer does and every reader takes.
"""

from __future__ import annotations

import errno
import logging
import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lading.build.layer_index import Whiteout, ordered
from lading.build.node import (
    BLOCK,
    CHARACTER,
    DIRECTORY,
    FIFO,
    FILE,
    HARDLINK,
    LINK_MODE,
    SYMLINK,
    Changes,
    Item,
    Node,
)
from lading.errors import MalformedError, UnavailableError
from lading.oci import tar, whiteout

_logger = logging.getLogger(__name__)

# Small enough to stay in a processor's cache, large enough that handing one on costs nothing.
CHUNK_BYTES = 2**20
_ZEROS = bytes(CHUNK_BYTES)
_FLAGS = {
    FILE: b"0", HARDLINK: b"1", SYMLINK: b"2", CHARACTER: b"3", BLOCK: b"4", DIRECTORY: b"5", FIFO: b"6"
}  # fmt: skip
_PAX = b"x"
_END = bytes(2 * tar.BLOCK)
# Its fields: name, mode, owner, group, size, time, checksum, flag, link, magic, device (two), prefix.
_HEADER = struct.Struct("100s8s8s8s12s12s8s1s100s8s64x8s8s155s12x")
_MAGIC, _BLANKS = b"ustar\x0000", b" " * 8
_NAME_BYTES, _PREFIX_BYTES = 100, 155
_MAX_SHORT = 8**7 - 1  # an owner, a device
_MAX_LONG = 8**11 - 1  # a size, a time
_TO_ASCII = bytes(range(128)) + b"_" * 128


def tar_chunks(
    changes: Changes, *, mtime_s: int | None = None, unsteady: list[str] | None = None
) -> Iterator[bytes]:
    """Yield the tar of a layer in pieces of about `CHUNK_BYTES`.

    mtime_s: the time of every entry, in seconds since 1970, instead of its own.
    unsteady: takes the paths of files whose size was not the node's when they were read; they are cut,
    or filled up with zeros, and a warning says so.

    Raises `MalformedError` for a name that would mean a whiteout, `UnavailableError` for content that
    cannot be read. Holds one piece, and the content of no large file as a whole.
    """
    held: list[bytes] = []
    size = 0
    for block, item in _blocks(changes, mtime_s):
        held.append(block)
        size += len(block)
        if item is not None and item.node.size:
            for piece in _content(item, unsteady):
                if size >= CHUNK_BYTES:
                    yield b"".join(held)
                    held, size = [], 0
                held.append(piece)
                size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    held.append(_END)
    yield b"".join(held)


def _blocks(changes: Changes, mtime_s: int | None) -> Iterator[tuple[bytes, Item | None]]:
    """Yield headers in their order, and with that of a file the item whose content follows."""
    for entry in ordered(changes):
        if isinstance(entry, Whiteout):
            yield _header(Node(path=_name(entry), mode=0), mtime_s), None
        else:
            yield header(entry.node, mtime_s), entry if entry.node.kind == FILE else None


def _name(mark: Whiteout) -> str:
    folder, _, name = (f"{mark.path}/" if mark.opaque and mark.path else mark.path).rpartition("/")
    name = whiteout.OPAQUE if mark.opaque else whiteout.PREFIX + name
    return f"{folder}/{name}" if folder else name


def header(node: Node, mtime_s: int | None = None) -> bytes:
    """Return the header of a node, behind the extended one if it needs that.

    Raises `MalformedError` if its name would mean a whiteout, or its device is none of Linux.
    """
    if whiteout.PREFIX in node.path and f"/{node.path}".find(f"/{whiteout.PREFIX}") >= 0:
        raise MalformedError(
            f"a name that begins with {whiteout.PREFIX} would remove a file: {node.path!r}",
            hint="rename it, or leave it out of the image",
        )
    if max(node.device) > _MAX_SHORT:
        raise MalformedError(f"{node.path!r} has an impossible device number: {node.device}")
    return _header(node, mtime_s)


def _header(node: Node, mtime_s: int | None) -> bytes:
    name = os.fsencode(node.path)
    if node.kind == DIRECTORY:
        name = name + b"/" if name else b"./"
    prefix = b""
    records: dict[bytes, bytes] = {}
    if len(name) > _NAME_BYTES or not name.isascii():
        prefix, name = _split(name, records)
    link = os.fsencode(node.link) if node.link else b""
    if len(link) > _NAME_BYTES or not link.isascii():
        records[b"linkpath"] = link
        link = link.translate(_TO_ASCII)[:_NAME_BYTES]
    for key, value in node.xattrs:
        records[b"SCHILY.xattr." + os.fsencode(key)] = value
    seconds = node.mtime_ns // 10**9 if mtime_s is None else mtime_s
    block = _HEADER.pack(
        name,
        b"%07o\0" % (LINK_MODE if node.kind == SYMLINK else node.mode),
        _octal(node.uid, b"uid", records),
        _octal(node.gid, b"gid", records),
        _long(node.size if node.kind == FILE else 0, b"size", records),
        _long(seconds, b"mtime", records),
        _BLANKS,
        _FLAGS[node.kind],
        link,
        _MAGIC,
        b"%07o\0" % node.device[0],
        b"%07o\0" % node.device[1],
        prefix,
    )
    return (_extended(name, records) if records else b"") + _summed(block)


def _summed(block: bytes) -> bytes:
    """Return a header with its checksum: the sum of its bytes, which for ASCII is in Adler-32."""
    return b"%s%06o\0 %s" % (block[:148], (zlib.adler32(block) & 0xFFFF) - 1, block[156:])


def _split(name: bytes, records: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return prefix and name as ustar divides a long name, or note it for the extended header."""
    if name.isascii() and len(name) <= _PREFIX_BYTES + 1 + _NAME_BYTES:
        end = name.rfind(b"/", 0, min(_PREFIX_BYTES, len(name) - 2) + 1)
        if end > 0 and len(name) - end - 1 <= _NAME_BYTES:
            return name[:end], name[end + 1 :]
    records[b"path"] = name
    return b"", name.translate(_TO_ASCII)[:_NAME_BYTES]


def _octal(number: int, key: bytes, records: dict[bytes, bytes]) -> bytes:
    if number <= _MAX_SHORT:
        return b"%07o\0" % number
    records[key] = b"%d" % number
    return b"0000000\0"


def _long(number: int, key: bytes, records: dict[bytes, bytes]) -> bytes:
    if 0 <= number <= _MAX_LONG:
        return b"%011o\0" % number
    records[key] = b"%d" % number
    return b"00000000000\0"


def _extended(name: bytes, records: dict[bytes, bytes]) -> bytes:
    data = b"".join(_record(key, records[key]) for key in sorted(records))
    # Where a reader does not know the form, this is the name of a small file with the records in it.
    known_as = b"PaxHeaders.0/" + name.rstrip(b"/").rpartition(b"/")[2]
    block = _HEADER.pack(
        known_as[:_NAME_BYTES], b"%07o\0" % 0o644, b"%07o\0" % 0, b"%07o\0" % 0, b"%011o\0" % len(data),
        b"%011o\0" % 0, _BLANKS, _PAX, b"", _MAGIC, b"%07o\0" % 0, b"%07o\0" % 0, b"",
    )  # fmt: skip
    return _summed(block) + data + bytes(-len(data) % tar.BLOCK)


def _record(key: bytes, value: bytes) -> bytes:
    """Return `length SP key "=" value LF`, the length counting itself."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _content(item: Item, unsteady: list[str] | None) -> Iterator[bytes]:
    """Yield the content of a file, exactly as many bytes as its node says, and zeros to the block's end."""
    assert item.open is not None, item.node.path
    size = item.node.size
    seen, longer = 0, False
    try:
        with item.open() as file:
            start = file.read(size + 1) if size < CHUNK_BYTES else b""
            if len(start) >= size:  # nearly all files: one read, and the end with it
                seen, longer = size, len(start) > size
                yield start[:size] if longer else start
            else:
                for piece in _all(file, start, size) if start else _large(file, size):
                    seen += len(piece)
                    yield piece
                longer = seen == size and bool(file.read(1))
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror or error}", item.node.path) from error
    if longer or seen < size:
        _logger.warning("%s changed its size while it was read", item.node.path)
        if unsteady is not None:
            unsteady.append(item.node.path)
    left = -(-size // tar.BLOCK) * tar.BLOCK - seen
    yield from _zeros(left)


def _all(file: BinaryIO, start: bytes, size: int) -> Iterator[bytes]:
    """Yield `start` and what follows it, to the end or `size` bytes: a stream may give less than is asked."""
    while start:
        yield start
        size -= len(start)
        start = file.read(min(size, CHUNK_BYTES)) if size else b""


def _large(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield up to `size` bytes; holes are not read, where the file system tells of them."""
    if not _has_holes(file):
        yield from _all(file, file.read(CHUNK_BYTES), size)
        return
    at = 0
    while at < size:
        start = min(_seek_data(file, at, size), size)
        yield from _zeros(start - at)
        end = min(file.seek(start, os.SEEK_HOLE), size) if start < size else size
        file.seek(start)
        before = start
        for piece in _all(file, file.read(min(end - start, CHUNK_BYTES)), end - start):
            before += len(piece)
            yield piece
        if before < end:  # cut off meanwhile
            return
        at = end


def _has_holes(file: BinaryIO) -> bool:
    try:
        known = os.fstat(file.fileno())
    except OSError:  # no file of the system behind it
        return False
    return known.st_blocks * 512 < known.st_size


def _seek_data(file: BinaryIO, at: int, size: int) -> int:
    try:
        return file.seek(at, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # there is only a hole up to the end
            return size
        raise


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield _ZEROS if count >= CHUNK_BYTES else _ZEROS[:count]
        count -= CHUNK_BYTES
