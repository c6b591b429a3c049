"""DL3011: a port that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Expose
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_FORM = re.compile(r"(?:(\d+)|\$\{?\w+\}?)(?:-(?:(\d+)|\$\{?\w+\}?))?(?:/.*)?", re.ASCII)
_LAST = 65_535
_DIGITS = len(str(_LAST))


def check(subject: Subject) -> Iterator[Found]:
    """Yield every port of EXPOSE that is too high."""
    inner = {id(one) for one in subject.file.instructions}
    for expose in subject.all(Expose):
        for word in expose.ports if id(expose) in inner else ():
            found = _FORM.fullmatch(word.value)
            if found and any(_is_too_high(digits) for digits in found.groups() if digits):
                yield Found(word.span, "there is no such port: the last one is 65535")


def _is_too_high(digits: str) -> bool:
    digits = digits.lstrip("0")
    return len(digits) > _DIGITS or int(digits or "0") > _LAST


RULE = Rule(
    code="DL3011",
    title="Ports go from 0 to 65535.",
    level=Level.ERROR,
    why=(
        "A port of TCP or UDP is a number of 16 bits. What is higher cannot be listened on, so the line is a slip "
        "of the keyboard, and whoever publishes the ports of this image by what EXPOSE says will publish a wrong "
        "one or none."
    ),
    check=check,
    bad=(
        "FROM debian:12\nEXPOSE 80000\n",
        "FROM debian:12\nEXPOSE 80 65536/udp\n",
        "FROM debian:12\nEXPOSE 8000-80000\n",
        "FROM debian:12\nEXPOSE 99999999999999999999999\n",
    ),
    good=(
        "FROM debian:12\nEXPOSE 65535 0 80/tcp\n",
        "FROM debian:12\nEXPOSE 8000-8010/udp\n",
        "FROM debian:12\nEXPOSE $PORT\n",
        "FROM debian:12\nONBUILD EXPOSE 80000\n",
    ),
)
