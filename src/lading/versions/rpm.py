"""RPM's versions: `[epoch:]version[-release]`, as rpm orders them.

A part is cut into numbers, words, `~` and `^`; all else only separates. At each place `~` sorts
below the end, the end below `^`, that below a word, and a word below a number.
Order: https://rpm-software-management.github.io/rpm/manual/dependencies.html#versioning

A missing epoch is 0. A missing release sorts below every release, as rpm does it between
packages: an installed `1.2-3` is past an advisory's `fixed: 1.2`. Not read: an empty version, NUL,
and anything beyond ASCII.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, with_epoch

_KIND = "an RPM"
_SEGMENTS = re.compile(rb"[0-9]+|[A-Za-z]+|[~^]")
_TILDE, _END, _CARET, _WORD, _NUMBER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"


def key(version: str) -> bytes:
    """Return the sort key of an RPM version, with or without epoch and release.

    A prefix before a colon is an epoch only if it is digits, as in rpm. `:1.0` has epoch 0.
    Raises `MalformedError`, `LimitError`.
    """
    return with_epoch(version, _KIND, _part)


def _part(text: bytes) -> bytes:
    """Encode the segments and the end; letters are above every mark, so words need no end of their own."""
    encoded = []
    for segment in _SEGMENTS.findall(text):
        if segment < b":":
            encoded.append(_NUMBER + NUMBERS[segment])
        elif segment == b"~":
            encoded.append(_TILDE)
        else:
            encoded.append(_CARET if segment == b"^" else _WORD + segment)
    encoded.append(_END)
    return b"".join(encoded)
