from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.dockerfile import parse as parsing
from lading.dockerfile.instruction import Copy, Env, Exec, From, Instruction, Onbuild, Run, Shell
from lading.dockerfile.parse import Dockerfile, parse

FILE = """\
# syntax=docker/dockerfile:1
# The base.
ARG V=12
FROM --platform=$BUILDPLATFORM debian:${V} AS Base

RUN --mount=type=cache,target=/x \\
    # why
    apt-get update && \\
    apt-get install -y curl
COPY --from=base <<EOF <<-'X' a /dst/
one $V
EOF
	two
	X
ENV a=1 b="2 \\
3"
CMD ["a", "b c"]
ONBUILD RUN cat <<Y
z
Y
"""


def _of(file: Dockerfile, one: Instruction) -> str:
    return file.source.of(one.span)


def test_everything_has_its_place() -> None:
    file = parse(FILE)
    assert file.problems == ()
    arg, base, run, copy, env, cmd, onbuild = file.instructions
    assert [(one.line, one.end_line) for one in file.instructions] == [
        (3, 3),
        (4, 4),
        (6, 9),
        (10, 14),
        (15, 16),
        (17, 17),
        (18, 20),
    ]
    assert _of(file, arg) == "ARG V=12"
    assert [comment.text for comment in arg.comments] == ["The base."]
    assert isinstance(base, From)
    assert base.stage_word is not None
    assert [file.source.of(word.span) for word in (base.keyword, base.image, base.stage_word)] == [
        "FROM",
        "debian:${V}",
        "Base",
    ]
    assert base.stage == "base"
    assert file.source.of(base.flags[0].span) == "--platform=$BUILDPLATFORM"
    assert isinstance(run, Run)
    assert isinstance(run.command, Shell)
    text = run.command.text
    assert text.text == "apt-get update &&     apt-get install -y curl"
    start = text.text.index("install")
    assert file.source.of(text.span(start, start + 7)) == "install"
    assert _of(file, run).endswith("-y curl")
    assert isinstance(copy, Copy)
    assert (copy.inline, [file.source.of(word.span) for word in copy.sources]) == (
        (0, 1),
        ["<<EOF", "<<-'X'", "a"],
    )
    assert [(one.name, one.text, one.expands) for one in copy.heredocs] == [
        ("EOF", "one $V\n", True),
        ("X", "two\n", False),
    ]
    assert [file.source.of(one.span) for one in copy.heredocs] == ["one $V\n", "\ttwo\n"]
    assert [file.source.of(one.terminator) for one in copy.heredocs] == ["EOF", "\tX"]
    assert _of(file, copy).endswith("\n\tX")
    assert isinstance(env, Env)
    assert file.source.of(env.pairs[1].value.span) == '"2 \\\n3"'
    assert env.pairs[1].value.value == '"2 3"'
    assert getattr(cmd, "command", None) == Exec(getattr(cmd, "command").words)  # noqa: B009 - one of many kinds
    assert isinstance(onbuild, Onbuild)
    assert isinstance(onbuild.inner, Run)
    assert onbuild.inner.heredocs == onbuild.heredocs
    assert file.source.of(onbuild.inner.span) == "RUN cat <<Y\nz\nY"
    assert [comment.text for comment in file.comments] == ["The base.", "why"]


def test_stages() -> None:
    file = parse("ARG a\nFROM x AS One\nRUN b\nFROM y\nFROM z AS two\nCMD c\n")
    assert [(stage.index, stage.name, [one.name for one in stage.instructions]) for stage in file.stages] == [
        (0, "one", ["RUN"]),
        (1, "", []),
        (2, "two", ["CMD"]),
    ]
    assert len(file.arguments) == 1


