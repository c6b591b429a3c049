"""The ports that EXPOSE names: `80`, `80/udp`, `8000-8010/tcp`.

https://docs.docker.com/reference/dockerfile/#expose
"""

from __future__ import annotations

import re

from lading.errors import MalformedError

_FORM = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([A-Za-z]+))?", re.ASCII)
_PROTOCOLS = ("tcp", "udp", "sctp")
_LAST = 65535


def exposed(text: str) -> tuple[str, ...]:
    """Return the ports as a config has them, `80/tcp`.

    Raises `MalformedError` for a text that is no port or range of ports.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise MalformedError(f"not a port: {text[:80]!r}", hint="write 80, 80/udp or 8000-8010/tcp")
    first, last = int(found[1]), int(found[2] or found[1])
    protocol = (found[3] or "tcp").lower()
    if protocol not in _PROTOCOLS:
        raise MalformedError(f"no protocol is called {found[3]!r}", hint=f"one of {', '.join(_PROTOCOLS)}")
    if not 0 < first <= last <= _LAST:
        raise MalformedError(f"not a port, or range of ports, from 1 to {_LAST}: {text!r}")
    return tuple(f"{port}/{protocol}" for port in range(first, last + 1))
