"""Maven's versions, as ComparableVersion of Maven 3.8 orders them.

1. A version is cut at dots, at hyphens, and where digits meet letters. A hyphen opens a list
   inside the list, and so does such a meeting; a word at the end, or before digits, gets one, too,
   unless it comes first in its list. So lists nest at their last place only.
2. Zeros, and the words that mean a release, at the end of a list say nothing (`1.0.0-ga` is `1`).
3. Lists compare item by item, case ignored; a missing item is worth 0 or "" or an empty list,
   whatever it meets. Words: alpha < beta < milestone < rc = cr < snapshot < "" = ga = final =
   release < sp < others by text; `a`, `b`, `m` before digits are the first three. A word is below
   a list, a list below a number, 0 too.
Order: https://maven.apache.org/pom.html#version-order-specification

That is no order: `1` < `1.foo.1` < `1-alpha` < `1`, since a word is below a list, though one stands
above the end and the other below; likewise with a 0 that something below the end follows
(`1.0.rc.1`). Here the end decides first: what is below it in its own right stays below what is above
it. Every other pair is as Maven has it. Maven 3.9 and 4 differ where a word follows a dot.

Not read: the empty string, control characters, white space inside, and anything beyond ASCII.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, refuse

_KIND = "a Maven"
_TOKENS = re.compile(rb"[0-9]+|[^0-9.-]+|[.-]")
_BLANK = re.compile(rb"[^!-~]")
# What can stand at a place, rising. BELOW and ABOVE: of the end, by what follows.
_WORDS = {
    b"alpha": b"\x01",
    b"beta": b"\x02",
    b"milestone": b"\x03",
    b"rc": b"\x04",
    b"cr": b"\x04",
    b"snapshot": b"\x05",
    b"sp": b"\x0b",
}
_RELEASE_BELOW, _LIST_BELOW, _ZERO_BELOW, _END = b"\x06", b"\x07", b"\x08", b"\x09"
_RELEASE_ABOVE, _OTHER_WORD, _LIST_ABOVE, _ZERO_ABOVE, _NUMBER = b"\x0a", b"\x0c", b"\x0d", b"\x0e", b"\x0f"
_RELEASES = frozenset({b"ga", b"final", b"release"})
_BEFORE_DIGITS = {b"a": b"alpha", b"b": b"beta", b"m": b"milestone"}
_SNAPSHOT = _WORDS[b"snapshot"]


def key(version: str) -> bytes:
    """Return the sort key of a Maven version.

    Raises `MalformedError`, `LimitError`.
    """
    text = ascii_bytes(version, _KIND).strip().lower()
    if not text or _BLANK.search(text):
        refuse(version, _KIND)
    return _encode(_lists(text))


def _lists(text: bytes) -> list[list[bytes]]:
    """Return the lists from the outermost to the innermost; each stands at the end of the one before."""
    lists: list[list[bytes]] = [[]]
    held = b""  # a number or word whose end has been seen, but not what follows
    for token in _TOKENS.findall(text):
        if token in b".-":
            lists[-1].append(held or b"0")
            held = b""
            if token == b"-":
                lists.append([])
            continue
        if held:
            _add_last(lists, _BEFORE_DIGITS.get(held, held))
            lists.append([])
        held = token
    if held:
        _add_last(lists, held)
    return lists


def _add_last(lists: list[list[bytes]], item: bytes) -> None:
    """Add what no dot or hyphen follows: a word gets a list of its own, unless it comes first."""
    if lists[-1] and not item.isdigit():
        lists.append([])
    lists[-1].append(item)


def _encode(lists: list[list[bytes]]) -> bytes:
    """Encode from the last item to the first, so that each knows whether more than the end follows it.

    `side` is -1, 0 or 1: what has been encoded is below, at or above the end.
    """
    encoded, side = [_END], 0
    for depth in range(len(lists) - 1, -1, -1):
        if side:
            encoded.append(_LIST_BELOW if side < 0 else _LIST_ABOVE)
        has_item = False
        for item in reversed(lists[depth]):
            is_null = item in _RELEASES or not item.strip(b"0")
            if is_null and not has_item:
                continue  # at the end of its list, be there a list behind it or not
            has_item = True
            mark, side = _item(item, side)
            encoded.append(mark)
    encoded.reverse()
    return b"".join(encoded)


def _item(item: bytes, side: int) -> tuple[bytes, int]:
    """Return the code of an item, and on which side of the end it stands; `side`: of what follows it."""
    if item.isdigit():
        if item.strip(b"0"):
            return _NUMBER + NUMBERS[item], 1
        return (_ZERO_BELOW if side < 0 else _ZERO_ABOVE), side
    if item in _RELEASES:
        return (_RELEASE_BELOW if side < 0 else _RELEASE_ABOVE), side
    known = _WORDS.get(item)
    if known is None:
        return _OTHER_WORD + item + b"\x00", 1
    return known, -1 if known <= _SNAPSHOT else 1
