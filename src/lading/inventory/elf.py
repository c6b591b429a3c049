"""Sections and segments of ELF files: 32 and 64 bit, both byte orders, no more than is asked.

Thousands of ELF files in an image are asked "have you a section X?", and nearly all say no: two
reads (section table, its names) and one search answer that. Nothing in the file is trusted; what
does not fit into the file is as if it were not there, because a broken ELF file is no package
that could not be read, only a file that cannot run.
Specification: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html (chapters 4 and 5)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from lading.inventory.window import Window

MAGIC = b"\x7fELF"
# 200,000 sections of 64 bytes; the names of a kernel module with a section per function fit, too.
_MAX_TABLE_BYTES = 16 * 2**20
_NOBITS = 8  # sh_type of a section without content in the file
_LOAD = 1  # p_type of a segment that is mapped
_WRITE = 2  # in p_flags
_EXTENDED = 0xFFFF  # e_shstrndx and e_phnum: the number stands in section 0


class _Layout(NamedTuple):
    """How the records of one class and byte order are packed; fields that nobody asks are skipped."""

    header: struct.Struct  # e_phoff e_shoff e_phentsize e_phnum e_shentsize e_shnum e_shstrndx
    section: struct.Struct  # sh_name sh_type sh_addr sh_offset sh_size sh_link sh_info
    segment: struct.Struct  # p_type p_flags p_offset p_vaddr p_filesz, as `segment_order` says
    segment_order: tuple[int, int, int, int, int]


def _layout(order: str, *, wide: bool) -> _Layout:
    if wide:
        return _Layout(
            struct.Struct(f"{order}32xQQ6xHHHHH"),
            struct.Struct(f"{order}II8xQQQII16x"),
            struct.Struct(f"{order}IIQQ8xQ16x"),
            (0, 1, 2, 3, 4),
        )
    return _Layout(
        struct.Struct(f"{order}28xII6xHHHHH"),
        struct.Struct(f"{order}II4xIIIII8x"),
        struct.Struct(f"{order}III4xI4xI4x"),
        (0, 4, 1, 2, 3),
    )


_WIDE = 2  # e_ident[EI_CLASS] of 64 bit
_MSB = 2  # e_ident[EI_DATA] of the most significant byte first
# By e_ident[EI_CLASS] and e_ident[EI_DATA].
_LAYOUTS = {
    b"\x01\x01": _layout("<", wide=False),
    b"\x01\x02": _layout(">", wide=False),
    b"\x02\x01": _layout("<", wide=True),
    b"\x02\x02": _layout(">", wide=True),
}


class Span(NamedTuple):
    """A run of the file that is mapped at `address`: `size` bytes at `offset`, all in the file."""

    offset: int
    size: int
    address: int


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file whose header could be read.

    big_endian: the byte order of its numbers. pointer_size: 4 or 8 bytes.
    section_table, segment_table: (offset, number of records); the number is 0 where there is none.
    names_index: number of the section that holds the sections' names.
    """

    window: Window
    layout: _Layout
    big_endian: bool
    pointer_size: int
    section_table: tuple[int, int]
    segment_table: tuple[int, int]
    names_index: int


def parse(window: Window) -> Elf | None:
    """Return what the header says, or None if this is no ELF file or its header is cut off."""
    head = window.read(0, 64)
    layout = _LAYOUTS.get(head[4:6])
    if not head.startswith(MAGIC) or layout is None or len(head) < layout.header.size:
        return None
    phoff, shoff, phentsize, phnum, shentsize, shnum, names = layout.header.unpack_from(head)
    if shentsize != layout.section.size:
        shoff = shnum = 0
    if phentsize != layout.segment.size:
        phoff = phnum = 0
    if shoff and (shnum == 0 or _EXTENDED in {names, phnum}):
        first = window.read(shoff, layout.section.size)
        if len(first) == layout.section.size:
            _, _, _, _, size, link, info = layout.section.unpack(first)
            shnum = shnum or size
            names = link if names == _EXTENDED else names
            phnum = info if phnum == _EXTENDED else phnum
    return Elf(
        window=window,
        layout=layout,
        big_endian=head[5] == _MSB,
        pointer_size=8 if head[4] == _WIDE else 4,
        section_table=(shoff, shnum if shoff else 0),
        segment_table=(phoff, phnum if phoff else 0),
        names_index=names,
    )


def section(elf: Elf, name: bytes) -> Span | None:
    """Return the first section with this name that has content, or None; cut at the file's end."""
    table = _table(elf.window, *elf.section_table, elf.layout.section.size)
    at = elf.names_index * elf.layout.section.size
    if len(table) < at + elf.layout.section.size:
        return None
    _, _, _, offset, size, _, _ = elf.layout.section.unpack_from(table, at)
    names = elf.window.read(offset, min(size, _MAX_TABLE_BYTES))
    wanted = name + b"\0"
    # Nearly every file ends here.
    if wanted not in names:
        return None
    for name_at, kind, address, offset, size, _, _ in elf.layout.section.iter_unpack(table):
        # Names share tails (`.rel.text` holds `.text`), so one name may stand at several places.
        if kind != _NOBITS and names.startswith(wanted, name_at):
            return _span(elf.window, offset, size, address)
    return None


def segments(elf: Elf, *, writable_only: bool = False) -> list[Span]:
    """Return what the kernel would map from the file, in the order of the table."""
    table = _table(elf.window, *elf.segment_table, elf.layout.segment.size)
    found = []
    for fields in elf.layout.segment.iter_unpack(table):
        kind, flags, offset, address, size = (fields[at] for at in elf.layout.segment_order)
        if kind != _LOAD or (writable_only and not flags & _WRITE):
            continue
        span = _span(elf.window, offset, size, address)
        if span.size:
            found.append(span)
    return found


def _table(window: Window, offset: int, count: int, record_bytes: int) -> bytes:
    """Return the whole records of a table that lie in the file; none if it is absurdly long."""
    size = count * record_bytes
    if not count or size > _MAX_TABLE_BYTES:
        return b""
    table = window.read(offset, size)
    return table[: len(table) - len(table) % record_bytes]


def _span(window: Window, offset: int, size: int, address: int) -> Span:
    return Span(offset, max(0, min(size, window.size - offset)), address)
