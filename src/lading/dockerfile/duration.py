"""Durations as Go writes them, which HEALTHCHECK takes: `30s`, `1m30s`, `1.5h`, `500ms`.

https://pkg.go.dev/time#ParseDuration
"""

from __future__ import annotations

import re

from lading.errors import MalformedError

_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_MAX_NS = 2**63 - 1
_MAX_LENGTH = 100


def nanoseconds(text: str) -> int:
    """Return the duration; raises `MalformedError` for what Go would refuse."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0
    at, total = 0, 0
    while at < len(rest) <= _MAX_LENGTH:
        part = _PART.match(rest, at)
        if part is None or not (part[1] or part[2]):
            break
        unit, fraction = _NS[part[3]], part[2] or "0"
        total += int(part[1] or 0) * unit + int(fraction) * unit // 10 ** len(fraction)
        at = part.end()
    if not rest or at < len(rest) or total > _MAX_NS:
        raise MalformedError(f"not a duration such as 30s or 1m30s: {text[:80]!r}")
    return sign * total
