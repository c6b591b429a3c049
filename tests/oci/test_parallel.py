from __future__ import annotations

import threading

import pytest

from lading.errors import MalformedError
from lading.oci import parallel


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
def test_everything_is_done_once(workers: int) -> None:
    things = list(range(20))
    assert sorted(parallel.each(lambda n: n * n, things, workers, "t")) == [(n, n * n) for n in things]
    assert list(parallel.each(str, [], workers, "t")) == []


def test_it_is_at_once() -> None:
    both = threading.Barrier(2, timeout=30)
    assert len(list(parallel.each(lambda _: both.wait(), [1, 2], 2, "t"))) == 2


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_ends_it(workers: int) -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        raise MalformedError("no good")

    with pytest.raises(MalformedError, match="no good"):
        list(parallel.each(work, range(100), workers, "t"))
    assert len(begun) <= 2 * workers


def test_what_breaks_in_an_unforeseen_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def work(number: int) -> None:
        raise KeyError(number)

    with pytest.raises(RuntimeError, match="t broke at"):
        list(parallel.each(work, [1, 2], 2, "t"))


def test_the_others_are_told_to_stop_and_waited_for() -> None:
    stop, began, ended = threading.Event(), threading.Event(), threading.Event()

    def work(number: int) -> None:
        if number == 0:
            began.set()
            assert stop.wait(30)
            ended.set()
        assert began.wait(30)
        raise MalformedError("no good")

    with pytest.raises(MalformedError, match="no good"):
        list(parallel.each(work, [0, 1], 2, "t", stop))
    assert ended.is_set()
