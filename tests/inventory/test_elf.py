from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
import tiny_elf
from lading.inventory import elf
from lading.inventory.window import Window

SECTIONS = {b".text": b"code", b".rel.text": b"relocations", b".data": b"things"}
SHAPES = [
    pytest.param(wide, order, id=f"{64 if wide else 32}-{'little' if order == '<' else 'big'}")
    for wide in (True, False)
    for order in "<>"
]


def section(content: bytes, name: bytes) -> bytes | None:
    parsed = elf.parse(Window(size=len(content), data=content))
    found = elf.section(parsed, name) if parsed else None
    return content[found.offset : found.offset + found.size] if found else None


@pytest.mark.parametrize(("wide", "order"), SHAPES)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(b".text", b"code", id="first"),
        pytest.param(b".data", b"things", id="last"),
        pytest.param(b".rel.text", b"relocations", id="name-with-a-shared-tail"),
        pytest.param(b"text", None, id="only-the-tail-of-a-name"),
        pytest.param(b".dat", None, id="only-the-head-of-a-name"),
        pytest.param(b".bss", None, id="not-there"),
    ],
)
def test_section(*, wide: bool, order: str, name: bytes, expected: bytes | None) -> None:
    assert section(tiny_elf.make(SECTIONS, wide=wide, order=order), name) == expected


@pytest.mark.parametrize(("wide", "order"), SHAPES)
def test_header_and_segments(*, wide: bool, order: str) -> None:
    content = tiny_elf.make(SECTIONS, wide=wide, order=order)
    parsed = elf.parse(Window(size=len(content), stream=io.BytesIO(content)))
    assert parsed is not None
    assert (parsed.big_endian, parsed.pointer_size) == (order == ">", 8 if wide else 4)
    everything = [elf.Span(0, len(content), tiny_elf.BASE)]
    assert elf.segments(parsed) == elf.segments(parsed, writable_only=True) == everything


def test_segment_that_cannot_be_written() -> None:
    content = tiny_elf.make(SECTIONS, flags=4)
    parsed = elf.parse(Window(size=len(content), data=content))
    assert parsed is not None
    assert elf.segments(parsed) == [elf.Span(0, len(content), tiny_elf.BASE)]
    assert elf.segments(parsed, writable_only=True) == []


def test_number_of_sections_in_section_zero() -> None:
    content = bytearray(tiny_elf.make(SECTIONS))
    (table,) = struct.unpack_from("<Q", content, 40)
    count, names = struct.unpack_from("<HH", content, 60)
    struct.pack_into("<HH", content, 60, 0, 0xFFFF)
    struct.pack_into("<QI", content, table + 32, count, names)
    assert section(bytes(content), b".data") == b"things"


@pytest.mark.parametrize(
    ("at", "form", "value"),
    [
        pytest.param(40, "<Q", 2**64 - 1, id="table-behind-the-end"),
        pytest.param(58, "<H", 63, id="records-of-another-size"),
        pytest.param(60, "<H", 0xFFFE, id="more-sections-than-the-file-holds"),
        pytest.param(62, "<H", 0xFFF0, id="names-in-no-section"),
    ],
)
def test_lying_header(at: int, form: str, value: int) -> None:
    content = bytearray(tiny_elf.make(SECTIONS))
    struct.pack_into(form, content, at, value)
    found = section(bytes(content), b".data")
    # What is whole may be found; nothing else is.
    assert found in {None, b"things"}


def test_absurd_number_of_sections_is_not_read() -> None:
    content = bytearray(tiny_elf.make(SECTIONS))
    (table,) = struct.unpack_from("<Q", content, 40)
    struct.pack_into("<H", content, 60, 0)
    struct.pack_into("<Q", content, table + 32, 2**60)
    assert section(bytes(content), b".data") is None


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\x7fELF\x03\x01" + bytes(90), b"MZ" + bytes(90)])
def test_no_elf_file(content: bytes) -> None:
    assert elf.parse(Window(size=len(content), data=content)) is None


@pytest.mark.parametrize(("wide", "order"), SHAPES)
def test_cut_anywhere(*, wide: bool, order: str) -> None:
    content = tiny_elf.make(SECTIONS, wide=wide, order=order)
    for end in range(len(content)):
        parsed = elf.parse(Window(size=end, data=content[:end]))
        if parsed is not None:
            elf.segments(parsed)
            assert section(content[:end], b".bss") is None


@given(st.binary(max_size=64), st.integers(0, 700))
@settings(max_examples=300)
def test_any_bytes_anywhere(junk: bytes, at: int) -> None:
    content = bytearray(tiny_elf.make(SECTIONS))
    content[at : at + len(junk)] = junk
    parsed = elf.parse(Window(size=len(content), data=bytes(content)))
    if parsed is not None:
        for span in [*elf.segments(parsed), *filter(None, [elf.section(parsed, b".data")])]:
            assert span.size >= 0
            assert not span.size or span.offset + span.size <= len(content)


def real_files() -> Iterator[Path]:
    for name in ("bash", "sh", "ls"):
        found = shutil.which(name)
        if found:
            yield Path(found).resolve()


@needs.tool("bash", "sh", "ls")
def test_as_pyelftools_reads_real_files() -> None:
    for path in real_files():
        with path.open("rb") as stream:
            oracle = ELFFile(stream)
            parsed = elf.parse(Window(size=path.stat().st_size, stream=stream))
            assert parsed is not None
            loads = [each for each in oracle.iter_segments() if each["p_type"] == "PT_LOAD"]
            assert elf.segments(parsed) == [
                elf.Span(each["p_offset"], each["p_filesz"], each["p_vaddr"]) for each in loads
            ]
            assert elf.segments(parsed, writable_only=True) == [
                elf.Span(each["p_offset"], each["p_filesz"], each["p_vaddr"])
                for each in loads
                if each["p_flags"] & 2
            ]
            for each in oracle.iter_sections():
                found = elf.section(parsed, each.name.encode())
                if each["sh_type"] == "SHT_NOBITS":
                    assert found is None
                else:
                    assert found == elf.Span(each["sh_offset"], each["sh_size"], each["sh_addr"])
