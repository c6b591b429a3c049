from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from lading.cli.lsp_desk import Desk, Paper
from lading.lint import checking
from lading.lint.editor.look import Look, Task
from lading.lint.editor.places import Places
from lading.lint.hadolint_config import Config

WAIT_S = 30.0


class Room:
    """A desk whose looks wait until they may go on. begun, published: what has happened, in order."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.has_begun = threading.Event()
        self.begun: list[int] = []
        self.published: list[tuple[str, int | None]] = []
        self.desk = Desk(self._look, self._publish)

    def _look(self, paper: Paper) -> Look:
        self.begun.append(paper.version)
        self.has_begun.set()
        assert self.may_go_on.wait(WAIT_S)
        if paper.text == "broken":
            raise RuntimeError(paper.text)
        outcome = checking.check(paper.text.encode())
        return Look(paper.uri, paper.version, Task("Dockerfile", Config()), Places(paper.text), outcome)

    def _publish(self, uri: str, look: Look | None) -> None:
        self.published.append((uri, look.version if look else None))


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.may_go_on.set()
    made.desk.close()


def test_of_many_edits_the_first_and_the_last_are_looked_at(room: Room) -> None:
    room.desk.put(Paper("a", 0, "FROM a\n"))
    assert room.has_begun.wait(WAIT_S)
    for version in range(1, 500):
        room.desk.put(Paper("a", version, "FROM a\n"))
    room.may_go_on.set()
    look = room.desk.look("a", WAIT_S)
    assert look is not None
    assert look.version == 499
    assert room.begun == [0, 499]
    assert room.published == [("a", 499)], "what was said of the first is no longer true"


def test_a_look_is_taken_once(room: Room) -> None:
    room.may_go_on.set()
    room.desk.put(Paper("a", 1, "FROM a\n"))
    assert room.desk.look("a", WAIT_S) is room.desk.look("a", WAIT_S)
    assert room.begun == [1]


def test_who_asks_waits_for_what_is_newest(room: Room) -> None:
    room.desk.put(Paper("a", 1, "FROM a\n"))
    room.desk.put(Paper("a", 2, "FROM a\n"))
    threading.Timer(0.05, room.may_go_on.set).start()
    look = room.desk.look("a", WAIT_S)
    assert look is not None
    assert look.version == 2


def test_but_not_for_ever(room: Room) -> None:
    room.desk.put(Paper("a", 1, "FROM a\n"))
    assert room.desk.look("a", 0.01) is None


def test_a_file_that_was_closed(room: Room) -> None:
    room.desk.put(Paper("a", 1, "FROM a\n"))
    assert room.has_begun.wait(WAIT_S)
    room.desk.drop("a")
    room.desk.drop("a")
    assert room.desk.look("a", 0) is None
    room.desk.put(Paper("b", 1, "FROM b\n"))
    room.may_go_on.set()
    assert room.desk.look("b", WAIT_S) is not None
    assert room.published == [("a", None), ("b", 1)], "the look at what was closed says nothing"


def test_closed_and_opened_again(room: Room) -> None:
    room.may_go_on.set()
    room.desk.put(Paper("a", 1, "FROM a\n"))
    room.desk.drop("a")
    room.desk.put(Paper("a", 1, "FROM b:1\n"))
    look = room.desk.look("a", WAIT_S)
    assert look is not None
    assert look.places.text == "FROM b:1\n"
    assert room.published[-1] == ("a", 1)


def test_looking_again(room: Room) -> None:
    room.may_go_on.set()
    room.desk.put(Paper("a", 1, "FROM a\n"))
    room.desk.put(Paper("b", 1, "FROM b\n"))
    assert room.desk.look("b", WAIT_S) is not None
    room.desk.again()
    assert room.desk.look("b", WAIT_S) is not None
    assert room.published == [("a", 1), ("b", 1)] * 2


def test_a_look_that_breaks_ends_nothing_else(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    room.may_go_on.set()
    with caplog.at_level(logging.ERROR):
        room.desk.put(Paper("a", 1, "broken"))
        with pytest.raises(RuntimeError, match="broken"):
            room.desk.look("a", WAIT_S)
        room.desk.put(Paper("a", 2, "FROM a\n"))
        assert room.desk.look("a", WAIT_S) is not None
    assert [record.getMessage() for record in caplog.records] == ["internal error: RuntimeError('broken')"]


def test_what_waits_is_given_up_in_the_end(room: Room) -> None:
    room.desk.put(Paper("a", 1, "FROM a\n"))
    assert room.has_begun.wait(WAIT_S)
    room.desk.put(Paper("b", 1, "FROM b\n"))
    room.desk.close()
    room.may_go_on.set()
    assert room.begun == [1]
