"""Foreign text in GitHub flavoured Markdown, shown as it is: no markup, no mention, no link.

A backslash does not stop GitHub from seeing `@user`, `#1` or `www.`, which it looks for after the
Markdown; an empty comment between the sign and the word does (it vanishes with all HTML comments).
"""

from __future__ import annotations

import re

from lading.report.text import clean, clip

# Signs that mean something anywhere; then those that do only at the start, as lists and rules do.
_MARKUP = re.compile(r"[\\`*_{}\[\]#|~]|^[-+=]|(?<=^\d)[.)](?=\s|$)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_AUTOLINK = re.compile(r"[@$]|:(?=//)|\bwww(?=\.)|(?<=#)", re.IGNORECASE)
_TICKS = re.compile(r"`+")


def text(raw: str, limit: int = 300) -> str:
    """Return `raw` as words, at most `limit` columns of it."""
    shown = re.sub(r"[&<>]", lambda match: _HTML[match[0]], clip(clean(raw), limit))
    shown = _AUTOLINK.sub(lambda match: match[0] + "\0", shown)
    return _MARKUP.sub(r"\\\g<0>", shown).replace("\0", "<!-- -->")


def code(raw: str, limit: int = 120) -> str:
    """Return `raw` as a code span that may stand in a table, at most `limit` columns of it."""
    shown = clip(clean(raw), limit)
    if not shown.strip():
        return ""
    fence = "`" * (max((len(ticks) for ticks in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    # Within a table a pipe ends the cell even in a code span; a backslash before it is taken away.
    return f"{fence}{pad}{shown}{pad}{fence}".replace("|", "\\|")
