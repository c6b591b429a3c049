from __future__ import annotations

import gzip
import io
import lzma

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.lint import pins_bytes
from lading.lint.pins_bytes import unpacked

DATA = b"Package: x\n" * 5000


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(DATA, id="plain"),
        pytest.param(gzip.compress(DATA), id="gzip"),
        pytest.param(gzip.compress(DATA[:100]) + gzip.compress(DATA[100:]), id="gzip-members"),
        pytest.param(zstandard.compress(DATA), id="zstd"),
        pytest.param(lzma.compress(DATA), id="xz"),
        pytest.param(lzma.compress(DATA[:100]) + lzma.compress(DATA[100:]), id="xz-streams"),
        pytest.param(
            lzma.compress(DATA[:9]) + b"\0" * 8 + lzma.compress(DATA[9:]) + b"\0" * 4, id="xz-padding"
        ),
        pytest.param(lzma.compress(DATA, preset=9), id="xz-9"),
    ],
)
def test_by_what_it_begins_with(stored: bytes) -> None:
    assert b"".join(unpacked(io.BytesIO(stored), "x")) == DATA


def test_empty() -> None:
    assert list(unpacked(io.BytesIO(b""), "x")) == []


# Of zstd only RPM's repositories make use, which state digests.
@pytest.mark.parametrize("stored", [lzma.compress(DATA), gzip.compress(DATA)], ids=["xz", "gzip"])
@pytest.mark.parametrize("left", [8, 20, 40])
def test_cut(stored: bytes, left: int) -> None:
    stored = stored[:left]
    with pytest.raises(MalformedError, match="x: "):
        list(unpacked(io.BytesIO(stored), "x"))


def test_bombs_end() -> None:
    with pytest.raises(LimitError, match="the index has more than 1 MiB"):
        list(unpacked(io.BytesIO(lzma.compress(bytes(2**22))), "x", 2**20))
    with pytest.raises(LimitError, match="the index has more than 1 MiB"):
        list(unpacked(io.BytesIO(gzip.compress(bytes(2**22))), "x", 2**20))


def test_a_stream_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins_bytes, "MAX_STORED_BYTES", 2**20)

    class Endless:
        def read(self, max_bytes: int, /) -> bytes:
            return b"x" * max_bytes

    with pytest.raises(LimitError, match="the index has more than 1 MiB"):
        for _ in unpacked(Endless(), "x"):
            pass


def test_memory_that_an_xz_stream_asks_for_is_bounded() -> None:
    greedy = lzma.compress(
        DATA,
        filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 2**28, "mf": lzma.MF_HC3, "mode": lzma.MODE_FAST}],
    )
    with pytest.raises(MalformedError, match="broken xz data: Memory usage limit"):
        list(unpacked(io.BytesIO(greedy), "x"))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([b"", lzma.compress(b"x" * 99), gzip.compress(b"x" * 99)]),
    st.binary(max_size=60),
    st.integers(0, 99),
)
def test_any_bytes(whole: bytes, noise: bytes, at: int) -> None:
    try:
        list(unpacked(io.BytesIO(whole[:at] + noise + whole[at:]), "x"))
    except LadingError:
        return
