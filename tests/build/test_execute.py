from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lading.build import execute, plan
from lading.build.bases import Bases
from lading.build.chain import LayerRef, key_of
from lading.build.events import Begun, Ended, Event
from lading.build.execute import Finished, Situation, Workshop
from lading.build.plan import Base
from lading.build.step_cache import StepCache
from lading.dockerfile.instruction import Run
from lading.dockerfile.parse import parse
from lading.dockerfile.scope import Given
from lading.errors import FailedError, MalformedError, StoppedError
from lading.oci.image import OCI_LAYER, Image, Platform
from lading.oci.store import Store
from lading.oci.target import Target

AMD64 = Platform("linux", "amd64")


def _changes(_: Situation) -> bool:
    return True


def _slow(_: Situation) -> bool:
    time.sleep(0.5)
    return True


class Command:
    """A RUN whose command is a Python function of this test, by its first word."""

    def __init__(self, situation: Situation, work: Callable[[Situation], bool], outcome: str) -> None:
        self._situation = situation
        self._outcome = outcome
        self._work = work
        self.key = key_of(situation.chain.key, situation.step.text)
        self.told = f"did {situation.step.text}"
        self.lasts = "unsteady" not in situation.step.text

    def make(self) -> LayerRef | None:
        if not self._work(self._situation):
            return None
        digest = f"sha256:{key_of(self._situation.step.text)}"
        diff_id = f"sha256:{key_of(self._situation.step.text, self._outcome)}"
        return LayerRef(digest=digest, diff_id=diff_id, size=1, media_type=OCI_LAYER)


class Site:
    """A place to build at, and what happened there."""

    def __init__(self, folder: Path, **work: Callable[[Situation], bool]) -> None:
        self.folder = folder
        self.work = work
        self.done: list[str] = []
        self.events: list[Event] = []
        self.stopped = 0
        self.outcome = ""
        self.look: Callable[[Situation], None] = lambda _at: None

    def build(
        self, text: str, *, use_cache: bool = True, fresh: str = "", jobs: int = 2, now: str = "2026"
    ) -> Finished:
        store = Store(self.folder / "images")
        bases = Bases(store, _nothing, AMD64, contexts={})
        made = plan.make(parse(text), Given(), frozenset(), lambda _source: Base())
        shop = Workshop(
            store=store, cache=StepCache(self.folder / "cache"), bases=bases, prepare={Run: self._prepare}, platform=AMD64,
            source="Dockerfile", tell=self.events.append, now=lambda: now, on_stop=self._stop, use_cache=use_cache,
            fresh=frozenset(fresh.split()), jobs=jobs,
        )  # fmt: skip
        self.events.clear()
        return execute.build(made, shop)

    def _prepare(self, situation: Situation) -> Command:
        self.look(situation)
        name = situation.step.text.split()[1]

        def work(at: Situation) -> bool:
            made = self.work.get(name, _changes)(at)
            self.done.append(name)
            if made:
                place = Store(self.folder / "images").place(f"sha256:{key_of(at.step.text)}")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(b"x")
            return made

        return Command(situation, work, self.outcome)

    def _stop(self) -> None:
        self.stopped += 1


def _nothing(target: Target, _: Platform) -> Image:
    raise AssertionError(target)


def test_steps_make_layers_history_and_config(tmp_path: Path) -> None:
    site = Site(tmp_path, nothing=lambda _at: False)
    finished = site.build("FROM scratch\nARG a=1\nENV x=$a\nRUN one\nRUN nothing\nUSER me\n")
    chain = finished.chain
    assert [entry["created_by"] for entry in chain.history] == [
        "ARG a=1", "ENV x=1", "did RUN one", "did RUN nothing", "USER me",
    ]  # fmt: skip
    assert [entry.get("empty_layer", False) for entry in chain.history] == [True, True, False, True, True]
    (layer,) = chain.layers
    assert layer.annotations == {
        "dev.lading.dockerfile.line": "4", "dev.lading.dockerfile.path": "Dockerfile", "dev.lading.dockerfile.stage": "0",
    }  # fmt: skip
    assert chain.state.execution == {"Env": ["x=1"], "User": "me"}
    assert (len(finished.steps), finished.cached, finished.created, site.done) == (
        5,
        0,
        "2026",
        ["one", "nothing"],
    )
    assert [event.text for event in site.events if isinstance(event, Begun)] == [
        "ARG a=1", "ENV x=$a", "RUN one", "RUN nothing", "USER me",
    ]  # fmt: skip
    assert [event.size for event in site.events if isinstance(event, Ended)] == [-1, -1, 1, -1, -1]


