from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lading.oci.source import ByteSource

DATA = bytes(range(256)) * 3


def pieces(sizes: list[int]) -> list[bytes]:
    out, at = [], 0
    for size in sizes:
        out.append(DATA[at : at + size])
        at += size
    return [*out, DATA[at:]]


@given(
    st.lists(st.integers(0, 200), max_size=12),
    st.lists(st.tuples(st.sampled_from(["read", "skip", "peek"]), st.integers(0, 300)), max_size=20),
)
def test_however_the_chunks_come(sizes: list[int], steps: list[tuple[str, int]]) -> None:
    source, at = ByteSource(iter(pieces(sizes))), 0
    for what, count in steps:
        expected = DATA[at : at + count]
        if what == "read":
            assert source.read(count) == expected
        elif what == "skip":
            assert source.skip(count) == len(expected)
        else:
            assert source.peek(count) == expected
            continue
        at += len(expected)
        assert source.position == at
    source.drain()
    assert source.read(1) == b""
    assert source.position == len(DATA)


def test_nothing() -> None:
    source = ByteSource(iter(()))
    assert (source.read(5), source.peek(1), source.skip(3), source.position) == (b"", b"", 0, 0)
