"""Arch's versions: `[epoch:]pkgver[-pkgrel]`, as pacman's vercmp orders them.

A part is cut into numbers and words; what stands between only separates, but how many characters
do it counts: at each place more separators are newer. With as many, a word is below a number. A
word that follows a number directly is below the end, all else is above it.
Order: https://man.archlinux.org/man/vercmp.8

A missing epoch is 0. Two things are no order in vercmp and are made one here:
- A missing pkgrel is equal to every pkgrel there (`1-1` = `1` = `1-2`, but `1-1` < `1-2`). Here it
  is below them all: `fixed: 1` is reached by `1-1`, `last_affected: 1` does not hold `1-1`.
- A part that ends in separators (`1.`) is above the end and above words, below numbers there, which
  goes in a circle with `1a1`, `1a.b`. Here it comes right after the end.

Not read: an empty version, NUL, and anything beyond ASCII.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, with_epoch

_KIND = "an Arch"
_SEGMENTS = re.compile(rb"([^0-9A-Za-z]*)([0-9]+|[A-Za-z]+|$)")
_JOINED_WORD, _END, _LOOSE_END, _JOINED_NUMBER, _SEPARATED = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
_WORD, _NUMBER = b"\x01", b"\x02"


def key(version: str) -> bytes:
    """Return the sort key of an Arch version, with or without epoch and pkgrel.

    A prefix before a colon is an epoch only if it is digits, as in vercmp. `:1` has epoch 0.
    Raises `MalformedError`, `LimitError`.
    """
    return with_epoch(version, _KIND, _part)


def _part(text: bytes) -> bytes:
    """Encode the segments and the end; letters are above every mark, so words need no end of their own."""
    encoded = []
    for separators, segment in _SEGMENTS.findall(text):
        if not segment:
            encoded.append(_LOOSE_END if separators else _END)
            break
        is_number = segment < b":"
        if separators:
            encoded.append(_SEPARATED + len(separators).to_bytes(2) + (_NUMBER if is_number else _WORD))
        else:
            encoded.append(_JOINED_NUMBER if is_number else _JOINED_WORD)
        encoded.append(NUMBERS[segment] if is_number else segment)
    return b"".join(encoded)