def test_what_is_known_is_not_done_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first = site.build("FROM scratch\nRUN one\nLABEL a=b\nRUN two\n", now="2025")
    again = site.build("FROM scratch\n\n# moved\nRUN one\nLABEL a=b\nRUN two\n")
    assert (again.cached, again.created, site.done) == (3, "2025", ["one", "two"])
    assert again.chain.history == first.chain.history
    assert again.chain.layers[0].annotations["dev.lading.dockerfile.line"] == "4"
    changed = site.build("FROM scratch\nRUN one\nLABEL a=c\nRUN two\n")
    assert (changed.cached, changed.created, site.done) == (1, "2026", ["one", "two", "two"])
    site.build("FROM scratch\nRUN one\n", use_cache=False)
    assert site.done == ["one", "two", "two", "one"]


def test_a_known_step_whose_layer_is_gone_is_done_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    finished = site.build("FROM scratch\nRUN one\n")
    Store(tmp_path / "images").place(finished.chain.layers[0].digest).unlink()
    assert site.build("FROM scratch\nRUN one\n").cached == 0
    assert site.done == ["one", "one"]


def test_stages_are_built_side_by_side(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=30)
    site = Site(tmp_path, a=lambda _at: meeting.wait() >= 0, b=lambda _at: meeting.wait() >= 0)
    text = "FROM scratch AS one\nRUN a\nFROM scratch AS two\nRUN b\nFROM one\nCOPY --from=two /x /x\n"
    finished = site.build(text)
    assert len(finished.chain.layers) == 1
    assert len(finished.steps) == 3


def test_a_stage_waits_for_what_it_takes(tmp_path: Path) -> None:
    seen: list[int] = []
    site = Site(tmp_path)
    site.look = lambda at: seen.append(len(at.finished(0).layers)) if "look" in at.step.text else None
    site.build("FROM scratch AS one\nRUN a\nRUN b\nFROM scratch\nRUN look\nCOPY --from=one /x /x\n", jobs=1)
    assert seen == [2]


def test_waiting_for_a_stage_is_no_part_of_a_step(tmp_path: Path) -> None:
    site = Site(tmp_path, slow=_slow)
    site.build("FROM scratch AS a\nRUN slow\nFROM scratch\nRUN --mount=from=a,target=/a take\n")
    shown = [(type(event).__name__, event.stage) for event in site.events if isinstance(event, Begun | Ended)]
    assert shown == [("Begun", "a"), ("Ended", "a"), ("Begun", "1"), ("Ended", "1")]
    (_, take) = [event for event in site.events if isinstance(event, Ended)]
    assert take.seconds < 0.4


@pytest.mark.parametrize(
    ("fresh", "done"),
    [
        ("", []),
        ("a", ["one", "two"]),  # what is built upon it has to be made upon what is new
        ("b", ["two"]),
        ("2", ["--mount=from=b,target=/b"]),
    ],
)
def test_stages_that_are_made_afresh(tmp_path: Path, fresh: str, done: list[str]) -> None:
    text = (
        "FROM scratch AS a\nRUN one\nFROM a AS b\nRUN two\nFROM scratch\nRUN --mount=from=b,target=/b three\n"
    )
    site = Site(tmp_path)
    site.build(text)
    site.done.clear()
    site.build(text, fresh=fresh)
    assert site.done == done


def test_the_first_failure_stops_the_others(tmp_path: Path) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    def fail(_: Situation) -> bool:
        begun.wait(30)
        raise FailedError("exit status 1")

    def slow(_: Situation) -> bool:
        begun.set()
        return go_on.wait(30)

    site = Site(tmp_path, fail=fail, slow=slow)
    site._stop = go_on.set  # type: ignore[method-assign]  # what it stops
    text = "FROM scratch AS one\nRUN slow\nRUN never\nFROM scratch\nRUN fail\nCOPY --from=one /x /x\n"
    with pytest.raises(FailedError, match=r"^line 5: exit status 1$"):
        site.build(text)
    assert "never" not in site.done


