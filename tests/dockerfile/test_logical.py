from __future__ import annotations

from lading.dockerfile.logical import MAX_LINE_BYTES, Reader
from lading.dockerfile.source import Source, Span


def _reader(text: str) -> Reader:
    return Reader(Source(text), "\\", frozenset())


def test_lines_join() -> None:
    text = "# one\nFROM a \\\n  # in\n\n  b\n\n  RUN c\n"
    reader = _reader(text)
    lines = list(reader.lines())
    assert [(line.joined.text, line.first, line.last, text[slice(*line.span)]) for line in lines] == [
        ("FROM a   b", 2, 5, "FROM a \\\n  # in\n\n  b"),
        ("RUN c", 7, 7, "RUN c"),
    ]
    assert [(one.text, one.line, one.inside) for one in reader.comments] == [
        ("one", 1, False),
        ("in", 3, True),
    ]
    assert [(problem.code, problem.span) for problem in reader.problems] == [
        ("empty-continuation", Span(22, 22))
    ]


def test_comments_before() -> None:
    lines = list(_reader("# a\n# b\nFROM x\n# c\n#\n# d\nRUN y\nRUN z\n").lines())
    assert [[one.text for one in line.comments] for line in lines] == [["a", "b"], ["d"], []]


def test_heredoc() -> None:
    reader = _reader("RUN <<E\na\n\tE\nE\nRUN b\n")
    lines = reader.lines()
    next(lines)
    body = reader.heredoc("E", chomp=False)
    assert (body.content, body.last, body.terminated) == ("a\n\tE\n", 4, True)
    assert next(lines).joined.text == "RUN b"
    reader = _reader("RUN <<-E\na\n\tE\n")
    next(reader.lines())
    assert reader.heredoc("E", chomp=True).content == "a\n"


def test_heredoc_without_end() -> None:
    reader = _reader("RUN <<E\na\n")
    next(reader.lines())
    body = reader.heredoc("E", chomp=False)
    assert (body.content, body.last, body.terminated) == ("a\n", 2, False)
    assert reader.heredoc("F", chomp=False).content == ""


def test_long_lines() -> None:
    ok, long = "RUN " + "a" * (MAX_LINE_BYTES - 5), "RUN " + "é" * (MAX_LINE_BYTES // 2)
    reader = _reader(f"{ok}\n{long}\nRUN b\n")
    assert [line.too_long for line in reader.lines()] == [False, True, False]
    (problem,) = reader.problems
    assert (problem.code, reader.source.position(problem.span.start)) == ("line-too-long", (2, 1))


def test_many_lines_are_quick() -> None:
    (line,) = _reader("RUN a" + " \\\n b" * 100_000).lines()
    assert len(line.joined.text) == 5 + 3 * 100_000
    assert line.joined.stripped().part(100_000, 200_000).at(0) > 100_000
