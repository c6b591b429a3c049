from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile.source import SPACES, Joined, Line, Position, Source, Span


def test_lines_and_their_ends() -> None:
    source = Source("a\r\nbc\n\n\rd\r\r\ne")
    assert list(source.lines()) == [
        Line(1, 0, 1, 3),
        Line(2, 3, 5, 6),
        Line(3, 6, 6, 7),
        Line(4, 7, 9, 12),
        Line(5, 12, 13, 13),
    ]
    assert source.newline == "\r\n"
    assert Source("a\nb\r\n").newline == Source("").newline == Source("\n").newline == "\n"
    assert list(Source("").lines()) == []
    assert list(Source("a\n").lines()) == [Line(1, 0, 1, 2)]


def test_positions() -> None:
    source = Source("ab\ncd")
    places = [source.position(offset) for offset in range(6)]
    assert places == [
        Position(1, 1),
        Position(1, 2),
        Position(1, 3),
        Position(2, 1),
        Position(2, 2),
        Position(2, 3),
    ]
    assert Source("\ufeffab").position(1) == Position(1, 1)
    assert Source("\ufeffab\ncd").position(5) == Position(2, 2)


@given(st.binary(max_size=40))
def test_any_bytes_come_back(data: bytes) -> None:
    assert Source.decode(data).encode() == data


def test_joined_text_knows_its_places() -> None:
    source = Source("xxab\\\n  cd yy")
    joined = Joined("abcd ", ((0, 2), (2, 8)))
    assert [joined.at(index) for index in range(5)] == [2, 3, 8, 9, 10]
    assert source.of(joined.span(0, 2)) == "ab"
    assert source.of(joined.span(1, 3)) == "b\\\n  c"
    assert source.of(joined.span(2, 4)) == "cd"
    assert joined.span(3, 3) == Span(9, 9)
    assert joined.part(1, 4).text == "bcd"
    assert source.of(joined.part(1, 4).span(1, 3)) == "cd"
    assert joined.part(2, 2).whole() == Span(8, 8)
    assert joined.stripped().text == "abcd"
    assert repr(joined) == "Joined('abcd ')"


@given(st.lists(st.text("ab ", min_size=1, max_size=4), min_size=1, max_size=4), st.data())
def test_parts_of_parts_are_parts(texts: list[str], data: st.DataObject) -> None:
    source, pieces, size = "", [], 0
    for text in texts:
        source += "--"
        pieces.append((size, len(source)))
        source += text
        size += len(text)
    joined = Joined("".join(texts), tuple(pieces))
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    part = joined.part(start, end)
    assert part.text == joined.text[start:end]
    assert [part.at(index) for index in range(end - start)] == [
        joined.at(index) for index in range(start, end)
    ]
    assert all(source[part.at(index)] == part.text[index] for index in range(end - start))


def test_spaces_are_those_of_go() -> None:
    assert set("\x1c\x1d\x1e\x1f\u200b\ufeff").isdisjoint(SPACES)
    assert set("\t\n\v\f\r \x85\xa0\u2003\u3000") <= set(SPACES)
