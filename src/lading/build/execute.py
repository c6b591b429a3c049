"""A plan is carried out: stages side by side, each step looked up first, and done where it is new."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from lading.build import image_config
from lading.build.bases import Bases
from lading.build.chain import Chain, LayerRef, key_of, place_notes
from lading.build.events import Begun, Ended, Tell
from lading.build.image_config import State
from lading.build.plan import Plan, StagePlan, StageSource, Step, place
from lading.build.step_cache import Record, StepCache
from lading.dockerfile.instruction import Arg, Instruction
from lading.errors import LadingError, StoppedError
from lading.oci.image import Platform
from lading.oci.store import Store

_GLANCE_S = 0.2


class Prepared(Protocol):
    """A step that brings files, ready to be looked up or done."""

    @property
    def key(self) -> str:
        """Return the digest of all that decides what it comes to, what lies below it included."""

    @property
    def told(self) -> str:
        """Return how the history calls it."""

    @property
    def lasts(self) -> bool:
        """Return whether what `make` has come to belongs to `key`: not where what it read was changed meanwhile."""

    def make(self) -> LayerRef | None:
        """Do it, and return its layer, without notes; None if no file has changed."""


class Situation(msgspec.Struct, frozen=True):
    """Where a step stands. number: of the step in its stage, from 1. finished: chains of stages before."""

    stage: StagePlan
    number: int
    step: Step
    chain: Chain
    state: State
    finished: Callable[[int], Chain]


# Given where a step stands, prepares what its kind of instruction does with files. What takes from other stages
# waits for them here: once at work, in one of the places for that, a step must not.
Prepare = Callable[[Situation], Prepared | None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """With what a plan is carried out.

    prepare: by kind of instruction, for those that bring files. source: path of the Dockerfile, for notes.
    now: gives the time for what is new, RFC 3339. bring: brings a layer that is not in the store from elsewhere, if
    it can. on_stop: ends what steps have running; the second time, at once. salt: what all keys
    depend on. use_cache: whether known steps are taken for done; fresh: names or numbers of stages in which they are
    not, nor in those that are built upon them. jobs: steps at a time; 0 for one a processor.
    """

    store: Store
    cache: StepCache
    bases: Bases
    prepare: Mapping[type[Instruction], Prepare]
    platform: Platform
    source: str
    tell: Tell
    now: Callable[[], str]
    on_stop: Callable[[], None] = lambda: None
    bring: Callable[[LayerRef], bool] = lambda _layer: False
    salt: str = ""
    use_cache: bool = True
    fresh: frozenset[str] = frozenset()
    jobs: int = 0


class Finished(msgspec.Struct, frozen=True):
    """What a build came to. created: when the last of its steps was made. steps: by key, what each came to.

    cached: how many of them were known.
    """

    chain: Chain
    created: str
    steps: dict[str, Record]
    cached: int


def build(plan: Plan, workshop: Workshop) -> Finished:
    """Carry out a plan and return the chain of its target.

    Raises what the first stage that fails raises; the others are stopped then, as they are when this thread
    is interrupted, and nothing is left running.
    """
    return _Build(plan, workshop).run()


class _Done(NamedTuple):
    """A step that is done. key: its own. known: whether it had been done before. lasts: as of `Prepared`."""

    key: str
    record: Record
    known: bool
    lasts: bool


class _Build:
    def __init__(self, plan: Plan, workshop: Workshop) -> None:
        self.plan = plan
        self.shop = workshop
        # Set when all stages are known: an interrupt before leaves none that nobody waits for.
        self.go = threading.Event()
        self.stop = threading.Event()
        self.slots = threading.Semaphore(workshop.jobs or os.cpu_count() or 1)
        self.futures: dict[int, Future[Finished]] = {}
        self.fresh = _fresh(plan, workshop)
        self.ends: list[int] = []  # stages that have come to their end, one way or the other
        self.ended: queue.SimpleQueue[int] = queue.SimpleQueue()  # wakes who waits for that
        self.errors: list[BaseException] = []  # of stages, in the order in which they failed
        self.records: dict[tuple[str, bool], Future[Record]] = {}  # of steps that are done, or at work
        self.lock = threading.Lock()

    def run(self) -> Finished:
        pool = ThreadPoolExecutor(len(self.plan.stages), "stage")
        try:
            for stage in self.plan.stages:
                self.futures[stage.index] = pool.submit(self._stage, stage)
            self.go.set()
            self._wait(lambda: bool(self.errors))
        finally:
            # The stages that are still at work have nobody left to work for.
            self.stop.set()
            self.go.set()
            if self.over < len(self.futures):
                self._end()
            pool.shutdown()
        for error in sorted(self.errors, key=lambda error: isinstance(error, StoppedError)):
            raise error  # the first that the others came of
        finished = [future.result() for future in self.futures.values()]
        target = self.futures[self.plan.target.index].result()
        return msgspec.structs.replace(
            target,
            steps={key: record for one in finished for key, record in one.steps.items()},
            cached=sum(one.cached for one in finished),
        )

    def _end(self) -> None:
        """End all stages. An interrupt meanwhile is for those that take their time; one more is for us."""
        try:
            self.shop.on_stop()
            self._wait()
        except KeyboardInterrupt:
            self.shop.on_stop()
            self._wait()

    def _wait(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Wait for all stages, or until it is enough; an interrupt, wherever it comes, leaves no lock held."""
        while self.over < len(self.futures) and not enough():
            with suppress(queue.Empty):
                self.ended.get(timeout=_GLANCE_S)

    @property
    def over(self) -> int:
        """How many stages have come to an end."""
        return len(self.ends)

    def _stage(self, stage: StagePlan) -> Finished:
        self.go.wait()
        try:
            return self._steps(stage)
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            self.ends.append(stage.index)
            self.ended.put(stage.index)

    def _steps(self, stage: StagePlan) -> Finished:
        chain, created = self._begin(stage)
        cached = 0
        steps: dict[str, Record] = {}
        for number, step in enumerate(stage.steps, 1):
            if self.stop.is_set():
                raise StoppedError("stopped", f"line {step.line}")
            try:
                chain, done = self._step(stage, number, step, chain)
            except LadingError as error:
                place(error, step.line)
                raise
            created = max(created, done.record.created)
            cached += done.known
            if done.lasts:
                steps[done.key] = done.record
        return Finished(chain, created, steps, cached)

    def _begin(self, stage: StagePlan) -> tuple[Chain, str]:
        """Return what a stage begins with, and when that was made."""
        if stage.base is None:
            return Chain(State(self.shop.platform), key_of("scratch", self.shop.salt)), ""
        if isinstance(stage.base, StageSource):
            below = self._finished(stage.base.index)
            return msgspec.structs.replace(below.chain, state=below.chain.state.begun()), below.created
        begun = time.monotonic()
        self.shop.tell(Begun(stage.title, 0, len(stage.steps), stage.line, f"FROM {stage.base.name}"))
        with self._slot():
            chain = self.shop.bases.chain(stage.base)
        self.shop.tell(Ended(stage.title, 0, cached=False, seconds=time.monotonic() - begun))
        return msgspec.structs.replace(chain, key=key_of(chain.key, self.shop.salt)), ""

    def _finished(self, index: int) -> Finished:
        """Return a stage that comes before, when it is done. Raises what it has failed with."""
        return self.futures[index].result()

    def _step(self, stage: StagePlan, number: int, step: Step, chain: Chain) -> tuple[Chain, _Done]:
        total = len(stage.steps)
        # What it takes from has to be there before it is at work: waiting is no part of its time.
        for source in step.sources.values():
            if isinstance(source, StageSource):
                self._finished(source.index)
        self.shop.tell(Begun(stage.title, number, total, step.line, step.text))
        begun = time.monotonic()
        state, told = _configured(step, chain.state)
        prepared = None
        prepare = self.shop.prepare.get(type(step.instruction))
        if prepare is not None:
            situation = Situation(
                stage, number, step, chain, state, lambda index: self._finished(index).chain
            )
            prepared = prepare(situation)
        key = key_of(chain.key, told, step.text)
        if prepared is not None:
            key, told = prepared.key, prepared.told
        record, known = self._record(key, prepared, use_cache=stage.index not in self.fresh)
        after = msgspec.structs.replace(chain, state=state)
        entry = {"created": record.created, "created_by": told}
        layer = record.layer
        if layer is not None:
            layer = msgspec.structs.replace(layer, annotations=self._notes(stage, step))
        seconds = time.monotonic() - begun
        size = -1 if layer is None else layer.size
        self.shop.tell(Ended(stage.title, number, cached=known, seconds=seconds, size=size))
        lasts = prepared is None or known or prepared.lasts
        return after.then(key, entry, layer), _Done(key, record, known, lasts)

    def _record(self, key: str, prepared: Prepared | None, *, use_cache: bool) -> tuple[Record, bool]:
        """Return what a step comes to, and whether that was known.

        Of stages that have a step in common, one does it, and the others wait: done twice it might come to two things.
        """
        with self.lock:
            begun = self.records.get((key, use_cache))
            future = self.records.setdefault((key, use_cache), Future())
        if begun is not None:
            if begun.exception() is not None:
                raise StoppedError("stopped")  # the stage that did it says why
            return begun.result(), True
        try:
            record, known = self._done(key, prepared, use_cache=use_cache)
        except BaseException as error:
            future.set_exception(error)
            raise
        future.set_result(record)
        return record, known

    def _done(self, key: str, prepared: Prepared | None, *, use_cache: bool) -> tuple[Record, bool]:
        record = self.shop.cache.step(key) if use_cache else None
        if record is not None and self._has(record.layer):
            return record, True
        if prepared is None:
            record = Record(None, self.shop.now())
        else:
            with self._slot():
                record = Record(prepared.make(), self.shop.now())
        if prepared is None or prepared.lasts:
            self.shop.cache.keep_step(key, record)
        return record, False

    def _has(self, layer: LayerRef | None) -> bool:
        return layer is None or self.shop.store.has(layer.digest) or self.shop.bring(layer)

    def _notes(self, stage: StagePlan, step: Step) -> dict[str, str]:
        return place_notes(step.line, self.shop.source, stage.title)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait for one of the places for steps at work, unless the build is stopped."""
        while not self.slots.acquire(timeout=0.2):
            if self.stop.is_set():
                raise StoppedError("stopped")
        try:
            if self.stop.is_set():
                raise StoppedError("stopped")
            yield
        finally:
            self.slots.release()


def _fresh(plan: Plan, shop: Workshop) -> set[int]:
    """Return the indices of the stages of which every step is carried out, known or not."""
    found: set[int] = set()
    for stage in plan.stages:
        upon = isinstance(stage.base, StageSource) and stage.base.index in found
        if not shop.use_cache or upon or not shop.fresh.isdisjoint({stage.name, str(stage.index)}):
            found.add(stage.index)
    return found


def _configured(step: Step, state: State) -> tuple[State, str]:
    """Return the config after a step, and how the history calls it."""
    instruction = step.instruction
    if isinstance(instruction, image_config.CHANGES_ONLY_CONFIG):
        return image_config.apply(state, instruction, step.words)
    if isinstance(instruction, Arg):
        told = []
        for one in instruction.definitions:
            default = "" if one.default is None else f"={step.words.one(one.default)}"
            told.append(one.name.value + default)
        return state, f"ARG {' '.join(told)}"
    return state, step.text