@pytest.mark.parametrize(
    ("text", "codes", "line", "column"),
    [
        pytest.param("", ["no-stage"], 1, 1, id="empty"),
        pytest.param("# a\n\n", ["no-stage"], 3, 1, id="only-comments"),
        pytest.param("ARG a\n", ["no-stage"], 2, 1, id="only-arguments"),
        pytest.param("\n RUN a\n", ["before-from", "no-stage"], 2, 2, id="before-from"),
        pytest.param("FROM a\nRUN <<E\nb\n", ["heredoc-open"], 2, 1, id="open-heredoc"),
        pytest.param("FROM\nRUN a\n", ["arguments"], 1, 1, id="broken-from"),
        pytest.param("FROM a\n\x00\n", ["instruction-unknown"], 2, 1, id="nul"),
        pytest.param("\ufeffFOO\nFROM a\n", ["instruction-unknown"], 1, 1, id="bom"),
        pytest.param("FROM a\n" + "R" * 10_000_000 + "\n", ["line-too-long"], 2, 1, id="ten-megabyte-line"),
    ],
)
def test_problems(text: str, codes: list[str], line: int, column: int) -> None:
    file = parse(text)
    assert [one.code for one in file.problems] == codes or codes[:1] == [one.code for one in file.problems]
    assert file.source.position(file.problems[0].span.start) == (line, column)
    assert file.errors == file.problems


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_CHARACTERS", 10)
    (problem,) = parse("FROM abcdefgh\n").problems
    assert problem.code == "too-large"


def test_bytes_that_are_not_utf8_come_back() -> None:
    data = b"FROM a\r\n# \xff\xfe\r\nRUN \xe9\x00 \\\r\n b"
    file = parse(data)
    assert file.errors == ()
    assert file.source.encode() == data
    assert (
        file.source.of(file.instructions[1].span).encode("utf-8", "surrogateescape")
        == b"RUN \xe9\x00 \\\r\n b"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\n" * 50_000, id="stages"),
        pytest.param("FROM a\nRUN " + "x \\\n" * 100_000, id="continuations"),
        pytest.param("FROM a\nRUN " + " ".join(f"<<E{n}" for n in range(5000)) + "\n", id="heredocs"),
        pytest.param("FROM a\nENV " + "a='b' \\\n" * 50_000, id="pairs"),
        pytest.param("FROM a\nONBUILD " * 3 + "ONBUILD " * 5000 + "\n", id="onbuild"),
        pytest.param("FROM a\nRUN " + "${a:-" * 10_000 + " <<E\n", id="nesting"),
        pytest.param("FROM a\nCMD " + "[" * 60_000 + "\n", id="brackets"),
        pytest.param("FROM a\nRUN \\\n" + "\n" * 200_000, id="empty-lines"),
        pytest.param("FROM a\nRUN a \\\n" + "# b\n" * 200_000, id="comments"),
        pytest.param("\\\n" * 200_000, id="only-continuations"),
        pytest.param("FROM a\nCOPY " + "--exclude=a " * 5000 + "b c\n", id="flags"),
    ],
)
def test_hostile_files_end(text: str) -> None:
    file = parse(text)
    assert file.source.text == text


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    _sound(parse(data))


_PIECES = [
    "FROM a\n",
    "RUN ",
    "COPY ",
    "ENV ",
    "ONBUILD ",
    "<<E",
    "E\n",
    "\\\n",
    "\n",
    "#",
    '["a"]',
    "'",
    '"',
    "--x=y ",
    " ",
    "\r\n",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_any_file(pieces: list[str]) -> None:
    _sound(parse("".join(pieces)))


def test_cut_anywhere() -> None:
    for end in range(len(FILE)):
        _sound(parse(FILE[:end]))


def _sound(file: Dockerfile) -> None:
    """Spans lie in the text, in order, and every line belongs to no more than one instruction."""
    last = 0
    for one in file.instructions:
        assert last <= one.span.start <= one.span.end <= len(file.source.text)
        assert one.line <= one.end_line
        last = one.span.end
        if one.name:
            assert file.source.of(one.keyword.span).upper().startswith(one.name[:1])
    for problem in file.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(file.source.text)
        file.source.position(problem.span.start)


def test_every_corpus_file_is_sound() -> None:
    for path in sorted((Path(__file__).parent / "corpus").glob("*.txt")):
        for part in path.read_text("utf-8").split("\n=== ")[1:]:
            _sound(parse(part.partition("\n")[2]))


def test_pickles() -> None:
    file = parse(FILE)
    copy = pickle.loads(pickle.dumps(file))
    assert [one.name for one in copy.instructions] == [one.name for one in file.instructions]
    assert copy.source.text == FILE
