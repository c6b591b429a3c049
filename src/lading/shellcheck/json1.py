"""ShellCheck's output in its format `json1`: as `json`, but a tab is one column wide.

https://github.com/koalaman/shellcheck/blob/master/shellcheck.1.md
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lading.errors import MalformedError
from lading.shellcheck.answer import Comment, Level, Remedy, Replacement


class _Replacement(msgspec.Struct, rename="camel"):
    line: int
    column: int
    end_line: int
    end_column: int
    replacement: str
    insertion_point: str = ""


class _Fix(msgspec.Struct):
    replacements: list[_Replacement]


class _Comment(msgspec.Struct, rename="camel"):
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    level: Level
    code: int
    message: str
    fix: _Fix | None = None


class _Document(msgspec.Struct):
    comments: list[_Comment]


def decoded(data: bytes, names: Sequence[str]) -> list[tuple[Comment, ...]]:
    """Return the comments on each of these files, in ShellCheck's order: by place, then level, then code.

    Raises `MalformedError` for anything but ShellCheck's JSON about these files.
    """
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"ShellCheck's output cannot be read: {error}") from error
    found: dict[str, list[Comment]] = {name: [] for name in names}
    for one in document.comments:
        if one.file not in found:
            raise MalformedError(f"ShellCheck tells of a file that it was not given: {one.file[:80]!r}")
        found[one.file].append(_made(one))
    return [tuple(comments) for comments in found.values()]


def _made(one: _Comment) -> Comment:
    fix = None
    if one.fix is not None:
        fix = Remedy(
            tuple(
                Replacement(
                    each.line,
                    each.column,
                    each.end_line,
                    each.end_column,
                    each.replacement,
                    each.insertion_point,
                )
                for each in one.fix.replacements
            )
        )
    return Comment(one.line, one.column, one.end_line, one.end_column, one.level, one.code, one.message, fix)
