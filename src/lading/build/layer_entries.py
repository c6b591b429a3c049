"""The entries of a layer that is being written, for who reads its tar at the same time.

They are told as they are known, so that no header need be read again: that takes longer than most of what
a reader does with it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator

from lading.build.node import DIRECTORY, FILE, HARDLINK, SYMLINK, Node
from lading.oci import tar
from lading.oci.source import ByteSource

_KINDS = frozenset({FILE, DIRECTORY, HARDLINK, SYMLINK})


class Entries:
    """One thread notes them before it hands on the piece of the tar that they are in, another reads that."""

    def __init__(self) -> None:
        self._noted: deque[tuple[Node, int]] = deque()

    def note(self, node: Node, offset: int) -> None:
        """Take an entry whose content begins at `offset` of the tar."""
        self._noted.append((node, offset))

    def members(self, source: ByteSource) -> Iterator[tar.Member]:
        """Yield what `tar.members` would; the content of each is read from `source` before going on."""
        noted = self._noted
        while True:
            if not noted:
                if not source.next_chunk():
                    return
                continue
            node, offset = noted.popleft()
            source.skip(offset - source.position)
            size = node.size if node.kind == FILE else 0
            kind = node.kind if node.kind in _KINDS else tar.OTHER
            link = _shown(node.link) if node.link else ""
            yield tar.Member(_shown(node.path), kind, size, size, node.mode, link)


def _shown(name: str) -> str:
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")
