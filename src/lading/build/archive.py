"""Tar archives that a build takes apart: plain, gzip, bzip2, xz or zstd, by their first bytes.

Nothing is unpacked: an archive is a list of entries, and content is read from where it lies in the tar, or in a
temporary file without a name if the tar is compressed, or comes as a stream.
"""

from __future__ import annotations

import bz2
import errno
import io
import lzma
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from lading.build import layer_index
from lading.build.node import FILE, Node
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import tar
from lading.oci.source import ByteSource, Readable
from lading.oci.stream import BOMB_BYTES, BOMB_RATIO, decompressed
from lading.oci.walk import MAX_ENTRIES

_PIECE = 2**20
_BZIP, _XZ, _GZIP = b"BZh", b"\xfd7zXZ\0", b"\x1f\x8b"
_ZSTD, _ZSTD_SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
_MAX_XZ_BYTES = 512 * 2**20  # of memory: xz -9 wants 65 MiB
Open = Callable[[], BinaryIO]


class Entry(msgspec.Struct, frozen=True):
    """An entry, and how to open its content if it is a regular file."""

    node: Node
    open: Open | None = None


def is_archive(file: BinaryIO) -> bool:
    """Whether a file is a tar with anything in it. Docker asks the content, not the name."""
    source = ByteSource(_chunks(file, ""))
    try:
        return next(tar.members(source, ""), None) is not None
    except LadingError:
        return False


def read(file: BinaryIO, where: str, scratch: Path) -> tuple[Entry, ...]:
    """Return the entries of a tar, in order. file: may be a stream; it belongs to the entries from here on.

    scratch: where temporary files go. Raises `MalformedError` for what is broken, or could not be a file on Linux,
    `LimitError` for too many entries and for decompression bombs, `UnavailableError` where nothing can be written.
    """
    own = _Store(file)
    known = _Known(file)
    is_zstd = known.start[:4] == _ZSTD or known.start[1:4] == _ZSTD_SKIPPABLE
    is_packed = is_zstd or known.start[:2] == _GZIP or known.start[:3] == _BZIP or known.start == _XZ
    if known.is_regular and not is_packed:
        return tuple(_entries(_raw(known), where, own, needs_end=False))
    try:
        spool = tempfile.TemporaryFile(prefix="lading-", dir=scratch)  # noqa: SIM115 - it lives as long as the entries
    except OSError as error:
        raise UnavailableError(f"cannot be written: {error.strerror}", str(scratch)) from error
    return tuple(_entries(_copied(_plain(known, where), spool), where, _Store(spool), needs_end=is_zstd))


