"""Composer's versions, as composer/semver normalises and PHP's version_compare orders them.

Up to four numbers, missing ones 0, or a date (`2010-01-02`); then a stability: dev < alpha < beta <
RC < none < patch, each with numbers of its own, and `-dev` behind it for what comes before it.
`v` in front, case, `@stability` and `+build` say nothing. A branch that is a number (`1.x-dev`) is
above all its releases.
Order: https://getcomposer.org/doc/articles/versions.md

White space around it is ignored. Not read: branches (`dev-main`, `master`), aliases (`1.0 as 2.0`),
numeric pre-releases (`1.0-1`), and what else Composer refuses.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, refuse

_KIND = "a Composer"
_MODIFIER = rb"""
    [._-]?+ (?: (stable|beta|b|rc|alpha|a|patch|pl|p) ((?: [.-]?[0-9]++ )*+) )?+ ([.-]?dev)?+
"""
_VERSION = re.compile(
    rb"v? ([0-9]{1,5}+ (?:\.[0-9]++)?+ (?:\.[0-9]++)?+ (?:\.[0-9]++)?+)" + _MODIFIER,
    re.VERBOSE | re.IGNORECASE,
)
_DATE = re.compile(
    rb"v? ([0-9]{4} (?:[.:-]?[0-9]{2}){1,6} (?:[.:-]?[0-9]{1,3}){0,2})" + _MODIFIER,
    re.VERBOSE | re.IGNORECASE,
)
_BRANCH = re.compile(
    rb"v? ([0-9]++ (?:\.(?:[0-9]++|[x*]))?+ (?:\.(?:[0-9]++|[x*]))?+ (?:\.(?:[0-9]++|[x*]))?+) [.-]? dev",
    re.VERBOSE | re.IGNORECASE,
)
_FLAG = re.compile(rb"@(?:stable|rc|beta|alpha|dev)$", re.IGNORECASE)
_BUILD = re.compile(rb"([^,\s+]++)\+[^\s]++")
_NUMBERS = re.compile(rb"[0-9]+")
_DEV, _END, _NUMBER, _PATCH = b"\x01", b"\x05", b"\x06", b"\x07"
_STABILITY = {
    b"alpha": b"\x02",
    b"a": b"\x02",
    b"beta": b"\x03",
    b"b": b"\x03",
    b"rc": b"\x04",
    b"patch": _PATCH,
    b"pl": _PATCH,
    b"p": _PATCH,
}
_PARTS = 4
_ANY = b"9999999"  # Composer's number for the `x` of a branch


def key(version: str) -> bytes:
    """Return the sort key of a Composer version.

    Raises `MalformedError`, `LimitError`.
    """
    text = _FLAG.sub(b"", ascii_bytes(version, _KIND).strip())
    if b"+" in text and (build := _BUILD.fullmatch(text)):
        text = build[1]
    if found := _VERSION.fullmatch(text):
        numbers = found[1].split(b".")
        numbers += [b"0"] * (_PARTS - len(numbers))
    elif found := _DATE.fullmatch(text):
        numbers = _NUMBERS.findall(found[1])
    elif found := _BRANCH.fullmatch(text):
        return _branch(found[1])
    else:
        refuse(version, _KIND)
    return _numbers(numbers) + _modifier(found[2], found[3], found[4]) + _END


def _numbers(parts: list[bytes]) -> bytes:
    return b"".join([_NUMBER + NUMBERS[digits] for digits in parts])


def _modifier(stability: bytes | None, digits: bytes | None, dev: bytes | None) -> bytes:
    name = stability.lower() if stability else b"stable"
    if name == b"stable":
        # Composer drops `-dev` behind the word itself.
        return _DEV if dev and not stability else b""
    encoded = _STABILITY[name] + _numbers(_NUMBERS.findall(digits or b""))
    return encoded + _DEV if dev else encoded


def _branch(name: bytes) -> bytes:
    parts = [part if part.isdigit() else _ANY for part in name.split(b".")]
    parts += [_ANY] * (_PARTS - len(parts))
    return _numbers(parts) + _DEV + _END
