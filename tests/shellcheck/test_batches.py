from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import pytest

import needs
from lading.errors import LimitError, MalformedError, UnavailableError
from lading.shellcheck import batches
from lading.shellcheck.answer import Answer, Comment
from lading.shellcheck.batches import Batches
from lading.shellcheck.program import Program

FAULTLESS = batches._FAULTLESS
Comments = tuple[Comment, ...]


def comment(code: int) -> Comment:
    return Comment(1, 1, 1, 1, "info", code, "told")


class Asked:
    """Stands for ShellCheck: a script of digits is told of by that code, others do what their name says."""

    def __init__(self) -> None:
        self.runs: list[list[str]] = []
        self.times: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, scripts: Sequence[str], timeout_s: float) -> list[Comments]:
        with self._lock:
            self.runs.append(list(scripts))
            self.times.append(timeout_s)
        if "hangs" in scripts:
            raise LimitError("takes too long", "shellcheck")
        if "kills" in scripts:
            raise UnavailableError("ends with status -11: and says nothing", "shellcheck")
        if "breaks" in scripts:
            raise ZeroDivisionError
        return [() if one == FAULTLESS else (comment(int(one)),) for one in scripts]

    @property
    def scripts(self) -> list[str]:
        return sorted(one for run in self.runs for one in run)


def codes(answers: Sequence[Answer]) -> list[int | str]:
    return [one.problem or sum(each.code for each in one.comments) for one in answers]


def test_each_script_is_asked_about_once() -> None:
    asked = Asked()
    many = Batches(asked, jobs=3)
    many.begin(["1", "2", "1"])
    assert codes(many.ask(["2", "1", "3", "2"])) == [2, 1, 3, 2]
    assert codes(many.ask(["3"])) == [3]
    assert many.ask([]) == []
    assert asked.scripts == ["1", "2", "3"]
    many.close()


def test_many_scripts_are_few_runs() -> None:
    asked = Asked()
    many = Batches(asked, jobs=2)
    numbers = [str(number) for number in range(1000)]
    assert codes(many.ask(numbers)) == list(range(1000))
    assert len(asked.runs) == 16
    assert {len(run) for run in asked.runs} == {64, 1000 - 15 * 64}
    assert all(run == sorted(run, key=int) for run in asked.runs)
    assert max(asked.times) == batches.TIMEOUT_S + 64 * batches._PER_SCRIPT_S


@pytest.mark.parametrize(("count", "jobs", "sizes"), [(1, 4, [1]), (9, 4, [8, 1]), (40, 4, [10] * 4), (130, 1, [64, 64, 2])])  # fmt: skip
def test_all_processes_have_work(count: int, jobs: int, sizes: list[int]) -> None:
    asked = Asked()
    Batches(asked, jobs=jobs).ask([str(number) for number in range(count)])
    assert sorted((len(run) for run in asked.runs), reverse=True) == sizes


def test_long_scripts_do_not_share_a_run() -> None:
    asked = Asked()
    scripts = [f"{number:{batches.MAX_CHARACTERS}}" for number in range(5)]
    assert codes(Batches(asked, jobs=1).ask(scripts)) == [0, 1, 2, 3, 4]
    assert [len(run) for run in asked.runs] == [2, 2, 1]


def test_a_script_beyond_the_limit_is_not_handed_over() -> None:
    asked = Asked()
    answers = Batches(asked).ask(["1" * (batches.MAX_CHARACTERS + 1), "7"])
    assert codes(answers) == ["are longer than 32768 characters and were not handed to ShellCheck", 7]
    assert asked.scripts == ["7"]


@pytest.mark.parametrize(
    ("bad", "told"), [("hangs", "are beyond ShellCheck: it takes too long"), ("kills", "are beyond ShellCheck: it ends with status -11: and says nothing")]
)  # fmt: skip
def test_a_bad_script_costs_no_other_its_comments(bad: str, told: str) -> None:
    asked = Asked()
    many = Batches(asked, jobs=1)
    assert codes(many.ask(["1", "2", bad, "3"])) == [1, 2, told, 3]
    assert many.broken is None
    assert asked.runs == [["1", "2", bad, "3"], [FAULTLESS], ["1"], ["2"], [bad], [FAULTLESS], ["3"]]
    assert codes(many.ask([bad])) == [told]
    assert len(asked.runs) == 7


