"""The names that a command in an image's files knows: its /etc/resolv.conf and /etc/hosts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_LOCAL = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
_MAX_BYTES = 1 << 20


def resolv_conf(network: str, etc: Path = Path("/etc")) -> str:
    """Return how names are resolved: as the machine does it; not at all without a network."""
    return _read(etc / "resolv.conf") if network != "none" else ""


def hosts_file(
    network: str, hostname: str, extra: Sequence[tuple[str, str]] = (), etc: Path = Path("/etc")
) -> str:
    """Return the names of hosts: the machine's own where its network is used, this one's, and further ones.

    extra: names with their addresses; they come first, so that they count.
    """
    lines = [f"{address}\t{name}\n" for name, address in extra]
    known = _read(etc / "hosts") if network != "none" else ""
    if known and not known.endswith("\n"):
        known += "\n"
    return "".join(lines) + (known or _LOCAL) + f"127.0.0.1\t{hostname}\n"


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
