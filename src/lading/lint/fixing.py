"""Applies fixes: as many at once as do not overlap, then again, until nothing is left to be fixed.

Every result is parsed and linted again. A fix whose finding is still there, or that brings new ones, is taken
back and reported as a fault: it is a mistake in its rule, and the file is better off without it.

1. Look; take the fixes that are wanted, the worst findings first.
2. Apply them together. If the result is as it should be, go on from there.
3. If not, try each half by itself; what fails alone is a fault and is not tried again.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from lading.dockerfile import edit
from lading.lint import checking
from lading.lint.finding import Finding, Outcome
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import PinSource
from lading.lint.rule import Rule
from lading.record import Record
from lading.shellcheck.answer import Ask

MAX_ROUNDS = 20
MAX_LOOKS = 400
# Codes of what cannot be read any more, ShellCheck's among them.
_BROKEN = (checking.SYNTAX, "SC1")
_DEFAULT = Config()


class Fault(Record):
    """A fix that was taken back. reason: one line."""

    finding: Finding
    reason: str


class Fixed(Record, kw_only=True):
    """What came of it. data: the new file. applied: findings as they were when they were fixed.

    left: what there is to say of the new file. conflicts: wanted fixes that others stood in the way of
    until the end. faults: fixes that were taken back. notes: what could not be found out.
    """

    data: bytes
    applied: tuple[Finding, ...]
    left: tuple[Finding, ...]
    conflicts: tuple[Finding, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def fix(
    data: bytes,
    path: str = "Dockerfile",
    *,
    unsafe: bool = False,
    config: Config = _DEFAULT,
    context: Path | None = None,
    index: PinSource | None = None,
    rules: Iterable[Rule] | None = None,
    shellcheck: Ask | None = None,
) -> Fixed:
    """Return a Dockerfile with what can be fixed in it fixed; raises nothing, whatever the data.

    unsafe: also the fixes that may change what the image does. The others as for `checking.check`.
    """
    chosen = None if rules is None else tuple(rules)

    def look(text: bytes) -> Outcome:
        return checking.check(
            text, path, config=config, context=context, index=index, rules=chosen, shellcheck=shellcheck
        )

    return _Work(look(data), look, unsafe=unsafe).done()


def count(outcome: Outcome, code: str) -> int:
    """Return how many findings with that code there are."""
    return sum(1 for one in outcome.findings if one.code == code)


def fault(before: Outcome, applied: Iterable[Finding], after: Outcome) -> str:
    """Return why fixes have not done what they should; empty if they have.

    Findings are counted by code, for lines move. New ones of other codes are fine if a fix `reveals` them.
    """
    were = Counter(one.code for one in before.findings)
    are = Counter(one.code for one in after.findings)
    fixed: Counter[str] = Counter()
    reveals = False
    for one in applied:
        fixed[one.code] += 1
        reveals |= one.fix is not None and one.fix.reveals
    for code, number in sorted(fixed.items()):
        if are[code] > were[code] - number:
            return f"{code} is still found after its fix"
    for code, number in sorted(are.items()):
        if number > were[code] and (not reveals or code.startswith(_BROKEN)):
            return f"the fix brings {code}"
    return ""


class _Work:
    """A file on its way to being fixed."""

    def __init__(self, outcome: Outcome, look: checking.Look, *, unsafe: bool) -> None:
        self._outcome = outcome
        self._look = look
        self._unsafe = unsafe
        self._looks = 0
        self._applied: list[Finding] = []
        self._faults: list[Fault] = []
        self._refused: set[edit.Change] = set()

    def done(self) -> Fixed:
        """Go on until nothing is left that could be fixed."""
        for _ in range(MAX_ROUNDS):
            wanted = self._wanted()
            if not wanted or not self._step(wanted):
                break
        return Fixed(
            data=self._outcome.file.source.encode(),
            applied=tuple(self._applied),
            left=self._outcome.findings,
            conflicts=tuple(self._wanted()),
            faults=tuple(self._faults),
            notes=self._outcome.notes,
        )

    def _wanted(self) -> list[Finding]:
        found = [one for one in self._outcome.findings if one.fix and (one.fix.safe or self._unsafe)]
        found = [one for one in found if one.fix and one.fix.edits not in self._refused]
        return sorted(found, key=lambda one: (one.level.rank, one.line, one.column, one.code))

    def _step(self, wanted: list[Finding]) -> bool:
        """Apply what can be applied of these; return whether anything came of it."""
        progress = False
        waiting = [wanted]
        while waiting and self._looks < MAX_LOOKS:
            batch = waiting.pop()
            source = self._outcome.file.source
            edited = edit.apply(source, [one.fix.edits for one in batch if one.fix])
            done = [batch[number] for number in edited.applied]
            after = self._look(edited.source.encode())
            self._looks += 1
            reason = fault(self._outcome, done, after)
            if not reason:
                self._applied += done
                self._outcome = after
                return True
            changes = list(dict.fromkeys(one.fix.edits for one in done if one.fix))
            if len(changes) == 1:
                self._refused.add(changes[0])
                self._faults += [Fault(one, reason) for one in done]
                progress = True
                continue
            half = set(changes[: len(changes) // 2])
            waiting.append([one for one in done if one.fix and one.fix.edits not in half])
            waiting.append([one for one in done if one.fix and one.fix.edits in half])
        return progress


def write(path: Path, data: bytes) -> None:
    """Replace a file as a whole, its mode and owner kept; one that a symbolic link names is replaced, not the link.

    Raises `OSError`; then the old file is there, and nothing beside it.
    """
    target = path.resolve()
    status = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(PermissionError):
            os.chown(name, status.st_uid, status.st_gid)
        Path(name).chmod(stat.S_IMODE(status.st_mode))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
