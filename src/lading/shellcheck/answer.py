"""What ShellCheck says of scripts: plain records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from lading.record import Record

Level = Literal["error", "warning", "info", "style"]


class Replacement(Record):
    """A part of a remedy: what stands between two places is replaced. Lines and columns count from 1.

    insertion_point: of an empty place, whether the text belongs to what is after it (`afterEnd`, as ShellCheck
    has it) or before it (`beforeStart`).
    """

    line: int
    column: int
    end_line: int
    end_column: int
    replacement: str
    insertion_point: str = ""


class Remedy(Record):
    """Replacements that are made together."""

    replacements: tuple[Replacement, ...]


class Comment(Record):
    """Something that ShellCheck says. Lines and columns count from 1, characters not bytes; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    level: Level
    code: int
    message: str
    fix: Remedy | None = None


class Answer(Record):
    """What came of asking about one script. problem: why there are no comments; empty if it was checked."""

    comments: tuple[Comment, ...] = ()
    problem: str = ""


Ask = Callable[[Sequence[str]], Sequence[Answer]]
"""Answers for scripts, in their order; raises nothing."""
