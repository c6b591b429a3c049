"""ShellCheck's own remedies as fixes, where they can be made in the Dockerfile as they are meant.

What it would quote may be meant to be split, and a command that now stops did go on before: only what leaves every
command as it was is safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from lading.dockerfile.edit import Edit
from lading.dockerfile.source import Joined, Span
from lading.lint import sc_text
from lading.lint.rule import Fix
from lading.shellcheck.answer import Comment, Replacement

Index = Callable[[int, int], int | None]
"""Where a line and column of the script are in its body."""

_BACKQUOTES = 2006
# What backquotes and $( ) take alike: no quote, which they read in ways of their own, no comment, which only a backquote
# ends, and no bracket, for $(( would be arithmetic, and that of a `case` the end.
_SAME_IN_BOTH = re.compile(r"[^\"'#()\n]*")


def can_be_made(body: Joined) -> bool:
    """Tell whether ShellCheck's places are to be relied upon, all over a script.

    It counts without the backslashes in backquotes. Bytes that are not UTF-8 it does not get at all.
    """
    inside = body.text[body.text.find("`") + 1 : max(body.text.rfind("`"), 0)]
    return "\\" not in inside and not sc_text.NOT_UTF_8.search(body.text)


def fix(comment: Comment, body: Joined, index: Index, escape: str) -> Fix | None:
    """Return the fix that a comment brings; None if it brings none, or one that cannot be made."""
    if comment.fix is None:
        return None
    edits: list[Edit] = []
    for one in sorted(comment.fix.replacements, key=lambda one: (one.line, one.column)):
        span = _span(one, body, index)
        if span is None or not _is_plain(one.replacement, escape):
            return None
        edits.append(Edit(span, one.replacement))
    if not edits or any(one.span.end > other.span.start for one, other in pairwise(edits)):
        return None
    safe = comment.code == _BACKQUOTES and _SAME_IN_BOTH.fullmatch(_inside(comment, body, index)) is not None
    # Into backquotes ShellCheck does not look as closely.
    return Fix(comment.message.rstrip("."), tuple(edits), safe=safe, reveals=comment.code == _BACKQUOTES)


def _span(one: Replacement, body: Joined, index: Index) -> Span | None:
    """Return what is replaced in the source; None if it does not stand together there."""
    start, end = index(one.line, one.column), index(one.end_line, one.end_column)
    if start is None or end is None or end < start:
        return None
    if start < end:
        span = body.span(start, end)
        return span if span.end - span.start == end - start else None
    # Nothing is replaced: the text belongs to what is after that place, or to what is before it.
    at = body.at(start) if one.insertion_point == "afterEnd" or not start else body.at(start - 1) + 1
    return Span(at, at)


def _is_plain(text: str, escape: str) -> bool:
    """Whether it means the same in a Dockerfile as in a script."""
    return "\n" not in text and escape not in text and "\ufffd" not in text


def _inside(comment: Comment, body: Joined, index: Index) -> str:
    """Return what stands in the backquotes that a comment is about."""
    start, end = index(comment.line, comment.column), index(comment.end_line, comment.end_column)
    return body.text[(start or 0) + 1 : (end or 0) - 1]
