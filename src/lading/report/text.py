"""Foreign text made fit to be shown: names, summaries and paths come from whoever made the image.

A terminal obeys control characters, and bidirectional overrides make one name look like another
(Unicode TR36, CVE-2021-42574). What cannot be printed is therefore written as an escape.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "…"
# What `surrogateescape` makes of the bytes 0x80 to 0xff.
_ESCAPED_BYTES = range(0xDC80, 0xDD00)
_KILO = 1000


def clean(text: str) -> str:
    r"""Return `text` as one line of printable characters.

    Line ends, tabs and unusual spaces become a space; all else that Unicode calls control, format,
    surrogate, private or unassigned becomes `\x1b`, `\u202e`, `\U000e0001`. A byte that was not
    UTF-8 (a surrogate escape) becomes `\xff`.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    if ord(char) in _ESCAPED_BYTES:
        return f"\\x{ord(char) & 0xFF:02x}"
    return f"\\x{ord(char):02x}" if char.isascii() else char.encode("ascii", "backslashreplace").decode()


def width(text: str) -> int:
    """Return how many columns a terminal gives to `text`, which must be clean."""
    if text.isascii():
        return len(text)
    # Most text that is not ASCII has but one such character: the ellipsis that `clip` left.
    return len(text) + sum(_columns(char) - 1 for char in text if not char.isascii())


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def clip(text: str, columns: int) -> str:
    """Return `text`, which must be clean, cut to `columns` with an ellipsis where it is longer."""
    if len(text) <= columns and width(text) <= columns:
        return text
    if columns <= 0:
        return ""
    if text.isascii():
        return text[: columns - 1].rstrip() + ELLIPSIS
    used, kept = 1, []
    # A base character may carry any number of marks of no width: they are limited, too.
    for char in text[: columns * 4]:
        used += _columns(char)
        if used > columns:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ELLIPSIS


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Return `text` clipped and filled with spaces to exactly `columns`; `right` aligns it there."""
    text = clip(text, columns)
    space = " " * (columns - width(text))
    return space + text if right else text + space


def wrap(text: str, columns: int, *, lines: int = 0) -> list[str]:
    """Return `text`, which must be clean, as lines of at most `columns`, broken at spaces.

    A word that is too long is clipped. lines: at most so many, the last one clipped; 0 for any number.
    """
    result: list[str] = []
    line = ""
    words = text.split(" ")
    for index, word in enumerate(words):
        joined = f"{line} {word}" if line else word
        if width(joined) <= columns:
            line = joined
        elif lines and len(result) == lines - 1:
            rest = " ".join(words[index:])
            return [*result, clip(f"{line} {rest}".strip(), columns)]
        else:
            if line:
                result.append(line)
            line = clip(word, columns)
    return [*result, line]


def plural(count: int, noun: str, many: str = "") -> str:
    """Return `1 finding`, `2 findings`, `1,234 findings`; `many` is the plural where `s` is wrong."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def size(count: int) -> str:
    """Return a number of bytes in decimal units, as registries and docker show them: `74.8 MB`."""
    if count < _KILO:
        return f"{count} B"
    value = count / _KILO
    for unit in ("kB", "MB", "GB"):
        if round(value, 1) < _KILO:
            return f"{value:.1f} {unit}"
        value /= _KILO
    return f"{value:.1f} TB"


def utf8(text: str) -> bytes:
    r"""Encode a document; surrogates that no byte stands for come out as `\udc80`."""
    return text.encode("utf-8", "backslashreplace")
