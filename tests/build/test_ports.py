from __future__ import annotations

import pytest

from lading.build.ports import exposed
from lading.errors import MalformedError


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", ("80/tcp",)),
        ("080", ("80/tcp",)),
        ("53/UDP", ("53/udp",)),
        ("9/sctp", ("9/sctp",)),
        ("8000-8002", ("8000/tcp", "8001/tcp", "8002/tcp")),
        ("8000-8001/udp", ("8000/udp", "8001/udp")),
        ("1-65535", tuple(f"{port}/tcp" for port in range(1, 65536))),
    ],
)
def test_ports(text: str, ports: tuple[str, ...]) -> None:
    assert exposed(text) == ports


@pytest.mark.parametrize(
    "text", ["", "0", "65536", "x", "80/", "80/icmp", "9-8", "1-65536", "-1", "80:80", "٨٠", "8 0"]
)
def test_no_ports(text: str) -> None:
    with pytest.raises(MalformedError, match=r"not a port|no protocol"):
        exposed(text)
