from __future__ import annotations

import gzip
import subprocess
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import needs
from lading.build.compress import GZIP, NONE, Compression, compressor, parse, pieces
from lading.errors import UsageError
from lading.oci import stream

DATA = b"".join(b"%d," % number for number in range(100_000))


@pytest.mark.parametrize(
    ("text", "name", "level", "media_type"),
    [
        ("gzip", "gzip", 1, "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("gzip:12", "gzip", 12, "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("zstd", "zstd", 3, "application/vnd.oci.image.layer.v1.tar+zstd"),
        ("zstd:22", "zstd", 22, "application/vnd.oci.image.layer.v1.tar+zstd"),
        ("none", "none", 0, "application/vnd.oci.image.layer.v1.tar"),
    ],
)
def test_parse(text: str, name: str, level: int, media_type: str) -> None:
    found = parse(text)
    assert (found, found.media_type) == (Compression(name, level), media_type)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "there are gzip, zstd and none"),
        ("xz", "there are gzip, zstd and none"),
        ("GZIP", "there are gzip, zstd and none"),
        ("gzip:", "gzip has levels 1 to 12"),
        ("gzip:0", "gzip has levels 1 to 12"),
        ("gzip:13", "gzip has levels 1 to 12"),
        ("gzip:-1", "gzip has levels 1 to 12"),
        ("zstd:23", "zstd has levels 1 to 22"),
        ("zstd:\u0663", "zstd has levels 1 to 22"),
        ("zstd:" + "9" * 5000, "zstd has levels 1 to 22"),
        ("none:1", "none has no levels"),
    ],
)
def test_parse_refuses(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.hint == hint


def test_what_is_taken_unasked() -> None:
    assert (parse("gzip"), parse("none")) == (GZIP, NONE)


class Bytes:
    """Bytes that are read to their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, max_bytes: int) -> bytes:
        piece, self._data = self._data[:max_bytes], self._data[max_bytes:]
        return piece


@pytest.mark.parametrize("text", ["gzip", "gzip:6", "gzip:12", "zstd", "zstd:1", "zstd:19", "none"])
def test_pieces_in_a_row_are_one_stream(text: str) -> None:
    compress = compressor(parse(text))
    stored = b"".join(compress(piece) for piece in pieces([DATA], 70_000))
    assert b"".join(stream.decompressed(Bytes(stored), "test")) == DATA
    assert text == "none" or len(stored) < len(DATA) / 2


def test_a_higher_level_compresses_more() -> None:
    for name in ("gzip", "zstd"):
        fast, small = (len(compressor(parse(f"{name}:{level}"))(DATA)) for level in (1, 12))
        assert small < fast


@needs.tool("gzip")
def test_the_system_reads_rows_of_members() -> None:
    stored = b"".join(map(compressor(GZIP), pieces([DATA], 70_000)))
    assert subprocess.run(["gzip", "-dc"], input=stored, capture_output=True, check=True).stdout == DATA
    assert gzip.decompress(stored) == DATA


@needs.tool("zstd")
def test_the_system_reads_rows_of_frames() -> None:
    stored = b"".join(map(compressor(parse("zstd")), pieces([DATA], 70_000)))
    assert subprocess.run(["zstd", "-dc"], input=stored, capture_output=True, check=True).stdout == DATA


def test_threads_share_a_compressor() -> None:
    compress = compressor(parse("zstd"))
    expected = compress(DATA)
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.extend(compress(DATA) for _ in range(20))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 80


@given(st.lists(st.binary(max_size=30)), st.integers(1, 20))
def test_any_chunks_become_pieces_of_one_size(chunks: list[bytes], size: int) -> None:
    found = list(pieces(chunks, size))
    assert b"".join(found) == b"".join(chunks)
    assert {len(piece) for piece in found[:-1]} <= {size}
    assert len(found[-1]) <= size
    assert found == [b""] or all(found)
