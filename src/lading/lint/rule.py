"""What a rule is, and what it finds: plain records.

A rule is one file named as its code in lower case, with a module constant `RULE`, and one line in the
list of `lading.lint`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Span
from lading.lint.hadolint_config import Config
from lading.lint.subject import Subject
from lading.record import Record

__all__ = ["Edit", "Fix", "Found", "Level", "Rule"]

_DEFAULT = Config()


class Level(StrEnum):
    """How bad it is, worst first, in hadolint's words. IGNORE: not reported at all."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    STYLE = "style"
    IGNORE = "ignore"

    @property
    def rank(self) -> int:
        """Its place: 0 for the worst."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Fix(Record):
    """A remedy. title: what it does, as an order. edits: all or none of them; they do not overlap.

    safe: the image that is built does the same as before. reveals: what it leaves may be found by rules that
    could not see it before, such as a command behind `sudo`: that is no fault of the fix.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool
    reveals: bool = False


class Found(Record):
    """Something found. span: the exact place. message: one line that says the remedy too.

    fix: edits that remove it. could_fix: there is a fix, but it needs an index that was not at hand.
    code, level: where they are not the rule's own.
    line: the line to report, where it is not the one that follows from the span: for DL and SC codes that is
        the first line of the instruction around it, as hadolint has it, for others that of the span.
    """

    span: Span
    message: str
    fix: Fix | None = None
    could_fix: bool = False
    code: str = ""
    level: Level | None = None
    line: int = 0


class Rule(Record, kw_only=True):
    """A rule.

    code: `DL3008`, or a name of Docker's such as `StageNameCasing`. title: one sentence.
    level: unless the configuration says another. why: why it matters, a paragraph or more.
    check: yields what it finds. bad, good: whole Dockerfiles, for the rule's page and as its tests: each
    bad one gives this code when the rule runs alone, each good one nothing.
    fixable: some of what it finds comes with a fix. aliases: other names that pragmas and configuration may use.
    files: what the examples need of a build context: path to content. config: what they need to be set.
    needs_index: its fixes ask `Subject.pins`.
    """

    code: str
    title: str
    level: Level
    why: str
    check: Callable[[Subject], Iterable[Found]]
    bad: tuple[str, ...]
    good: tuple[str, ...]
    fixable: bool = False
    needs_index: bool = False
    aliases: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    config: Config = _DEFAULT
