from __future__ import annotations

from typing import Any

import pytest

from lading.dockerfile import scope
from lading.dockerfile.instruction import Arg, From
from lading.dockerfile.parse import parse
from lading.dockerfile.scope import Base, Given, walk


def _seen(text: str, given: Given | None = None, names: str = "xyz") -> list[tuple[Any, ...]]:
    """Return, for each instruction, its name and what x, y and z are worth before it."""
    return [
        (step.instruction.name, *(step.scope.values.get(name) for name in names))
        for step in walk(parse(text), given)
    ]


def test_argument_with_default() -> None:
    assert _seen("FROM a\nARG x=1\nRUN b\n", names="x") == [("FROM", None), ("ARG", None), ("RUN", "1")]


def test_argument_given() -> None:
    given = Given(arguments={"x": "2", "y": "3"})
    assert _seen("FROM a\nARG x=1 y\nRUN b\n", given, "xy")[-1] == ("RUN", "2", "3")
    assert _seen("FROM a\nRUN b\n", given, "xy")[-1] == ("RUN", None, None)


def test_arguments_before_from_are_for_from_until_taken_over() -> None:
    text = "ARG x=1\nARG y=$x.2\nFROM a:$x\nRUN b\nARG x\nRUN c\nARG y=other\nRUN d\nFROM b\nRUN e\n"
    assert _seen(text, names="xy") == [
        ("ARG", None, None),
        ("ARG", "1", None),
        ("FROM", "1", "1.2"),
        ("RUN", None, None),
        ("ARG", None, None),
        ("RUN", "1", None),
        ("ARG", "1", None),
        ("RUN", "1", "other"),
        ("FROM", "1", "1.2"),
        ("RUN", None, None),
    ]


def test_env_sees_what_was_before_it_and_arg_sees_itself() -> None:
    text = "FROM a\nENV x=1\nENV x=2 y=$x\nARG z=$y w=$z\nRUN b\n"
    assert _seen(text, names="xyzw")[-1] == ("RUN", "2", "1", "1", "1")


def test_env_in_old_form_and_with_quotes() -> None:
    text = "FROM a\nENV x a  b\nENV y=\"$x 'c'\" z='$x'\nRUN b\n"
    assert _seen(text)[-1] == ("RUN", "a  b", "a  b 'c'", "$x")


def test_stage_upon_stage_inherits_and_env_wins_over_arg() -> None:
    text = "FROM a AS One\nENV x=1\nARG y=2\nARG x=3\nRUN b\nFROM one\nRUN c\nFROM a\nRUN d\n"
    runs = [seen for seen in _seen(text) if seen[0] == "RUN"]
    assert runs == [("RUN", "3", "2", None), ("RUN", "1", "2", None), ("RUN", None, None, None)]


def test_platform_arguments() -> None:
    given = Given(build="linux/amd64", target="linux/arm/v7")
    text = "FROM --platform=$BUILDPLATFORM a\nARG TARGETARCH\nARG TARGETVARIANT TARGETSTAGE\nRUN b\n"
    names = ["TARGETARCH", "TARGETVARIANT", "TARGETSTAGE", "BUILDPLATFORM", "TARGETOSVERSION"]
    seen = _seen(text, given, names)  # type: ignore[arg-type]  # any iterable of names will do
    assert seen[0] == ("FROM", "arm", "v7", "default", "linux/amd64", "")
    assert seen[-1] == ("RUN", "arm", "v7", "default", None, None)
    assert _seen(text + "FROM b AS last\n", given, ["TARGETSTAGE"])[0][1] == "last"  # type: ignore[arg-type]
    overridden = Given(arguments={"TARGETARCH": "mine"}, stage="one")
    assert _seen(text, overridden, names)[0][1:4] == ("mine", "", "one")  # type: ignore[arg-type]


def test_bases() -> None:
    text = (
        "ARG v=1\nFROM debian:$v AS a\nFROM a\nFROM A AS b\nFROM scratch\nFROM $none\nFROM ${v:?}\nFROM ${v?x\n"
        "FROM --platform=$none a\n"
    )
    steps = [step for step in walk(parse(text)) if isinstance(step.instruction, From)]
    assert [step.base for step in steps] == [
        Base("debian:1"),
        Base("a", 0),
        Base("A", 0),
        Base("scratch"),
        Base(""),
        Base("1"),
        Base(""),
        Base("a", 0),
    ]
    assert [[problem.code for problem in step.problems] for step in steps] == [
        *([[]] * 4),
        ["base-empty"],
        [],
        ["variable"],
        ["base-empty"],
    ]


def test_open_scopes() -> None:
    text = "FROM a AS x\nRUN b\nFROM scratch\nRUN c\nFROM x\nRUN d\nFROM scratch AS y\nFROM y\nRUN e\n"
    steps = [step for step in walk(parse(text)) if step.instruction.name == "RUN"]
    assert [step.scope.is_open for step in steps] == [True, False, True, False]


def test_declared() -> None:
    text = "FROM a\nARG x\nENV y=1\nRUN b\n"
    names = [dict(step.scope.declared) for step in walk(parse(text))][-1]
    assert {name: parse(text).source.of(word.span) for name, word in names.items()} == {"x": "x", "y": "y"}


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("ENV x=${y:?gone}", ["${y:?gone}"]),
        ('ENV x=a y="${', ['"${']),
        ("ARG x=${y", ["${y"]),
        ("ENV x=${y!z} z=${a!}", ["${y!z}", "${a!}"]),
        ("ENV x=1", []),
    ],
)
def test_variables_that_cannot_be_worked_out(line: str, places: list[str]) -> None:
    file = parse(f"FROM scratch\n{line}\nRUN a\n")
    steps = list(walk(file))
    problems = steps[1].problems
    assert [file.source.of(problem.span) for problem in problems] == places
    assert {problem.code for problem in problems} <= {"variable"}
    assert len(steps) == 3


def test_doubling_ends() -> None:
    lines = ["ARG a0=xxxxxxxxxx", *(f"ARG a{n}=$a{n - 1}$a{n - 1}" for n in range(1, 500))]
    steps = list(walk(parse("FROM scratch\n" + "\n".join(lines) + "\nRUN b\n")))
    assert len(steps) == 502
    assert sum(len(step.problems) for step in steps) >= 1
    assert sum(map(len, steps[-1].scope.values.values())) < scope.MAX_CHARACTERS


def test_many_stages_upon_each_other_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "MAX_INHERITED", 1000)
    lines = [f"FROM s{n} AS s{n + 1}\nENV v{n}=1" for n in range(500)]
    steps = list(walk(parse("FROM scratch AS s0\nENV x=1\n" + "\n".join(lines))))
    assert len(steps) == 1002
    assert steps[-1].scope.is_open
    assert steps[21].scope.values["x"] == "1"


def test_broken_instructions_change_nothing() -> None:
    assert _seen("FROM a\nENV x=1\nENV y\nARG =\nFOO\nRUN b\n")[-1] == ("RUN", "1", None, None)
    assert [type(step.instruction) for step in walk(parse("ARG x\n"))] == [Arg]
    assert list(walk(parse(""))) == []