def test_a_broken_program_is_asked_no_more() -> None:
    runs: list[Sequence[str]] = []

    def broken(scripts: Sequence[str], _: float) -> list[Comments]:
        runs.append(scripts)
        raise MalformedError("ShellCheck's output cannot be read: nothing")

    many = Batches(broken, jobs=1)
    numbers = [str(number) for number in range(200)]
    assert set(codes(many.ask(numbers))) == {0}
    assert isinstance(many.broken, MalformedError)
    assert len(runs) == 2
    assert codes(many.ask(["201"])) == [0]
    assert len(runs) == 2


def test_a_program_that_finds_faults_everywhere_is_no_shellcheck() -> None:
    def odd(scripts: Sequence[str], _: float) -> list[Comments]:
        if len(scripts) > 1:
            raise UnavailableError("ends with status 5", "odd")
        return [(comment(1),)]

    many = Batches(odd, jobs=1)
    assert codes(many.ask(["1", "2"])) == [0, 0]
    assert str(many.broken) == "ShellCheck finds faults where there are none"


def test_time_is_lost_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_LOST_S", 0.0)
    asked = Asked()
    many = Batches(asked, jobs=1)
    assert set(codes(many.ask(["1", "hangs", "2"]))) == {0}
    assert asked.runs == [["1", "hangs", "2"]]
    assert "given up after 0 s" in str(many.broken)


def test_nobody_waits_for_what_fails_in_an_unforeseen_way(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda given: told.append(given.exc_type))
    many = Batches(Asked(), jobs=1)
    assert set(codes(many.ask(["breaks", *map(str, range(200))]))) == {0}
    assert "a fault of Lading's" in str(many.broken)
    many.close()
    assert told == [ZeroDivisionError]


def test_closing_gives_up_what_waits() -> None:
    begun, go_on = threading.Event(), threading.Event()
    runs: list[Sequence[str]] = []

    def slow(scripts: Sequence[str], _: float) -> list[Comments]:
        runs.append(scripts)
        begun.set()
        go_on.wait()
        return [(comment(9),)] * len(scripts)

    many = Batches(slow, jobs=1)
    numbers = [str(number) for number in range(100)]
    many.begin(numbers)
    begun.wait()
    closing = threading.Thread(target=many.close)
    closing.start()
    while not many._is_closed:
        pass
    go_on.set()
    closing.join()
    assert codes(many.ask(numbers)) == [9] * 64 + [0] * 36
    assert codes(many.ask(["new"])) == [0]
    assert len(runs) == 1
    assert many.broken is None


def test_answers_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_MAX_KEPT", 10)
    asked = Asked()
    many = Batches(asked, jobs=1)
    numbers = [str(number) for number in range(30)]
    assert codes(many.ask(numbers)) == list(range(30))
    assert len(many._cases) == 10
    assert codes(many.ask(["29", "0"])) == [29, 0]
    assert asked.scripts == sorted([*numbers, "0"])


def test_many_ask_at_once() -> None:
    asked = Asked()
    many = Batches(asked, jobs=2)
    numbers = [str(number) for number in range(300)]
    found: list[list[int | str]] = []
    threads = [threading.Thread(target=lambda: found.append(codes(many.ask(numbers)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [list(range(300))] * 8
    assert asked.scripts == sorted(numbers)


def test_with_shellcheck_itself() -> None:
    program = Program(needs.shellcheck(), os.environ)
    many = Batches(program.run)
    scripts = [
        f"#!/bin/sh\necho {number} $foo\n" if number % 3 else f"#!/bin/sh\n: {number}\n"
        for number in range(200)
    ]
    answers = many.ask(scripts)
    assert [len(one.comments) for one in answers] == [2 if number % 3 else 0 for number in range(200)]
    assert many.broken is None
    many.close()
