"""What one layer told: the value that is kept, so that no layer is read twice."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lading.model.fact import Fact, Skipped


class LayerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one layer; paths are relative to the root, no leading `/`.

    facts: what the readers gave, by the path of the file. A file that gave nothing is not in it.
    links: symlinks, with their target as written. hardlinks: the target of each hard link whose
        own name a reader wants; its content lies at the target.
    whiteouts: paths that this layer removes from those below; opaque: directories of which it
        removes all that lies below.
    names, folders: every path that is not a directory, and every directory, in the order of the
        archive, joined by NUL, as bytes.
    skipped: what could not be read. files, content_bytes: regular files, and the sum of their sizes.
    """

    facts: dict[str, tuple[Fact, ...]]
    links: dict[str, str]
    hardlinks: dict[str, str]
    whiteouts: tuple[str, ...]
    opaque: tuple[str, ...]
    names: bytes
    folders: bytes
    skipped: tuple[Skipped, ...]
    files: int
    content_bytes: int


# Real path in a layer -> the path under which a link makes it known, and its readers are found.
Aliases = Mapping[str, str]
