"""NuGet's versions: `major[.minor[.patch[.revision]]][-pre.release][+metadata]`.

Missing numbers are 0. Pre-releases compare as in Semantic Versioning 2, but without regard to
case; a label is a number only if it fits into 32 bits, sign allowed (`-1` is such a label). The
metadata says nothing.
Order: https://learn.microsoft.com/nuget/concepts/package-versioning

White space around it is ignored. Not read: more than four numbers, empty labels or metadata, other
characters.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, refuse

_KIND = "a NuGet"
_VERSION = re.compile(
    rb"""\s*+ ([0-9]++) (?:\.([0-9]++))? (?:\.([0-9]++))? (?:\.([0-9]++))?
    (?: -([0-9A-Za-z.-]++) )? (?: \+[0-9A-Za-z.-]++ )? \s*+
    """,
    re.VERBOSE,
)
_INTEGER = re.compile(rb"(-?)0*([0-9]{1,10})")
_MAX_INT, _MIN_INT = 2**31 - 1, -(2**31)
_PRE, _RELEASE = b"\x01", b"\x02"
_END, _NUMBER, _WORD = b"\x01", b"\x02", b"\x03"


def key(version: str) -> bytes:
    """Return the sort key of a NuGet version.

    Raises `MalformedError`, `LimitError`.
    """
    found = _VERSION.fullmatch(ascii_bytes(version, _KIND))
    if found is None:
        refuse(version, _KIND)
    major, minor, patch, revision, pre_release = found.groups(b"")
    numbers = NUMBERS[major] + NUMBERS[minor] + NUMBERS[patch] + NUMBERS[revision]
    if not pre_release:
        return numbers + _RELEASE
    labels = pre_release.split(b".")
    if not all(labels):
        refuse(version, _KIND)
    return numbers + _PRE + b"".join(map(_label, labels)) + _END


def _label(text: bytes) -> bytes:
    """Encode a label; characters are above the marks, so a word needs no end of its own."""
    found = _INTEGER.fullmatch(text)
    value = int(found[1] + found[2]) if found else _MAX_INT + 1
    if _MIN_INT <= value <= _MAX_INT:
        return _NUMBER + (value - _MIN_INT).to_bytes(4)
    return _WORD + text.upper()
