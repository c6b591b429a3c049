"""What a layer gets when ADD takes an archive apart at a directory of the image: as `tar -x`, and as Docker.

The directory is the root of the archive: symlinks on the way lead nowhere else. A directory that is there takes
the entry's owner and mode; anything else that is there is replaced, and later entries replace earlier ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec

from lading.build import paths
from lading.build.archive import Entry, Open
from lading.build.node import DIRECTORY, HARDLINK, LINK_MODE, SYMLINK, Node
from lading.build.paths import join
from lading.build.placing import Owned, Placing
from lading.errors import MalformedError


def unpack(entries: Iterable[Entry], placing: Placing, target: str, owned: Owned, number: int) -> None:
    """Place the entries of an archive in the directory `target`, which is there.

    owned: its mode does not count. number: tells this archive's files from those of others.
    Raises `MalformedError` for entries that cannot be placed.
    """
    contents: dict[str, tuple[Node, Open, Hashable]] = {}
    for count, entry in enumerate(entries):
        node = entry.node
        if not node.path:
            continue  # the directory itself, which stays as it is
        folder, _, name = node.path.rpartition("/")
        folder = paths.resolve(placing.get, folder, base=target)
        placing.folders(folder, Owned(time_ns=owned.time_ns))
        path = join(folder, name)
        if node.kind == HARDLINK:
            linked = _linked(placing, node.link, target)
            known = contents.get(linked)
            if known is None or not placing.is_new(linked):
                raise MalformedError(
                    f"{node.path!r} is a hard link to {node.link!r}, which is no file that the archive has before it"
                )
            node, open_, twin = known
            placing.put(msgspec.structs.replace(node, path=path), open_, twin)
            contents[path] = known
            continue
        uid, gid = owned.owner or (node.uid, node.gid)
        mode = LINK_MODE if node.kind == SYMLINK else node.mode
        made = msgspec.structs.replace(node, path=path, uid=uid, gid=gid, mode=mode)
        contents.pop(path, None)
        if entry.open is not None:
            contents[path] = (made, entry.open, (number, count))
            placing.put(made, entry.open, (number, count))
        elif node.kind != DIRECTORY or made != placing.get(path):
            placing.put(made)


def _linked(placing: Placing, link: str, target: str) -> str:
    folder, _, name = link.rpartition("/")
    return join(paths.resolve(placing.get, folder, base=target), name)
