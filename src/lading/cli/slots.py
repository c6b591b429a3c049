"""Memory that a process shares with one that it forks: pieces go to the other side, and their slots come back."""

from __future__ import annotations

import mmap
import os

_COUNT = 6
SLOT_BYTES = 2 * 2**20


class Slots:
    """Some slots of `SLOT_BYTES`; made before the fork. Several threads on either side may use them.

    The numbers of the free ones lie in a pipe: who wants one waits there, until there is one, or until the other
    side has gone.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _COUNT * SLOT_BYTES)
        self._free, self._returned = os.pipe()
        os.write(self._returned, bytes(range(_COUNT)))

    def give(self) -> None:
        """Be the side that puts, from now on."""
        os.close(self._returned)

    def receive(self) -> None:
        """Be the side that takes, from now on."""
        os.close(self._free)

    def put(self, data: bytes | memoryview) -> int | None:
        """Copy at most `SLOT_BYTES` to a slot and return its number; None if the other side has gone."""
        found = os.read(self._free, 1)
        if not found:
            return None
        start = found[0] * SLOT_BYTES
        self._memory[start : start + len(data)] = data
        return found[0]

    def take(self, slot: int, size: int) -> bytes:
        """Return the first `size` bytes of a slot, which is free again."""
        start = slot * SLOT_BYTES
        data = self._memory[start : start + size]
        os.write(self._returned, bytes([slot]))
        return data

    def close(self) -> None:
        """Let go of the memory on the side that puts."""
        os.close(self._free)
        self._memory.close()
