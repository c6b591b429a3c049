"""What the linter reports."""

from __future__ import annotations

from lading.dockerfile.parse import Dockerfile
from lading.dockerfile.source import Position, Span
from lading.lint.rule import Fix, Level
from lading.record import Record


class Finding(Record, kw_only=True):
    """A finding. file: its name as given. line, column: where it is reported, from 1, columns in characters.

    end_line, end_column: where it ends, the column after the last character.
    start: the exact place, which for DL codes may be some lines below `line`. span: the same in offsets.
    message: one line. fixable: a fix exists, though it may need an index. safe: it leaves meaning alone.
    fix: the fix, if it is at hand.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    level: Level
    message: str
    span: Span
    start: Position
    fixable: bool = False
    safe: bool = False
    fix: Fix | None = None


class Outcome(Record):
    """What came of looking at a Dockerfile. findings: by line, column and code. file: as parsed.

    suppressed: findings that a comment has switched off. notes: what could not be found out, for the user.
    unread: what could not be looked at, so that findings may be missing.
    """

    findings: tuple[Finding, ...]
    file: Dockerfile
    suppressed: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
