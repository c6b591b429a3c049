from __future__ import annotations

import os
from collections.abc import Callable

from lading.cli.slots import SLOT_BYTES, Slots


def forked(work: Callable[[], None]) -> int:
    """Do it in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_what_is_put_is_taken_and_the_slot_serves_again() -> None:
    slots = Slots()
    pieces = [bytes([number]) * (1 + number * 1000) for number in range(100)]
    numbers, theirs = os.pipe()

    def take() -> None:
        slots.receive()
        os.close(theirs)
        for piece in pieces:
            assert slots.take(os.read(numbers, 1)[0], len(piece)) == piece

    child = forked(take)
    slots.give()
    used = set()
    for piece in pieces:
        slot = slots.put(piece)
        assert slot is not None
        used.add(slot)
        os.write(theirs, bytes([slot]))
    assert ended(child) == 0
    assert len(used) < len(pieces)
    slots.close()
    for pipe in (numbers, theirs):
        os.close(pipe)


def test_a_whole_slot() -> None:
    slots = Slots()
    data = os.urandom(SLOT_BYTES)
    slot = slots.put(memoryview(data))
    assert slot is not None
    assert slots.take(slot, SLOT_BYTES) == data
    slots.receive()


def test_nobody_is_left_who_would_take() -> None:
    slots = Slots()
    child = forked(slots.receive)
    slots.give()
    assert ended(child) == 0
    given = []
    while (slot := slots.put(b"x")) is not None:
        given.append(slot)
    assert len(set(given)) == len(given) > 1
    slots.close()
