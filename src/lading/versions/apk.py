"""Alpine's versions: `N{.N}[letter]{_suffix[N]}[~hash][-rN]`, as apk-tools orders them.

Numbers compare by value, but after the first one with a leading zero compares as text, like a
fraction: `1.05` < `1.1`. `_alpha` < `_beta` < `_pre` < `_rc` sort below the end of the version,
`_cvs` < `_svn` < `_git` < `_hg` < `_p` above it; of two versions that are alike to where one goes on,
`-r` < `~` < a suffix's number < a suffix < a letter < a number.
Order: apk-package(5), https://gitlab.alpinelinux.org/alpine/apk-tools

This is the order of apk-tools since 2.14. Before, `1.0_rc1` stood above a bare `1.0`, `0` equalled
`00` in places, and what cannot be read on sorted above where it now sorts below.

As in apk-tools the rest from where a version cannot be read on is one mark, below the end and
above `_rc`: `4.8.0.-r1`, which is in Alpine's data, stands right below `4.8.0`. Not read: what does
not begin with a digit, and anything beyond ASCII.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, number, refuse

_KIND = "an apk"
_VERSION = re.compile(
    rb"""([0-9]++) ((?: \.[0-9]++ )*+) ([a-z]?+)
    ((?: _(?:alpha|beta|pre|rc|cvs|svn|git|hg|p) (?![a-z]) [0-9]*+ )*+)
    (?: ~([0-9a-f]++) )?+ (?: -r([0-9]++) )?+ (.?)
    """,
    re.VERBOSE | re.DOTALL,
)
_SUFFIXES = re.compile(rb"([a-z]+)([0-9]*)")
_SUFFIX = {
    b"alpha": b"\x01",
    b"beta": b"\x02",
    b"pre": b"\x03",
    b"rc": b"\x04",
    b"cvs": b"\x0a",
    b"svn": b"\x0b",
    b"git": b"\x0c",
    b"hg": b"\x0d",
    b"p": b"\x0e",
}
_UNREADABLE, _END, _REVISION, _HASH, _SUFFIX_NUMBER = b"\x05", b"\x06", b"\x07", b"\x08", b"\x09"
_LETTER, _FRACTION, _NUMBER = b"\x0f", b"\x10", b"\x11"


def key(version: str) -> bytes:
    """Return the sort key of an apk version.

    Raises `MalformedError`, `LimitError`.
    """
    found = _VERSION.match(ascii_bytes(version, _KIND))
    if found is None:
        refuse(version, _KIND)
    first, numbers, letter, suffixes, commit, revision, rest = found.groups()
    encoded = [NUMBERS[first]]
    if numbers:
        encoded += [_number(digits) for digits in numbers[1:].split(b".")]
    if letter:
        encoded.append(_LETTER + letter)
    for name, digits in _SUFFIXES.findall(suffixes) if suffixes else ():
        encoded.append(_SUFFIX[name] + _SUFFIX_NUMBER + number(digits) if digits else _SUFFIX[name])
    if commit is not None:
        encoded.append(_HASH + commit)
    if revision is not None:
        encoded.append(_REVISION + NUMBERS[revision])
    encoded.append(_UNREADABLE if rest else _END)
    return b"".join(encoded)


def _number(digits: bytes) -> bytes:
    # Digits are above every mark, so a fraction needs no end of its own.
    return _FRACTION + digits if digits.startswith(b"0") else _NUMBER + NUMBERS[digits]
