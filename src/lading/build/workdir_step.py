"""WORKDIR: the directory is made where it is missing, which is a layer of its own."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lading.build.accounts import Accounts
from lading.build.chain import Chain, LayerRef, key_of
from lading.build.execute import Situation
from lading.build.layer_make import LayerMaker
from lading.build.node import DIRECTORY, Changes, Item, Node
from lading.build.snapshotter import Snapshotter
from lading.build.tree import Tree
from lading.errors import MalformedError


class DirectoryMaker(msgspec.Struct, frozen=True):
    """Makes working directories. accounts: gives those of a chain. now_ns: the time of what is made."""

    snapshotter: Snapshotter
    maker: LayerMaker
    accounts: Callable[[Chain], Accounts]
    now_ns: Callable[[], int]

    def prepare(self, situation: Situation) -> _Prepared:
        """Return a WORKDIR, ready to be looked up."""
        return _Prepared(self, situation)


class _Prepared:
    """A WORKDIR whose turn has come."""

    def __init__(self, maker: DirectoryMaker, situation: Situation) -> None:
        self._maker = maker
        self._situation = situation
        self._path = situation.state.directory
        self.told = f"WORKDIR {self._path}"
        self.lasts = True
        self.key = key_of("WORKDIR", situation.chain.key, self._path, situation.state.user)

    def make(self) -> LayerRef | None:
        """Make the directory, and those above it; they belong to the user of the stage, as with BuildKit."""
        maker, chain = self._maker, self._situation.chain
        tree = maker.snapshotter.tree(chain.layers)
        missing = _missing(tree, self._path)
        if not missing:
            return None
        user = self._situation.state.user
        who = maker.accounts(chain).identity(user) if user else None
        owner = (who.uid, who.gid) if who else (0, 0)
        nodes = [
            Node(path=path, kind=DIRECTORY, mode=0o755, uid=owner[0], gid=owner[1], mtime_ns=maker.now_ns())
            for path in missing
        ]
        return maker.maker.make(Changes(items=tuple(Item(node) for node in nodes)))


def _missing(tree: Tree, path: str) -> list[str]:
    """Return the directories that have to be made, from the top. Raises `MalformedError` where a file is in the way."""
    at = tree.resolve(path.strip("/"))
    missing: list[str] = []
    while (node := tree.get(at)) is None:
        missing.append(at)
        at = at.rpartition("/")[0]
    if node.kind != DIRECTORY:
        raise MalformedError(f"/{at} is no directory, so that nothing can be in it")
    return missing[::-1]
