from __future__ import annotations

import pytest

from lading.build import plan
from lading.build.plan import Base, ContextSource, ImageSource, Plan, Source, StageSource
from lading.dockerfile.parse import parse
from lading.dockerfile.scope import Given
from lading.errors import MalformedError, UnavailableError, UsageError

BASES = {
    "a": Base({"PATH": "/bin", "x": "of-a"}),
    "trigger": Base({}, ("COPY --from=one /x /x", "RUN echo $t")),
    "wrong": Base({}, ("BOGUS x",)),
    "from": Base({}, ("RUN x\nFROM b",)),
}


def _plan(text: str, given: Given | None = None, contexts: tuple[str, ...] = ()) -> Plan:
    def look_up(source: ImageSource | ContextSource) -> Base:
        if source.name not in BASES:
            raise UnavailableError("there is no such image", hint="look")
        return BASES[source.name]

    return plan.make(parse(text), given or Given(), frozenset(contexts), look_up)


def _stages(made: Plan) -> list[tuple[str, Source | None, list[str]]]:
    return [(stage.title, stage.base, [step.text for step in stage.steps]) for stage in made.stages]


def test_only_what_the_target_needs() -> None:
    text = (
        "FROM a AS one\nRUN 1\nFROM nowhere AS unused\nRUN $\nFROM one AS two\nRUN 2\n"
        "FROM a\nCOPY --from=2 /x /y\nRUN --mount=type=bind,from=one,target=/m 3\n"
    )
    made = _plan(text)
    assert _stages(made) == [
        ("one", ImageSource("a"), ["RUN 1"]),
        ("two", StageSource(0), ["RUN 2"]),
        ("3", ImageSource("a"), ["COPY --from=2 /x /y", "RUN --mount=type=bind,from=one,target=/m 3"]),
    ]
    assert [stage.needs for stage in made.stages] == [frozenset(), frozenset({0}), frozenset({0, 2})]
    assert made.target.steps[0].sources == {"2": StageSource(2)}
    assert made.target.steps[1].sources == {"one": StageSource(0)}


@pytest.mark.parametrize(("stage", "titles"), [("ONE", ["one"]), ("0", ["one"]), ("1", ["one", "1"])])
def test_a_target(stage: str, titles: list[str]) -> None:
    made = _plan("FROM a AS one\nFROM one\nFROM nowhere\n", Given(stage=stage))
    assert [stage.title for stage in made.stages] == titles


@pytest.mark.parametrize("stage", ["nobody", "3", "-1", "٠"])
def test_a_target_that_there_is_not(stage: str) -> None:
    with pytest.raises(UsageError, match="there is no stage") as caught:
        _plan("FROM a AS one\nFROM one\nFROM a\n", Given(stage=stage))
    assert caught.value.hint == "the stages are one, 1, 2"


def test_variables_of_base_arguments_and_environment() -> None:
    text = "ARG v=1\nFROM a\nARG v\nARG x=arg\nENV y=$x-$v\nRUN z\nFROM 0\nFROM a AS b\nRUN z\n"
    made = _plan(text, Given(stage="0", arguments={"v": "2", "q": "3"}))
    run = made.target.steps[-1]
    assert run.words.values == {"PATH": "/bin", "x": "arg", "v": "2", "y": "arg-2"}
    assert run.arguments == {"v": "2"}
    assert made.unused == ("q",)


def test_platforms_and_contexts() -> None:
    text = "FROM --platform=$BUILDPLATFORM a AS one\nFROM scratch\nCOPY --from=named / /\nCOPY --from=other / /\nCOPY --from=one / /\n"
    made = _plan(text, Given(build="linux/arm64"), ("named", "one"))
    assert [stage.base for stage in made.stages] == [None]
    assert [step.sources for step in made.target.steps] == [
        {"named": ContextSource("named")}, {"other": ImageSource("other")}, {"one": ContextSource("one")},
    ]  # fmt: skip
    made = _plan(text, Given(build="linux/arm64"))
    assert [stage.base for stage in made.stages] == [ImageSource("a", "linux/arm64"), None]


def test_a_context_comes_before_an_image() -> None:
    BASES["ctx"] = Base({"k": "v"})
    made = _plan("FROM ctx\nRUN x\n", contexts=("ctx",))
    assert made.target.base == ContextSource("ctx")
    assert made.target.steps[0].words.values == {"k": "v"}


def test_triggers_of_the_base() -> None:
    made = _plan("FROM a AS one\nFROM trigger\nARG t=1\nRUN own\n")
    steps = made.target.steps
    assert [(step.text, step.line, step.trigger) for step in steps] == [
        ("COPY --from=one /x /x", 2, True), ("RUN echo $t", 2, True), ("ARG t=1", 3, False), ("RUN own", 4, False),
    ]  # fmt: skip
    assert made.target.needs == {0}


def test_triggers_of_a_stage() -> None:
    made = _plan("FROM a AS one\nONBUILD RUN later\nFROM one AS two\nFROM two\n")
    assert [[step.text for step in stage.steps] for stage in made.stages] == [
        ["ONBUILD RUN later"], ["RUN later"], [],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM a\nBOGUS\n", "line 2, column 1: there is no instruction BOGUS"),
        ("", "line 1, column 1: there are no instructions"),
        ("FROM a\nENV x=${y:?needed}\n", "line 2, column 7: .*needed"),
        ("FROM nowhere\n", "line 1: there is no such image"),
        ("FROM $nothing\n", "line 1, column 6: .* is empty"),
        ("FROM wrong\n", "line 1: the base image's ONBUILD: there is no instruction BOGUS"),
        ("FROM from\n", "line 1: the base image's ONBUILD has a FROM"),
        ("FROM a\nCOPY --from=0 /x /y\n", "line 2: from=0 is no stage before this one"),
        ("FROM a\nCOPY --from=b /x /y\nFROM a AS b\nFROM 0", "line 4: there is no such image"),
        (
            "FROM a AS c\nCOPY --from=b /x /y\nFROM a AS b\nFROM c",
            "line 2: from=b is no stage before this one",
        ),
    ],
)
def test_what_cannot_be_planned(text: str, message: str) -> None:
    with pytest.raises((MalformedError, UnavailableError), match=f"^{message}"):
        _plan(text)


def test_a_chain_of_stages() -> None:
    text = "FROM a AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\nRUN {n}\n" for n in range(499))
    assert len(_plan(text).stages) == 500
