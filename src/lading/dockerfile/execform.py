"""The exec form of arguments: a JSON array of strings, as in `CMD ["nginx", "-g"]`.

Anything that begins with `[` and is not JSON is taken as a shell line, without a word; a JSON array
with other things than strings in it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache

from lading.dockerfile.source import SPACES, Joined
from lading.dockerfile.words import Word

_BLANKS = " \t\n\r"
_LONE = "[\ud800-\udfff]"
_REPLACEMENT = "\ufffd"


class Other(Enum):
    """What is not an exec form. SHELL: no JSON array. MIXED: one with other things than strings."""

    SHELL = "shell"
    MIXED = "mixed"


def read(joined: Joined) -> tuple[Word, ...] | Other:
    """Return the strings of an exec form, each with the span of its quotes and all."""
    text = joined.text
    at = len(text) - len(text.lstrip(SPACES))
    if not text.startswith("[", at):
        return Other.SHELL
    try:
        return _array(joined, at + 1)
    # The decoder's error is a ValueError, and so is that for a number of too many digits.
    except (ValueError, RecursionError):
        return Other.SHELL


def written(words: Iterable[str]) -> str:
    """Return the exec form of these words."""
    return f"[{', '.join(map(quoted, words))}]"


def quoted(word: str) -> str:
    """Return a word as a JSON string."""
    if _is_plain(word):
        return f'"{word}"'
    import json

    return json.dumps(word, ensure_ascii=False)


def _array(joined: Joined, at: int) -> tuple[Word, ...] | Other:
    text = joined.text
    found: list[Word] = []
    mixed = False
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            start = at
            if text[at : at + 1] == '"':
                value, at = _string(text, at)
                found.append(Word(value, joined.span(start, at)))
            else:
                at = _decoder()(text, at)[1]
                mixed = True
            at = _skip(text, at)
            sign = text[at : at + 1]
            at = _skip(text, at + 1)
            if sign == "]":
                break
            if sign != ",":
                return Other.SHELL
    if _skip(text, at) != len(text):
        return Other.SHELL
    return Other.MIXED if mixed else tuple(found)


def _string(text: str, at: int) -> tuple[str, int]:
    end = text.find('"', at + 1)
    value = text[at + 1 : end]
    if end > 0 and _is_plain(value):
        return value, end + 1
    decoded, end = _decoder()(text, at)
    return re.sub(_LONE, _REPLACEMENT, str(decoded)), end


def _is_plain(text: str) -> bool:
    """Tell whether a text is its own JSON, between quotes: so it is nearly always, and the decoder is not loaded."""
    return text.isprintable() and "\\" not in text and '"' not in text


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _refuse(name: str) -> None:
    raise ValueError(name)


@cache
def _decoder() -> Callable[[str, int], tuple[object, int]]:
    """Return what decodes the value at a place, and tells where it ends."""
    import json

    # Python's decoder takes NaN and Infinity, which are no JSON; numbers stay text, however long they are.
    return json.JSONDecoder(parse_constant=_refuse, parse_int=str, parse_float=str).raw_decode
