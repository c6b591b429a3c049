r"""Where a Go program keeps its build information, and how the bytes are read.

The linker writes a header of 32 bytes, aligned to 16, into a section `.go.buildinfo` at the start
of the data segment: `\xff Go buildinf:`, the size of a pointer, flags. Flag 2 (since Go 1.18):
two strings follow, each with its length as a varint before it. Otherwise two pointers follow to
Go strings (pointer, length) in the mapped file, in the byte order that flag 1 tells. The first
string is the version of the toolchain, the second the module information between two sentinels
of 16 bytes.
Specification: package debug/buildinfo of the Go standard library (https://pkg.go.dev/debug/buildinfo)
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from lading.errors import LimitError, MalformedError
from lading.inventory import elf
from lading.inventory.window import Window

_MAGIC = b"\xff Go buildinf:"
_ALIGN = 16
_HEADER_BYTES = 32
_INLINE = 2
_BIG_ENDIAN = 1
_ALL_FLAGS = bytes([_INLINE | _BIG_ENDIAN])
_SENTINEL_BYTES = 16
# Toolchain versions are a dozen bytes; Kubernetes' module information is 30 KiB.
_MAX_VERSION_BYTES = 4096
_MAX_MODULES_BYTES = 16 * 2**20
_VARINT_BYTES = 10  # of a number of 64 bits


class Strings(NamedTuple):
    """The two strings of the build information; `modules` is empty in a program without modules."""

    go_version: str
    modules: str


def find(window: Window) -> Strings | None:
    """Return the build information of the ELF file in `window`, or None if it holds none.

    Raises `MalformedError` or `LimitError` where there is a header, but not what it promises.
    """
    program = elf.parse(window)
    if program is None:
        return None
    at = _header(program)
    if at is None:
        return None
    header = window.read(at, _HEADER_BYTES)
    if len(header) < _HEADER_BYTES:
        raise MalformedError("Go build information is cut off")
    if header[15] & _INLINE:
        version, end = _inline(window, at + _HEADER_BYTES, _MAX_VERSION_BYTES)
        modules, _ = _inline(window, end, _MAX_MODULES_BYTES)
    else:
        version, modules = _pointed(program, header)
    return Strings(version.decode("utf-8", "replace"), _unwrap(modules).decode("utf-8", "replace"))


def _header(program: elf.Elf) -> int | None:
    """Return the offset of the header: in its section, else in the segments that may hold it."""
    section = elf.section(program, b".go.buildinfo")
    if section is not None:
        return _aligned(program.window, section)
    # Without a section table nothing tells which segment is data, so all are searched.
    stripped = program.section_table[1] == 0
    for span in elf.segments(program, writable_only=not stripped):
        at = _aligned(program.window, span)
        if at is not None:
            return at
    return None


def _aligned(window: Window, span: elf.Span) -> int | None:
    """Return the offset of the first magic whose address is aligned, or None."""
    at, end = span.offset, span.offset + span.size
    while (at := window.find(_MAGIC, at, end)) >= 0:
        # The text of a program that reads build information holds the magic, too.
        flags = window.read(at + len(_MAGIC) + 1, 1)
        if (span.address + at - span.offset) % _ALIGN == 0 and flags <= _ALL_FLAGS:
            return at
        at += 1
    return None


def _inline(window: Window, at: int, max_bytes: int) -> tuple[bytes, int]:
    """Return the string at `at`, after its length as a varint, and the offset behind it."""
    length = shift = 0
    for used, byte in enumerate(window.read(at, _VARINT_BYTES), 1):
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return _exactly(window, at + used, length, max_bytes), at + used + length
    raise MalformedError("Go build information is cut off")


def _pointed(program: elf.Elf, header: bytes) -> tuple[bytes, bytes]:
    """Return both strings of the older form, followed from their pointers through the segments."""
    size = header[14]
    if size not in {4, 8}:
        raise MalformedError(f"Go build information with pointers of {size} bytes")
    order: Literal["big", "little"] = "big" if header[15] & _BIG_ENDIAN else "little"
    mapped = elf.segments(program)

    def string(pointer: bytes, max_bytes: int) -> bytes:
        address = int.from_bytes(pointer, order)
        if address == 0:
            return b""
        head = _mapped(program.window, mapped, (address, 2 * size), _MAX_VERSION_BYTES)
        place = int.from_bytes(head[:size], order), int.from_bytes(head[size:], order)
        return _mapped(program.window, mapped, place, max_bytes)

    version = string(header[16 : 16 + size], _MAX_VERSION_BYTES)
    return version, string(header[16 + size : 16 + 2 * size], _MAX_MODULES_BYTES)


def _mapped(window: Window, spans: list[elf.Span], place: tuple[int, int], max_bytes: int) -> bytes:
    """Return the bytes at a (virtual address, length)."""
    address, length = place
    for span in spans:
        offset = address - span.address
        if offset >= 0 and offset + length <= span.size:
            return _exactly(window, span.offset + offset, length, max_bytes)
    raise MalformedError("Go build information points outside the program")


def _exactly(window: Window, at: int, length: int, max_bytes: int) -> bytes:
    if length > max_bytes:
        raise LimitError(f"Go build information of more than {max_bytes} bytes")
    found = window.read(at, length)
    if len(found) < length:
        raise MalformedError("Go build information is cut off")
    return found


def _unwrap(modules: bytes) -> bytes:
    """Return the module information without its sentinels; nothing if they are not there."""
    if len(modules) > 2 * _SENTINEL_BYTES and modules[-_SENTINEL_BYTES - 1] == ord("\n"):
        return modules[_SENTINEL_BYTES:-_SENTINEL_BYTES]
    return b""
