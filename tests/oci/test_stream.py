from __future__ import annotations

import bz2
import gzip
import io
import threading
import zlib
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import imaging
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import stream
from lading.oci.image import Layer
from lading.oci.stream import LayerStream, decompressed

DATA = b"".join(b"%d," % number for number in range(300_000))
GZIP = gzip.compress(DATA, 6)


def read(layer: Layer) -> bytes:
    with LayerStream(layer, "layer") as opened:
        return b"".join(opened.chunks())


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(DATA, id="plain"),
        pytest.param(GZIP, id="gzip"),
        pytest.param(gzip.compress(DATA[:1000]) + gzip.compress(DATA[1000:]), id="gzip-members"),
        pytest.param(GZIP + bytes(700), id="gzip-padded"),
        pytest.param(zstandard.compress(DATA), id="zstd"),
        pytest.param(zstandard.compress(DATA[:9]) + zstandard.compress(DATA[9:]), id="zstd-frames"),
        pytest.param(b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(DATA), id="zstd-skippable"),
        pytest.param(zstandard.ZstdCompressor(write_content_size=False).compress(DATA), id="zstd-unsized"),
    ],
)
def test_every_stored_form(stored: bytes) -> None:
    assert read(imaging.layer(DATA, stored)) == DATA


def test_without_isal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "isal", None)
    twice = gzip.compress(DATA[:77]) + gzip.compress(DATA[77:])
    assert read(imaging.layer(DATA, twice)) == DATA


def test_an_empty_layer() -> None:
    assert read(imaging.layer(b"")) == b""


OTHER = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        pytest.param(imaging.layer(DATA, GZIP, digest=OTHER), "not sha256:000", id="stored-digest"),
        pytest.param(imaging.layer(DATA, GZIP, diff_id=OTHER), "not sha256:000", id="diff-id"),
        pytest.param(imaging.layer(DATA, diff_id=OTHER, digest=OTHER), "not sha256:000", id="both"),
        pytest.param(imaging.layer(DATA, GZIP, size=len(GZIP) - 1), "more than the", id="more-than-stated"),
        pytest.param(imaging.layer(DATA, GZIP, size=len(GZIP) + 1), "of the", id="less-than-stated"),
        pytest.param(imaging.layer(DATA, GZIP[:-9]), "broken gzip", id="gzip-cut"),
        pytest.param(
            imaging.layer(DATA, GZIP[:4000] + b"x" * 9 + GZIP[4009:]), "gzip|content is", id="gzip-bits"
        ),
        pytest.param(
            imaging.layer(DATA, zstandard.compress(DATA)[:-9]), "broken zstd|content is", id="zstd-cut"
        ),
        pytest.param(imaging.layer(DATA, b"\x28\xb5\x2f\xfdnonsense"), "broken zstd", id="zstd-garbage"),
        pytest.param(imaging.layer(DATA, bz2.compress(DATA)), "content is", id="bzip2-is-taken-as-plain"),
    ],
)
def test_what_does_not_match_is_refused(layer: Layer, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(layer)


def test_a_cut_at_every_byte_is_noticed() -> None:
    data = imaging.tar({"a": b"1"})
    stored = gzip.compress(data, mtime=0)
    for cut in range(len(stored)):
        with pytest.raises(MalformedError):
            read(imaging.layer(data, stored[:cut], digest=imaging.layer(data, stored).digest))


def test_a_gzip_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BOMB_BYTES", 2**20)
    with pytest.raises(LimitError, match="decompression bomb"):
        read(imaging.layer(bytes(2**25), gzip.compress(bytes(2**25))))


def test_a_zstd_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BOMB_BYTES", 2**20)
    with pytest.raises(LimitError, match="decompression bomb"):
        read(imaging.layer(bytes(2**25), zstandard.compress(bytes(2**25))))


def test_a_zstd_window_beyond_measure() -> None:
    frame = b"\x28\xb5\x2f\xfd\x00\xf8" + b"\x01\x00\x00"  # asks for a window of terabytes
    with pytest.raises(MalformedError, match="zstd"):
        read(imaging.layer(DATA, frame))


class Failing(io.BytesIO):
    def read(self, _size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_medium_that_fails() -> None:
    with pytest.raises(UnavailableError, match="Input/output error"):
        read(imaging.layer(DATA, GZIP, open=Failing))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_medium_with_a_bug_does_not_hang() -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(RuntimeError, match="reading layer broke"):
        read(imaging.layer(DATA, GZIP, open=broken))


def test_leaving_early_ends_the_thread() -> None:
    before = threading.active_count()
    with LayerStream(imaging.layer(DATA * 40), "layer") as opened:
        next(opened.chunks())
    assert threading.active_count() == before


class Pieces(io.RawIOBase):
    """Hands out its bytes in pieces of the sizes given."""

    def __init__(self, data: bytes, sizes: Iterator[int]) -> None:
        self._data, self._sizes = io.BytesIO(data), sizes

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(min(size, next(self._sizes, 4096)))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 60), max_size=30))
def test_short_reads(sizes: list[int]) -> None:
    small = DATA[:50_000]
    pieces = Pieces(gzip.compress(small), iter(sizes))
    assert b"".join(decompressed(pieces, "x")) == small


@settings(max_examples=200)
@given(st.sampled_from([b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b""]), st.binary(max_size=300))
def test_any_bytes(magic: bytes, data: bytes) -> None:
    try:
        b"".join(decompressed(io.BytesIO(magic + data), "x"))
    except LadingError:
        return
    if magic[:2] == b"\x1f\x8b":
        assert zlib.decompressobj(wbits=31).decompress(magic + data) is not None
