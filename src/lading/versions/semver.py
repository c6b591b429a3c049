"""Semantic versions, as npm, Go, crates.io, Hex and others use them.

`major.minor.patch[-pre.release][+build]`: numbers by value; a pre-release sorts below its release;
its identifiers compare one by one, numbers by value and below words, fewer below more; the build
says nothing. Order: https://semver.org/#spec-item-11

Read beyond the specification, because advisories and tags have it: `v` or `=` in front, missing
minor and patch (they are 0), more than three numbers, leading zeros, a pre-release without its
hyphen (`1.21rc2`), any build, white space around it. Go's pseudo-versions and `+incompatible` need
nothing special. "0" is OSV's beginning of time: its key is the lowest of all, below `0.0.0-0`.
Not read: anything else, such as `latest`, `1.x`, `1.0_2`.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, number, refuse

_KIND = "a semantic"
_LOWEST = b""
_VERSION = re.compile(
    rb"""\s*+ [vV=]*+ \s*+
    ([0-9]++) (?:\.([0-9]++))? (?:\.([0-9]++))? ((?:\.[0-9]++)*+)  # numbers
    (?: -([0-9A-Za-z.-]++) | ([A-Za-z][0-9A-Za-z.-]*+) )?          # pre-release
    (?: \+[!-~]*+ )? \s*+                                          # build
    """,
    re.VERBOSE,
)
_PRE, _RELEASE, _MORE = b"\x01", b"\x02", b"\x03"
_END, _NUMBER, _WORD = b"\x01", b"\x02", b"\x03"


def key(version: str) -> bytes:
    """Return the sort key of a semantic version; that of "0" is empty, the lowest of all.

    Raises `MalformedError`, `LimitError`.
    """
    if version == "0":
        return _LOWEST
    found = _VERSION.fullmatch(ascii_bytes(version, _KIND))
    if found is None:
        refuse(version, _KIND)
    major, minor, patch, more, hyphened, joined = found.groups(b"")
    numbers = NUMBERS[major] + NUMBERS[minor] + NUMBERS[patch]
    if more:
        numbers += _further(more)
    pre_release = hyphened or joined
    if not pre_release:
        return numbers + _RELEASE
    identifiers = pre_release.split(b".")
    if not all(identifiers):
        refuse(version, _KIND)
    return numbers + _PRE + b"".join(map(_identifier, identifiers)) + _END


def _further(more: bytes) -> bytes:
    """Encode the numbers after the third, less the zeros at the end: `1.2.3.0` is `1.2.3`."""
    numbers = [number(digits) for digits in more[1:].split(b".")]
    while numbers and numbers[-1] == number(b""):
        numbers.pop()
    return b"".join([_MORE + encoded for encoded in numbers])


def _identifier(text: bytes) -> bytes:
    # Every character is above the marks, so a word needs no end of its own.
    return _NUMBER + number(text) if text.isdigit() else _WORD + text
