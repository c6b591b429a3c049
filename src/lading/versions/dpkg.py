"""Debian's versions: `[epoch:]upstream[-revision]`, as dpkg orders them.

A fragment is cut into runs of other characters and of digits. Numbers compare by value; in the
rest `~` sorts below the end, the end below letters, letters below all other characters.
A missing epoch is 0, and so is a missing revision.
Order: https://manpages.debian.org/deb-version.7

Read is what dpkg compares, which is more than policy allows (`1.0_2`, no digit first). Not read:
an epoch that is no number up to 2**31-1, an empty part, white space inside, control characters,
and anything beyond ASCII, which dpkg orders differently on different processors.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, number, refuse

_KIND = "a Debian"
_MAX_EPOCH = 2**31 - 1
_MAX_EPOCH_DIGITS = 10
_RUNS = re.compile(rb"([^0-9]*)([0-9]*)")
_BLANK = re.compile(rb"[^!-~]")
_TILDE, _END = 0x01, b"\x02"


def _weight(char: int) -> int:
    if char == ord("~"):
        return _TILDE
    return char if bytes([char]).isalnum() or char > ord("~") else 0x80 + char


_WEIGHTS = bytes(_weight(char) for char in range(256))


def key(version: str) -> bytes:
    """Return the sort key of a Debian version.

    White space around it is ignored, as dpkg does.
    Raises `MalformedError`, `LimitError`.
    """
    text = ascii_bytes(version, _KIND).strip()
    epoch, colon, rest = text.partition(b":")
    if not colon:
        epoch, rest = b"", text
    upstream, dash, revision = rest.rpartition(b"-")
    if not dash:
        upstream, revision = rest, b"0"
    if not (upstream and revision and (not colon or _is_epoch(epoch))) or _BLANK.search(text):
        refuse(version, _KIND)
    return number(epoch) + _fragment(upstream) + (_fragment(revision) if dash else _NO_REVISION)


def _is_epoch(epoch: bytes) -> bool:
    significant = epoch.lstrip(b"0")
    return (
        epoch.isdigit() and len(significant) <= _MAX_EPOCH_DIGITS and int(significant or b"0") <= _MAX_EPOCH
    )


def _fragment(text: bytes) -> bytes:
    """Encode each run of others and the number after it; the last, empty run is the end."""
    runs = _RUNS.findall(text.translate(_WEIGHTS))
    return b"".join([other + _END + NUMBERS[digits] for other, digits in runs])


_NO_REVISION = _fragment(b"0")
