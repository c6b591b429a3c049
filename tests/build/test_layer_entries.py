from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from build.test_tar_write import EVERYTHING, file
from lading.build.layer_entries import Entries
from lading.build.node import Changes, sorted_items
from lading.build.tar_write import tar_chunks
from lading.errors import UnavailableError
from lading.oci import tar
from lading.oci.source import ByteSource

ODD = Changes(
    items=sorted_items(
        [
            *EVERYTHING.items,
            file("r\udcffaw", b"raw"),
            *(file(f"many/{number:05}", bytes([number % 251]) * number) for number in range(3000)),
        ]
    ),
    whiteouts=(*EVERYTHING.whiteouts, "\udcfe"),
    opaque=EVERYTHING.opaque,
)

Seen = list[tuple[tar.Member, bytes]]


def _seen(members: Iterator[tar.Member], source: ByteSource, take: int | None) -> Seen:
    """Return the members with what is read of each: so many bytes, or all."""
    found = []
    for member in members:
        member = dataclasses.replace(member, block=b"", extended=None)  # noqa: PLW2901
        start = source.peek(min(4, member.stored))
        data = source.read(member.stored if take is None else min(take, member.stored))
        assert data[: len(start)] == start[: len(data)]
        found.append((member, data))
    return found


@pytest.mark.parametrize("take", [None, 0, 3])
def test_the_same_members_as_are_in_the_tar(take: int | None) -> None:
    entries = Entries()
    source = ByteSource(tar_chunks(ODD, mtime_s=7, note=entries.note))
    found = _seen(entries.members(source), source, take)
    source = ByteSource(tar_chunks(ODD, mtime_s=7))
    assert found == _seen(tar.members(source, "layer"), source, take)
    assert len(found) > 3000


def test_one_thread_writes_and_another_reads() -> None:
    entries = Entries()
    queue: Queue[bytes | None] = Queue(1)
    found: Seen = []

    def read() -> None:
        source = ByteSource(iter(queue.get, None))
        found.extend(_seen(entries.members(source), source, None))

    thread = threading.Thread(target=read)
    thread.start()
    for chunk in tar_chunks(ODD, note=entries.note):
        queue.put(chunk)
    queue.put(None)
    thread.join(60)
    source = ByteSource(tar_chunks(ODD))
    assert found == _seen(tar.members(source, "layer"), source, None)


def test_a_layer_that_is_given_up() -> None:
    def cut() -> Iterator[bytes]:
        yield next(tar_chunks(ODD, note=entries.note))
        raise UnavailableError("given up")

    entries = Entries()
    source = ByteSource(cut())
    with pytest.raises(UnavailableError, match="given up"):
        list(entries.members(source))
