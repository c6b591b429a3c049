"""The flags that instructions take, and whether they are given as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from lading.dockerfile.instruction import Flag
from lading.dockerfile.problem import Problem
from lading.dockerfile.words import Word


class Kind(Enum):
    """SWITCH: true or false, or nothing for true. VALUE: has one. VALUES: may be given several times."""

    SWITCH = "switch"
    VALUE = "value"
    VALUES = "values"


FLAGS: dict[str, dict[str, Kind]] = {
    "ADD": {
        "chown": Kind.VALUE,
        "chmod": Kind.VALUE,
        "link": Kind.SWITCH,
        "keep-git-dir": Kind.SWITCH,
        "checksum": Kind.VALUE,
        "unpack": Kind.SWITCH,
        "exclude": Kind.VALUES,
    },
    "COPY": {
        "chown": Kind.VALUE,
        "from": Kind.VALUE,
        "chmod": Kind.VALUE,
        "link": Kind.SWITCH,
        "exclude": Kind.VALUES,
        "parents": Kind.SWITCH,
    },
    "FROM": {"platform": Kind.VALUE},
    "HEALTHCHECK": {
        "interval": Kind.VALUE,
        "timeout": Kind.VALUE,
        "start-period": Kind.VALUE,
        "start-interval": Kind.VALUE,
        "retries": Kind.VALUE,
    },
    "RUN": {
        "mount": Kind.VALUES,
        "network": Kind.VALUE,
        "security": Kind.VALUE,
        "device": Kind.VALUES,
    },
}
"""By instruction; one that is not here takes none."""

# BuildKit reads the flags of these only to drop them.
UNREAD = frozenset({"ARG", "STOPSIGNAL"})


def read(words: tuple[Word, ...]) -> tuple[Flag, ...]:
    """Return the flags that these words are."""
    found = []
    for word in words:
        name, sign, value = word.value.removeprefix("--").partition("=")
        found.append(Flag(name, value if sign else None, word.span))
    return tuple(found)


def check(name: str, flags: tuple[Flag, ...]) -> Iterator[Problem]:
    """Yield what is wrong with the flags of an instruction, in order."""
    if name in UNREAD:
        return
    known = FLAGS.get(name, {})
    seen: set[str] = set()
    for flag in flags:
        kind = known.get(flag.name)
        if kind is None:
            message = f"{name} has no flag --{flag.name[:80]}"
            yield Problem("flag-unknown", message, flag.span)
        elif flag.name in seen and kind is not Kind.VALUES:
            yield Problem("flag-duplicate", f"--{flag.name} is given a second time", flag.span)
        elif flag.value is None and kind is not Kind.SWITCH:
            yield Problem("flag-value", f"--{flag.name} needs a value", flag.span)
        elif kind is Kind.SWITCH and (flag.value or "true").lower() not in {"true", "false"}:
            yield Problem("flag-value", f"--{flag.name} is true or false", flag.span)
        elif kind is Kind.SWITCH and not flag.value and flag.value is not None:
            yield Problem("flag-value", f"--{flag.name}= needs a value", flag.span)
        seen.add(flag.name)
