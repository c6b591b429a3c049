"""Small ELF files for tests: sections with content, mapped by one writable segment."""

from __future__ import annotations

import struct
from collections.abc import Mapping

BASE = 0x10000  # where the file is mapped; its offset 0 is this address


def make(
    sections: Mapping[bytes, bytes],
    *,
    wide: bool = True,
    order: str = "<",
    with_table: bool = True,
    flags: int = 6,
) -> bytes:
    """Return an ELF file with these sections, each aligned to 16 bytes.

    wide: 64 bit. order: `<` or `>`. with_table: False leaves the section table away.
    flags: of the segment, 4 readable, 2 writable.
    """
    body = bytearray(512)
    places = []
    for name, content in {**sections, b".shstrtab": b""}.items():
        body += bytes(-len(body) % 16)
        payload = content or b"\0" + b"".join(b"%s\0" % known for known in [*sections, b".shstrtab"])
        places.append((name, len(body), len(payload)))
        body += payload
    names = b"\0" + b"".join(b"%s\0" % name for name, _, _ in places)
    body += bytes(-len(body) % 16)
    table_at = len(body)
    records = [_section(wide, order, 0, 0, 0)] + [
        _section(wide, order, names.index(b"\0%s\0" % name) + 1, at, size) for name, at, size in places
    ]
    body += b"".join(records)
    segment = _segment(wide, order, len(body), flags)
    body[: 128 if wide else 96] = bytes(128 if wide else 96)
    header = _header(wide, order, table_at if with_table else 0, len(records) if with_table else 0)
    body[: len(header)] = header
    body[64 : 64 + len(segment)] = segment
    return bytes(body)


def _header(wide: bool, order: str, table_at: int, count: int) -> bytes:  # noqa: FBT001 - as packed
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    word = "Q" if wide else "I"
    sizes = (64, 56, 1, 64, count, max(count - 1, 0)) if wide else (52, 32, 1, 40, count, max(count - 1, 0))
    return ident + struct.pack(f"{order}HHI3{word}I6H", 2, 62, 1, BASE, 64, table_at, 0, *sizes)


def _section(wide: bool, order: str, name: int, at: int, size: int) -> bytes:  # noqa: FBT001 - as packed
    word = "Q" if wide else "I"
    kind = 1 if size else 0
    return struct.pack(f"{order}II4{word}II2{word}", name, kind, 3, BASE + at, at, size, 0, 0, 16, 0)


def _segment(wide: bool, order: str, size: int, flags: int) -> bytes:  # noqa: FBT001 - as packed
    if wide:
        return struct.pack(f"{order}II6Q", 1, flags, 0, BASE, BASE, size, size, 16)
    return struct.pack(f"{order}8I", 1, 0, BASE, BASE, size, size, flags, 16)