def test_what_waits_for_a_stage_that_fails_fails_with_it(tmp_path: Path) -> None:
    def fail(_: Situation) -> bool:
        raise FailedError("exit status 1")

    with pytest.raises(FailedError, match=r"^line 2: exit status 1$"):
        Site(tmp_path, fail=fail).build("FROM scratch AS one\nRUN fail\nFROM one\nRUN x\n")


def test_an_instruction_that_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match=r"^line 3: not a port: 'x'"):
        Site(tmp_path).build("FROM scratch\nRUN one\nEXPOSE x\n")


def test_what_has_come_to_its_end_is_not_stopped(tmp_path: Path) -> None:
    """What it was done with may be of use to another build, for another platform."""
    site = Site(tmp_path)
    site.build("FROM scratch\nRUN one\n")
    assert site.stopped == 0


def test_what_is_built_upon_one_outcome_of_a_command_is_not_taken_upon_another(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first = site.build("FROM scratch\nRUN one\nRUN two\n")
    site.outcome = "another"
    Store(tmp_path / "images").place(first.chain.layers[0].digest).unlink()
    again = site.build("FROM scratch\nRUN one\nRUN two\n")
    assert (again.cached, site.done) == (0, ["one", "two", "one", "two"])


@pytest.mark.parametrize("use_cache", [True, False])
@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_a_step_that_stages_have_in_common_is_done_once(
    tmp_path: Path, jobs: int, *, use_cache: bool
) -> None:
    def slow(_: Situation) -> bool:
        time.sleep(0.1)
        return True

    site = Site(tmp_path, same=slow)
    text = "".join(f"FROM scratch AS s{number}\nRUN same\nRUN own{number}\n" for number in range(8))
    copies = "".join(f"COPY --from=s{number} /x /x\n" for number in range(8))
    finished = site.build(f"{text}FROM scratch\n{copies}", jobs=jobs, use_cache=use_cache)
    assert site.done.count("same") == 1
    assert (len(site.done), finished.cached) == (9, 7)


def test_a_common_step_that_fails_is_told_once_and_not_tried_again(tmp_path: Path) -> None:
    tried = []

    def fail(_: Situation) -> bool:
        tried.append(1)
        time.sleep(0.1)
        raise FailedError("exit status 1")

    text = "FROM scratch AS one\nRUN same\nFROM scratch\nRUN same\nCOPY --from=one /x /x\n"
    with pytest.raises(FailedError, match=r"^line [24]: exit status 1$"):
        Site(tmp_path, same=fail).build(text)
    assert tried == [1]


def test_the_error_that_came_first_is_told(tmp_path: Path) -> None:
    later = threading.Event()

    def fail_later(_: Situation) -> bool:
        later.wait(30)
        raise FailedError("broken by the end of the other")

    def fail(_: Situation) -> bool:
        raise FailedError("exit status 1")

    site = Site(tmp_path, fail=fail, later=fail_later)
    site._stop = later.set  # type: ignore[method-assign]  # what ends the other
    with pytest.raises(FailedError, match=r"^line 4: exit status 1$"):
        site.build("FROM scratch AS one\nRUN later\nFROM scratch\nRUN fail\nCOPY --from=one /x /x\n")


def test_what_has_read_something_that_was_changed_is_done_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for _ in range(2):
        finished = site.build("FROM scratch\nRUN unsteady\nRUN other\n")
        assert len(finished.steps) == 1
    assert site.done == ["unsteady", "other", "unsteady"]


def test_who_interrupts_again_is_heeded_at_once(tmp_path: Path) -> None:
    go_on = threading.Event()
    stopped = []

    def slow(_: Situation) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        assert go_on.wait(30)
        raise StoppedError("the command was stopped")

    def stop() -> None:
        stopped.append(1)
        if len(stopped) == 1:  # it takes its time
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        else:
            go_on.set()

    site = Site(tmp_path, slow=slow)
    site._stop = stop  # type: ignore[method-assign]  # what it stops
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            site.build("FROM scratch\nRUN slow\n")
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(stopped) == 2
    assert "stage" not in "".join(thread.name for thread in threading.enumerate())