class _Known:
    """A file of which the first bytes are known. start: they."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.passed = 0
        self.start = b""
        while len(self.start) < len(_XZ) and (piece := file.read(len(_XZ) - len(self.start))):
            self.start += piece
        self._left = self.start
        self.is_regular = _is_regular(file)

    def read(self, max_bytes: int, /) -> bytes:
        """Return the next bytes."""
        piece = self._left or self.file.read(max_bytes)
        self._left = b""
        self.passed += len(piece)
        return piece


def _is_regular(file: BinaryIO) -> bool:
    try:
        file.fileno()
        return file.seekable() and file.tell() == len(_XZ)
    except (OSError, ValueError):
        return False


def _chunks(file: BinaryIO, where: str) -> Iterator[bytes]:
    return _plain(_Known(file), where)


def _plain(known: _Known, where: str) -> Iterator[bytes]:
    """Yield the tar in pieces."""
    try:
        if known.start[:3] == _BZIP:
            yield from _bounded(_stages(known, bz2.BZ2Decompressor, where), known, where)
        elif known.start == _XZ:
            yield from _bounded(_stages(known, _xz, where), known, where)
        else:
            yield from decompressed(known, where)
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror or error}", where) from error


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_XZ_BYTES)


def _stages(
    source: Readable, make: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor], where: str
) -> Iterator[bytes]:
    """Yield what one compressed part after the other holds."""
    rest = b""
    while rest := rest or source.read(_PIECE):
        rest = rest.lstrip(b"\0")  # padding
        if not rest:
            continue
        part = make()
        try:
            while not part.eof:
                data = b""
                if part.needs_input and not (data := rest or source.read(_PIECE)):
                    raise MalformedError("the compressed data ends too early", where)
                rest = b"" if data else rest
                yield part.decompress(data, _PIECE)
        except (lzma.LZMAError, EOFError, ValueError) as error:
            raise MalformedError(f"broken compressed data: {error}", where) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise MalformedError(f"broken compressed data: {error}", where) from error
        rest = part.unused_data


def _bounded(pieces: Iterator[bytes], known: _Known, where: str) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > BOMB_BYTES and total > BOMB_RATIO * known.passed:
            raise LimitError(
                f"over {total >> 20} MiB come out of {known.passed >> 10} KiB: a decompression bomb", where
            )
        if piece:
            yield piece


def _raw(known: _Known) -> Iterator[bytes]:
    while piece := known.read(_PIECE):
        yield piece


def _copied(chunks: Iterator[bytes], spool: BinaryIO) -> Iterator[bytes]:
    """Yield chunks, and write them down."""
    for chunk in chunks:
        try:
            spool.write(chunk)
        except OSError as error:
            raise UnavailableError(f"no room to unpack it: {error.strerror}") from error
        yield chunk
    spool.flush()


def _entries(chunks: Iterator[bytes], where: str, store: _Store, *, needs_end: bool) -> Iterator[Entry]:
    """Yield entries. needs_end: of a tar that just stops, part is missing: its decompressor would not have said so."""
    source = ByteSource(chunks)
    count = end = 0
    try:
        for member in tar.members(source, where):
            count += 1
            if count > MAX_ENTRIES:
                raise LimitError(f"over {MAX_ENTRIES} entries in one archive", where)
            end = source.position + -(-member.stored // tar.BLOCK) * tar.BLOCK
            node = layer_index.node_of(member, where)
            yield Entry(node, store.opener(member, source.position) if node.kind == FILE else None)
        if needs_end and source.position == end:
            raise MalformedError("the compressed data ends too early", where)
        source.drain()
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror or error}", where) from error


class _Store:
    """A file that the content of entries lies in; closed with the last of them."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def __del__(self) -> None:
        self.file.close()

    def opener(self, member: tar.Member, offset: int) -> Open:
        """Return how to open the content of a member that is stored from `offset` on."""
        pieces = tuple(member.pieces) if member.pieces is not None else ((0, member.size),)
        return _Opener(self, offset, member.size, pieces)

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes of the file. Raises `OSError`."""
        return os.pread(self.file.fileno(), count, offset)


class _Opener:
    __slots__ = ("_offset", "_pieces", "_size", "_store")

    def __init__(self, store: _Store, offset: int, size: int, pieces: tuple[tuple[int, int], ...]) -> None:
        self._store = store
        self._offset = offset
        self._size = size
        self._pieces = pieces

    def __call__(self) -> BinaryIO:
        return cast("BinaryIO", _Content(self._store, self._offset, self._size, self._pieces))


class _Content(io.RawIOBase):
    """The content of a file, of which pieces lie one behind the other from an offset on; zeros between."""

    def __init__(self, store: _Store, offset: int, size: int, pieces: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self._store = store
        self._at = 0
        self._size = size
        self._offset = offset
        self._pieces = list(reversed(pieces))

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any buffer is one
        """Read some bytes."""
        view = memoryview(buffer).cast("B")
        while self._pieces and self._pieces[-1][0] + self._pieces[-1][1] <= self._at:
            self._offset += self._pieces.pop()[1]
        start, length = self._pieces[-1] if self._pieces else (self._size, 0)
        if self._at < start:
            count = min(len(view), start - self._at, self._size - self._at)
            view[:count] = bytes(count)
        else:
            wanted = min(len(view), start + length - self._at, self._size - self._at)
            data = self._store.read(self._offset + self._at - start, wanted)
            if wanted and not data:
                raise OSError(errno.EIO, "the archive has become shorter")
            count = len(data)
            view[:count] = data
        self._at += count
        return count
