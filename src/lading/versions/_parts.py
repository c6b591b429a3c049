"""What all schemes need: a version as bytes of bounded length, and numbers as bytes that sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from lading.errors import LimitError, MalformedError

MAX_CHARS = 2**15  # the longest version of all PyPI releases has fewer than 200

_SHOWN_CHARS = 80
# Up to here the number of digits is one byte, beyond it is a mark and two bytes.
_SHORT = 0xEF
_COUNTS = [bytes([count + 1]) for count in range(_SHORT + 1)]
_LONG = b"\xff"


def number(digits: bytes) -> bytes:
    """Return a number of any size, in decimal ASCII digits, as bytes that sort by its value.

    Leading zeros mean nothing; no digits are zero. No result is the beginning of another, and the
    first byte is never 0: a scheme may use that one for what sorts below every number.
    """
    digits = digits.lstrip(b"0")
    count = len(digits)
    if count <= _SHORT:
        return _COUNTS[count] + digits
    return _LONG + count.to_bytes(2) + digits


class _Numbers(dict[bytes, bytes]):
    def __missing__(self, digits: bytes) -> bytes:
        return number(digits)


# What `number` gives, for loops where a call for each number is most of the time.
NUMBERS = _Numbers({b"": number(b"")} | {b"%d" % value: number(b"%d" % value) for value in range(1000)})


def ascii_bytes(version: str, kind: str) -> bytes:
    """Return a version as bytes, as it is.

    kind: `an apk`, `a Debian` ..., for the message.
    Raises `LimitError` for more than `MAX_CHARS` characters, `MalformedError` for any beyond ASCII.
    """
    if len(version) > MAX_CHARS:
        raise LimitError(f"{kind} version of {len(version)} characters; the limit is {MAX_CHARS}")
    if not version.isascii():
        refuse(version, kind)
    return version.encode("ascii")


def refuse(version: str, kind: str) -> NoReturn:
    """Raise the `MalformedError` that every scheme gives for what it cannot read."""
    shown = version if len(version) <= _SHOWN_CHARS else version[:_SHOWN_CHARS] + "…"
    raise MalformedError(f"not {kind} version: {shown!r}")


def with_epoch(version: str, kind: str, part: Callable[[bytes], bytes]) -> bytes:
    """Return the key of `[epoch:]version[-release]`, as rpm and pacman part it.

    A prefix before a colon is an epoch only if it is digits; an empty one is 0. part: gives the key
    of a version or release. A missing release is below every release.
    Raises `MalformedError`, `LimitError`.
    """
    text = ascii_bytes(version, kind)
    epoch, colon, rest = text.partition(b":")
    if not colon or (epoch and not epoch.isdigit()):
        epoch, rest = b"0", text
    main, dash, release = rest.rpartition(b"-")
    if not dash:
        main = rest
    if not main or b"\0" in text:
        refuse(version, kind)
    sort_key = number(epoch) + part(main)
    return sort_key + _RELEASE + part(release) if dash else sort_key


_RELEASE = b"\x01"
