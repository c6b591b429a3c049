"""What instructions mean is compared with BuildKit in `test_buildkit`; here is what is wrong, and where."""

from __future__ import annotations

import pytest

from lading.dockerfile.instruction import Broken, Onbuild
from lading.dockerfile.parse import parse
from lading.dockerfile.problem import Gravity

CASES = [
    ("FOO a", "instruction-unknown", "FOO"),
    ("ENV a=b c", "pair-form", "c"),
    ("ENV a=b =c", "arguments", ""),
    ("ENV a", "pair-form", "a"),
    ("LABEL", "arguments", "LABEL"),
    ("ARG a =b", "arguments", "=b"),
    ("COPY a", "arguments", "a"),
    ("COPY a <<E\nE", "heredoc-target", "<<E"),
    ("COPY --link=x a b", "flag-value", "--link=x"),
    ("COPY --unknown a b", "flag-unknown", "--unknown"),
    ('CMD ["a", 1]', "json-mixed", '["a", 1]'),
    ("SHELL a b", "shell-form", "a b"),
    ("HEALTHCHECK curl", "healthcheck", "curl"),
    ("HEALTHCHECK NONE x", "arguments", "x"),
    ("HEALTHCHECK --interval=1 CMD a", "flag-value", "--interval=1"),
    ("HEALTHCHECK --retries=x CMD a", "flag-value", "--retries=x"),
    ("RUN --network=x a", "flag-value", "--network=x"),
    ("RUN --mount=from=$x a", "flag-value", "--mount=from=$x"),
    ('VOLUME ["", "a"]', "arguments", '""'),
    ("ONBUILD ONBUILD RUN a", "onbuild", "ONBUILD RUN a"),
    ("ONBUILD FROM a", "onbuild", "FROM a"),
    ("FROM a b", "arguments", "a b"),
    ("FROM a AS 1", "stage-name", "1"),
    ("USER", "arguments", "USER"),
]


@pytest.mark.parametrize(("line", "code", "place"), CASES, ids=[f"{line}" for line, *_ in CASES])
def test_problems(line: str, code: str, place: str) -> None:
    file = parse(f"FROM x\n{line}\nRUN after\n")
    (problem,) = [one for one in file.problems if one.code != "heredoc-open"]
    assert (problem.code, file.source.of(problem.span), problem.gravity) == (code, place, Gravity.ERROR)
    assert file.source.position(problem.span.start).line == 2
    assert [one.name for one in file.instructions][-1] == "RUN"


def test_several_problems_of_one_instruction() -> None:
    file = parse("FROM x\nCOPY --a --link=x b\n")
    assert [one.code for one in file.problems] == ["flag-unknown", "flag-value", "arguments"]
    assert isinstance(file.instructions[1], Broken)


def test_a_wrong_flag_does_not_break_the_instruction() -> None:
    file = parse("FROM x\nCOPY --a b c\n")
    assert not isinstance(file.instructions[1], Broken)
    assert len(file.errors) == 1


def test_what_is_wrong_inside_onbuild_is_a_warning() -> None:
    file = parse("FROM x\nONBUILD COPY a\nONBUILD FOO\n")
    assert [(one.code, one.gravity) for one in file.problems] == [
        ("arguments", Gravity.WARNING),
        ("instruction-unknown", Gravity.WARNING),
    ]
    assert all(isinstance(one, Onbuild) for one in file.instructions[1:])
