"""What words of a Dockerfile become, at the place where they stand."""

from __future__ import annotations

import pytest

from lading.dockerfile.instruction import Onbuild, Workdir
from lading.dockerfile.parse import parse
from lading.lint import variables as module
from lading.lint.variables import Variables

# The Dockerfile, and what its WORKDIRs become, in order.
EXPANDED = [
    pytest.param("FROM a\nWORKDIR /x", ["/x"], id="plain"),
    pytest.param("FROM a\nENV A=b\nWORKDIR /$A/${A}c", ["/b/bc"], id="env"),
    pytest.param("FROM a\nARG A=b\nWORKDIR $A", ["b"], id="default of an argument"),
    pytest.param("FROM a\nARG A\nWORKDIR /$A", [None], id="argument without default"),
    pytest.param("FROM a\nWORKDIR /$A\nENV A=b", [None], id="set later"),
    pytest.param("FROM a\nENV A=b\nWORKDIR $A\nENV A=c\nWORKDIR $A", ["b", "c"], id="set twice"),
    pytest.param("FROM a\nWORKDIR ${A:-b}\nWORKDIR ${A:+b}", ["b", ""], id="modifiers give a value"),
    pytest.param("FROM a\nWORKDIR ${A#b}", [None], id="modifiers that need one"),
    pytest.param("FROM a\nENV A=b\nWORKDIR ${A/b/c}", ["c"], id="replacement"),
    pytest.param("FROM a\nWORKDIR '$A' \"x\"", ["$A x"], id="quotes"),
    pytest.param('FROM a\nWORKDIR "$A', [None], id="open quote"),
    pytest.param("FROM a\nWORKDIR ${A?no}", [None], id="an error"),
    pytest.param("ARG A=b\nFROM a\nWORKDIR $A", [None], id="before FROM, not taken over"),
    pytest.param("ARG A=b\nFROM a\nARG A\nWORKDIR $A", ["b"], id="before FROM, taken over"),
    pytest.param("FROM a AS b\nENV A=c\nFROM b\nWORKDIR $A", ["c"], id="from the stage beneath"),
    pytest.param("FROM a AS b\nENV A=c\nFROM d\nWORKDIR $A", [None], id="not from another stage"),
    pytest.param("FROM a\nENV A=b $A=c\nENV N=M $N=x\nWORKDIR $M", [None], id="names see what was before"),
    pytest.param("FROM a\nENV N=M\nENV $N=x\nWORKDIR $M", ["x"], id="names with variables"),
    pytest.param("# escape=`\nFROM a\nENV A=b\nWORKDIR c:\\$A`$A", ["c:\\b$A"], id="another escape"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), EXPANDED)
def test_words_become(text: str, paths: list[str | None]) -> None:
    file = parse(text)
    variables = Variables(file)
    found = [one for one in file.instructions if isinstance(one, Workdir)]
    assert [variables.expanded(one.path.value, one) for one in found] == paths


def test_from_sees_arguments_before_it_and_platforms() -> None:
    file = parse("ARG A=b\nFROM $A:$TARGETOS\nARG A=c\nFROM $A")
    variables = Variables(file)
    first, second = file.stages
    assert variables.base(first).image == "b:linux"
    assert variables.base(second).image == "b"
    assert variables.expanded("$A", second.base) == "b"
    assert dict(variables.at(first.instructions[0])) == {}


def test_inside_onbuild() -> None:
    file = parse("FROM a\nENV A=b\nONBUILD WORKDIR $A")
    outer = file.instructions[2]
    assert isinstance(outer, Onbuild)
    assert Variables(file).expanded("$A", outer.inner) == "b"


def test_a_mapping_of_what_is_known() -> None:
    file = parse("FROM a\nENV A=b\nENV C=d\nRUN x")
    known = Variables(file).at(file.instructions[2])
    assert dict(known) == {"A": "b"}
    assert len(known) == 1
    assert "C" not in known
    with pytest.raises(KeyError, match="C"):
        known["C"]


def test_problems_of_arguments_are_kept() -> None:
    file = parse("FROM a\nENV A=${B?needed}\n")
    assert [one.message for one in Variables(file).problems] == ["B: needed"]


def test_what_all_words_may_come_to_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CHARACTERS", 10)
    file = parse("FROM a\nENV A=1234\nRUN x")
    variables = Variables(file)
    run = file.instructions[-1]
    assert [variables.expanded("$A", run) for _ in range(4)] == ["1234", "1234", None, None]
    assert variables.expanded("plain", run) == "plain"


HOSTILE = {
    "assignments": "FROM a\n" + "ENV A=b\n" * 20_000,
    "names": "FROM a\n" + "".join(f"ENV A{n}=b\n" for n in range(20_000)),
    "stages with arguments before": "".join(f"ARG A{n}=b\n" for n in range(5000)) + "FROM a\n" * 5000,
    "stages in a chain": "FROM a AS s0\nENV A=b\n" + "".join(f"FROM s{n} AS s{n + 1}\nENV B{n}=c\n" for n in range(1000)),
    "growth": "FROM a\nENV A=xxxxxxxxxx\n" + "ENV A=$A$A$A$A$A$A$A$A\n" * 100,
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(180)
def test_hostile_files_are_read_in_time(text: str) -> None:
    file = parse(text)
    variables = Variables(file)
    for one in file.instructions[:1000]:
        variables.expanded("$A$B$A17", one)
