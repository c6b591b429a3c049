"""Directories of the disk as trees and back, for tests that compare with what other programs write."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from lading.build.elsewhere import Elsewhere
from lading.build.layer_index import of_changes
from lading.build.node import DIRECTORY, FIFO, FILE, HARDLINK, LINK_MODE, SYMLINK, Changes, Node, order
from lading.build.tree import Tree
from lading.net import Client

KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK, stat.S_IFIFO: FIFO}
_T = TypeVar("_T")
Shown = dict[str, tuple[object, ...]]


def nodes(root: Path) -> list[Node]:
    """Return what is in a directory as nodes, in order."""
    found = []
    for folder, folders, names in os.walk(root):
        for name in [*folders, *names]:
            path = Path(folder, name)
            known = path.lstat()
            kind = KINDS[stat.S_IFMT(known.st_mode)]
            found.append(
                Node(
                    path=str(path.relative_to(root)),
                    kind=kind,
                    mode=LINK_MODE if kind == SYMLINK else stat.S_IMODE(known.st_mode),
                    uid=known.st_uid,
                    gid=known.st_gid,
                    size=known.st_size if kind == FILE else 0,
                    link=str(path.readlink()) if kind == SYMLINK else "",
                    mtime_ns=known.st_mtime_ns,
                )
            )
    return sorted(found, key=lambda node: order(node.path))


def tree(root: Path) -> Tree:
    """Return a directory as a tree."""
    made = Tree()
    inodes: dict[int, str] = {}
    for node in nodes(root):
        first = inodes.setdefault((root / node.path).lstat().st_ino, node.path)
        if first != node.path:
            node = msgspec.structs.replace(node, kind=HARDLINK, link=first)  # noqa: PLW2901
        made.add(node, 0)
    return made


def on_disk(root: Path) -> Shown:
    """Return what is in a directory, with content and names of the same file."""
    inodes: dict[int, str] = {}
    shown: Shown = {}
    for node in nodes(root):
        path = root / node.path
        data = path.read_bytes() if node.kind == FILE else b""
        first = inodes.setdefault(path.lstat().st_ino, node.path) if node.kind == FILE else ""
        shown[node.path] = (node.kind, oct(node.mode), node.uid, node.gid, node.link, data, first)
    return shown


def applied(before: Tree, root: Path, changes: Changes) -> Shown:
    """Return the same of a directory on which changes have been laid. before: the tree of `root`."""
    after = before.copy()
    after.apply(of_changes(changes), 1)
    contents = {item.node.path: _content(item.open) for item in changes.items if item.open is not None}
    shown: Shown = {}
    for node in after.walk():
        if not node.path:
            continue
        data, first = b"", ""
        if node.kind == FILE:
            names = after.names(node.path)
            first = min(names, key=order)
            data = contents[first] if after.origin(node.path) == 1 else (root / node.path).read_bytes()
        shown[node.path] = (node.kind, oct(node.mode), node.uid, node.gid, node.link, data, first)
    return shown


def _content(open_: object) -> bytes:
    assert callable(open_)
    with open_() as file:
        data: bytes = file.read()
    return data


def nowhere() -> Elsewhere:
    """Return what brings nothing, for copies that need nothing from other machines."""

    def client() -> Client:
        raise AssertionError("nothing is to be fetched")

    return Elsewhere(client, Path("/nowhere"))


def noted(function: Callable[[str], _T], paths: list[str]) -> Callable[[str], _T]:
    """Return a function that does the same, and notes the paths that it is called with."""

    def call(path: str) -> _T:
        paths.append(path)
        return function(path)

    return call
