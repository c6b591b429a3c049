"""Paragraphs of `Name: value` lines, as dpkg, opkg and Debian's copyright files have them.

Paragraphs end at an empty line; a line that begins with a blank continues the field above it, and
`#` begins a comment. Names of fields have no case. No wanted field has a second line that counts,
so only first lines are read: one pass of one regular expression over the whole text, because
status files are long and nine of ten of their lines are descriptions.
Format: https://manpages.debian.org/deb822.5
"""

from __future__ import annotations

import re
from collections.abc import Iterator


def pattern(*names: str) -> re.Pattern[str]:
    """Return what finds the fields `names`, and empty lines, in a text that begins with a newline."""
    alternatives = "|".join(re.escape(name) for name in names)
    # To look at the first letter alone is a fifth faster.
    initials = "".join({initial for name in names for initial in (name[0].lower(), name[0].upper())})
    return re.compile(rf"\n(?:(?=[{initials}])((?i:{alternatives}))[ \t]*:[ \t]*([^\n]*)|(?=\r?\n))")


def paragraphs(text: str, wanted: re.Pattern[str], opening: str = "") -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line (from 1, of the first field found) and fields of each paragraph that has any.

    wanted: from `pattern`. Keys are lower case, values stripped; the first of doubled fields stands.
    opening: the field, in lower case, that begins a paragraph even where the empty line is missing.
    """
    text = "\n" + text
    fields: dict[str, str] = {}
    line, start, at = 0, 0, 0
    for match in wanted.finditer(text):
        name = match[1]
        key = name.lower() if name else ""
        if fields and (not key or (key == opening and key in fields)):
            yield start, fields
            fields = {}
        if key:
            if not fields:
                line += text.count("\n", at, match.start() + 1)
                start, at = line, match.start() + 1
            fields.setdefault(key, match[2].strip())
    if fields:
        yield start, fields
