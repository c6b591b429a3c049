"""RubyGems' versions, as Gem::Version orders them.

Segments are numbers and words, apart at dots and where digits meet letters; `-` stands for `.pre.`.
Missing segments are 0, and a word sorts below every number: `1.0.a` < `1.0` < `1.0.1`. Words
compare by their bytes, so that `B` comes before `a`.
Order: https://docs.ruby-lang.org/en/master/Gem/Version.html

White space around it is ignored. Not read: what `Gem::Version.correct?` refuses, and the empty
string, which it takes for 0.
"""

from __future__ import annotations

import re

from lading.versions._parts import NUMBERS, ascii_bytes, refuse

_KIND = "a RubyGems"
_VERSION = re.compile(
    rb"\s*+[0-9]++(?:\.[0-9A-Za-z]++)*+(?:-[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?+\s*+",
)
_SEGMENTS = re.compile(rb"[0-9]+|[A-Za-z]+")
# A zero is worth what follows it: below the end if that is a word, above if it is a number.
_WORD, _ZERO_BELOW, _END, _ZERO_ABOVE, _NUMBER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"


def key(version: str) -> bytes:
    """Return the sort key of a gem's version.

    Raises `MalformedError`, `LimitError`.
    """
    text = ascii_bytes(version, _KIND)
    if not _VERSION.fullmatch(text):
        refuse(version, _KIND)
    if b"-" in text:
        text = text.replace(b"-", b".pre.")
    return _encode(_SEGMENTS.findall(text))


def _encode(segments: list[bytes]) -> bytes:
    """Encode the segments from the last to the first, so that a zero knows what follows it.

    Zeros right before the end say nothing, and neither do those right before the first word.
    """
    first_word = next((at for at, segment in enumerate(segments) if segment > b":"), len(segments))
    encoded = [_END]
    zero = b""
    for at in range(len(segments) - 1, -1, -1):
        segment = segments[at]
        if segment > b":":
            zero = b"" if at == first_word else _ZERO_BELOW
            encoded.append(_WORD + segment)
        elif segment.strip(b"0"):
            zero = _ZERO_ABOVE
            encoded.append(_NUMBER + NUMBERS[segment])
        else:
            encoded.append(zero)
    encoded.reverse()
    return b"".join(encoded)
