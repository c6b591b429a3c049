"""Many scripts at once: each text is checked once, in batches, by as many processes as there are processors.

A batch that fails is tried script by script, so that one that ShellCheck does not survive costs no other
its comments. Before that a script without any fault tells whether it is ShellCheck itself that is broken: then, and when
too much time has been lost on what does not end, nothing more is asked, and `broken` says why.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from lading.errors import LadingError, LimitError, UnavailableError
from lading.shellcheck.answer import Answer, Comment

MAX_CHARACTERS = 2**15
"""The longest script that is handed over: ShellCheck's time grows with the square of it, here to some seconds."""
TIMEOUT_S = 10.0
MAX_LOST_S = 60.0
"""How long all that did not end may take together."""

_BATCH = 64
_BATCH_CHARACTERS = 2 * MAX_CHARACTERS
_MIN_BATCH = 8
_PER_SCRIPT_S = 0.1  # a usual one takes some milliseconds
_MAX_KEPT = 20_000
_FAULTLESS = "#!/bin/sh\n:\n"
_JOIN_S = 5.0
_HINT = "--no-shellcheck goes without it"

Run = Callable[[Sequence[str], float], Sequence[tuple[Comment, ...]]]
"""`Program.run`: comments on each script, within so many seconds."""
_UNASKED = Answer()


class _Case:
    """A script, and the answer once there is one."""

    __slots__ = ("answer", "script")

    def __init__(self, script: str) -> None:
        self.script = script
        self.answer: Answer | None = None


class Batches:
    """Answers for scripts. Give them to `begin` as early as possible, and `ask` for answers as late as possible.

    run: asks ShellCheck. jobs: processes at a time; 0 for one per processor.
    broken: why nothing more is asked; None if all is well.
    """

    def __init__(self, run: Run, *, jobs: int = 0) -> None:
        self.broken: LadingError | None = None
        self._run = run
        self._jobs = jobs or os.cpu_count() or 1
        self._changed = threading.Condition()
        self._cases: dict[str, _Case] = {}
        self._waiting: deque[list[_Case]] = deque()
        self._threads: set[threading.Thread] = set()
        self._lost_s = 0.0
        self._is_closed = False

    def begin(self, scripts: Iterable[str]) -> None:
        """Have these checked, as far as they are not yet; returns at once."""
        self._begun(scripts)

    def ask(self, scripts: Sequence[str]) -> list[Answer]:
        """Return the answer for each script, once there is one."""
        cases = self._begun(scripts)
        with self._changed:
            self._changed.wait_for(lambda: all(one.answer is not None for one in cases))
        return [one.answer or _UNASKED for one in cases]

    def close(self) -> None:
        """Begin nothing more; what waits has no answer, what runs is waited for (`Program.stop` ends it)."""
        with self._changed:
            self._is_closed = True
            self._drop()
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(_JOIN_S)

    def _begun(self, scripts: Iterable[str]) -> list[_Case]:
        with self._changed:
            found: list[_Case] = []
            new: list[_Case] = []
            for script in scripts:
                case = self._cases.get(script)
                if case is None:
                    case = self._cases[script] = _Case(script)
                    new.append(case)
                found.append(case)
            self._waiting += _batches(self._askable(new), self._jobs)
            for _ in range(min(len(self._waiting), self._jobs - len(self._threads))):
                thread = threading.Thread(target=self._work, name="shellcheck", daemon=True)
                self._threads.add(thread)
                thread.start()
            for old in list(islice(self._cases, max(len(self._cases) - _MAX_KEPT, 0))):
                del self._cases[old]
            return found

    def _askable(self, cases: Iterable[_Case]) -> list[_Case]:
        """Return those that ShellCheck is to be asked about; others have their answer at once."""
        found = []
        for case in cases:
            if self.broken or self._is_closed:
                case.answer = _UNASKED
            elif len(case.script) > MAX_CHARACTERS:
                reason = f"are longer than {MAX_CHARACTERS} characters and were not handed to ShellCheck"
                case.answer = Answer(problem=reason)
            else:
                found.append(case)
        return found

    def _answer(self, batch: Sequence[_Case], answers: Sequence[Answer]) -> None:
        """Note answers, and that there will be none where they are missing; under the lock."""
        for number, case in enumerate(batch):
            case.answer = answers[number] if number < len(answers) else _UNASKED
        self._changed.notify_all()

    def _drop(self) -> None:
        """Let what waits have no answer; under the lock."""
        while self._waiting:
            self._answer(self._waiting.pop(), [])

    # --------------------------------------------------------- in the threads

    def _work(self) -> None:
        """Check batches until none waits."""
        while batch := self._next():
            answers: list[Answer] | None = None
            try:
                answers = self._answered([case.script for case in batch])
            finally:  # whatever happens, nobody waits for ever
                with self._changed:
                    self._answer(batch, answers or [])
                    if answers is None:
                        self._break(
                            UnavailableError("ShellCheck was given up for a fault of Lading's", hint=_HINT)
                        )
                        self._threads.discard(threading.current_thread())
                        self._drop()

    def _next(self) -> list[_Case]:
        with self._changed:
            if self._waiting:
                return self._waiting.popleft()
            self._threads.discard(threading.current_thread())
            return []

    def _answered(self, scripts: list[str]) -> list[Answer]:
        if self.broken or self._is_closed:
            return []
        try:
            return self._asked(scripts)
        except LadingError as error:
            if not self._is_sound():
                return []
            if len(scripts) == 1:
                return [Answer(problem=f"are beyond ShellCheck: it {error.message}")]
        return [answer for one in scripts for answer in self._answered([one]) or [_UNASKED]]

    def _asked(self, scripts: list[str]) -> list[Answer]:
        started = time.monotonic()
        try:
            return [Answer(one) for one in self._run(scripts, TIMEOUT_S + _PER_SCRIPT_S * len(scripts))]
        except LimitError:
            self._lose(time.monotonic() - started)
            raise

    def _lose(self, seconds: float) -> None:
        with self._changed:
            self._lost_s += seconds
            lost = self._lost_s
        if lost > MAX_LOST_S:
            reason = f"ShellCheck was given up after {MAX_LOST_S:.0f} s with scripts that it does not get done with"
            self._break(LimitError(reason, hint=_HINT))

    def _is_sound(self) -> bool:
        """Tell whether to go on asking; if ShellCheck itself is broken, note it."""
        if self.broken or self._is_closed:
            return False
        try:
            found = self._run([_FAULTLESS], TIMEOUT_S)
        except LadingError as error:
            self._break(error)
            return False
        if list(found) != [()]:
            self._break(UnavailableError("ShellCheck finds faults where there are none", hint=_HINT))
            return False
        return True

    def _break(self, error: LadingError) -> None:
        with self._changed:
            if self.broken is None and not self._is_closed:
                self.broken = error


def _batches(cases: list[_Case], jobs: int) -> list[list[_Case]]:
    """Return the scripts in parts that keep all processes busy, none much larger than others."""
    most = min(max(-(-len(cases) // jobs), _MIN_BATCH), _BATCH)
    found: list[list[_Case]] = []
    characters = 0
    for case in cases:
        characters += len(case.script)
        if not found or len(found[-1]) >= most or characters > _BATCH_CHARACTERS:
            found.append([])
            characters = len(case.script)
        found[-1].append(case)
    return found
