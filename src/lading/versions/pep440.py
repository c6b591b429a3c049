"""Python's versions, as PEP 440 and the `packaging` library order them.

`[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]` in all its spellings (`1.0-BETA_2`, `v1.0c1`,
`1.0-1`). Zeros at the end of the release say nothing. A development release sorts below its
pre-release, that below the release, post-releases above, and local versions above what they extend.
Order: https://packaging.python.org/specifications/version-specifiers/

Not read: what PEP 440 has no place for (`1.0-final`, `2004d`, `0.1-bulbasaur`), which old releases
on PyPI have; Python's own tools refuse these, too.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, number, refuse

_KIND = "a PEP 440"
_VERSION = re.compile(
    rb"""\s*+ v?
    (?: ([0-9]+) ! )?
    ( [0-9]++ (?: \.[0-9]++ )*+ )
    (?: [-_.]? (a|b|c|rc|alpha|beta|pre|preview) [-_.]? ([0-9]*+) )?
    (?: -([0-9]++) | ([-_.]? (?:post|rev|r) ) [-_.]? ([0-9]*+) )?
    (?: ([-_.]? dev ) [-_.]? ([0-9]*+) )?
    (?: \+ ( [a-z0-9]++ (?: [-_.][a-z0-9]++ )*+ ) )? \s*+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LOCAL_PARTS = re.compile(rb"[-_.]")
_RELEASE_END = b"\x00"
_ONLY_DEV, _NO_PRE = b"\x01", b"\x05"
_PRE = {
    b"a": b"\x02",
    b"alpha": b"\x02",
    b"b": b"\x03",
    b"beta": b"\x03",
    b"c": b"\x04",
    b"rc": b"\x04",
    b"pre": b"\x04",
    b"preview": b"\x04",
}
_NO_POST, _POST = b"\x00", b"\x01"
_DEV, _NO_DEV = b"\x00", b"\x01"
_LOCAL_END, _LOCAL_WORD, _LOCAL_NUMBER = b"\x00", b"\x01", b"\x02"
_NO_EPOCH = number(b"0")
_FINAL = _RELEASE_END + _NO_PRE + _NO_POST + _NO_DEV + _LOCAL_END


def key(version: str) -> bytes:
    """Return the sort key of a PEP 440 version.

    Raises `MalformedError`, `LimitError`.
    """
    found = _VERSION.fullmatch(ascii_bytes(version, _KIND))
    if found is None:
        refuse(version, _KIND)
    epoch, release, pre, pre_n, bare_post, post, post_n, dev, dev_n, local = found.groups()
    head = (number(epoch) if epoch else _NO_EPOCH) + _release(release)
    if found.lastindex == _RELEASE_GROUP:
        return head + _FINAL
    has_post = bare_post is not None or post is not None
    if pre is not None:
        head += _RELEASE_END + _PRE[pre.lower()] + number(pre_n)
    else:
        head += _RELEASE_END + (_ONLY_DEV if dev is not None and not has_post else _NO_PRE)
    head += _POST + number(bare_post or post_n or b"") if has_post else _NO_POST
    head += _DEV + number(dev_n) if dev is not None else _NO_DEV
    return head + (_local(local) if local is not None else _LOCAL_END)


_RELEASE_GROUP = 2


def _release(text: bytes) -> bytes:
    numbers = [NUMBERS[digits] for digits in text.split(b".")]
    while numbers and numbers[-1] == _NO_EPOCH:
        numbers.pop()
    return b"".join(numbers)


def _local(text: bytes) -> bytes:
    """Encode the parts; letters and digits are above the marks, so a word needs no end of its own."""
    encoded = [
        _LOCAL_NUMBER + number(part) if part.isdigit() else _LOCAL_WORD + part
        for part in _LOCAL_PARTS.split(text.lower())
    ]
    return b"".join(encoded) + _LOCAL_END
