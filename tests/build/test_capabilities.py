"""Names and numbers of capabilities, against the kernel's own (capsh would say the same)."""

from __future__ import annotations

from pathlib import Path

from lading.build import capabilities


def _bounding_set() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("CapBnd"))
    return int(line.split()[1], 16)


def _bits(names: tuple[str, ...]) -> int:
    return sum(1 << number for number in capabilities.numbers(names))


def test_all_that_this_process_can_give() -> None:
    assert _bits(capabilities.granted("insecure")) == _bounding_set()


def test_what_docker_gives() -> None:
    # 0xa80425fb is what /proc/self/status shows in a container of Docker's.
    assert _bits(capabilities.granted("sandbox")) == 0xA80425FB & _bounding_set()
