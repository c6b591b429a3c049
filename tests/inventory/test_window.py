from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.inventory import window
from lading.inventory.window import Window
from lading.oci.reader import TreeFile

CONTENT = bytes(range(100))


def both(content: bytes, start: int, size: int) -> list[Window]:
    return [
        Window(size=size, data=content, start=start),
        Window(size=size, stream=io.BytesIO(content), start=start),
    ]


@pytest.mark.parametrize("held", [0, 1], ids=["memory", "stream"])
@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [
        pytest.param(0, 3, b"\x0a\x0b\x0c", id="begin"),
        pytest.param(18, 2, b"\x1c\x1d", id="up-to-the-end"),
        pytest.param(18, 9, b"\x1c\x1d", id="over-the-end"),
        pytest.param(20, 1, b"", id="behind-the-end"),
        pytest.param(2**70, 1, b"", id="far-behind"),
        pytest.param(-1, 5, b"", id="before-the-start"),
        pytest.param(0, -5, b"", id="negative-size"),
    ],
)
def test_read(held: int, offset: int, size: int, expected: bytes) -> None:
    assert both(CONTENT, 10, 20)[held].read(offset, size) == expected


@pytest.mark.parametrize("held", [0, 1], ids=["memory", "stream"])
def test_part_is_cut_at_its_parent(held: int) -> None:
    part = both(CONTENT, 10, 20)[held].part(15, 50)
    assert part.size == 5
    assert part.read(0, 99) == CONTENT[25:30]
    assert part.part(-3, 2).read(0, 99) == CONTENT[25:27]
    assert part.part(99, 2).read(0, 99) == b""


def test_find_over_the_edge_of_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_CHUNK", 8)
    for at in range(40):
        content = bytes(at) + b"needle" + bytes(5)
        assert [found.find(b"needle", 0, 99) for found in both(content, 0, len(content))] == [at, at]


@given(
    st.text("ab", max_size=60),
    st.text("ab", min_size=1, max_size=4),
    st.integers(-2, 70),
    st.integers(-2, 70),
)
@settings(max_examples=200)
def test_find_is_what_bytes_find_says(text: str, needle: str, start: int, end: int) -> None:
    content = text.encode()
    expected = content.find(needle.encode(), max(start, 0), max(end, 0))
    for found in both(b"xx" + content + b"abab", 2, len(content)):
        assert found.find(needle.encode(), start, end) == expected


def test_of_takes_memory_or_spool() -> None:
    held = TreeFile("a", 3, data=b"abc")
    spooled = TreeFile("a", 3, spool=io.BytesIO(b"abc"))
    assert [window.of(file).read(0, 9) for file in (held, spooled)] == [b"abc", b"abc"]
