"""The files of a stage or an image, for `--from`: a tree, and the directories of its layers with the content.

Content lies in the directory of the layer that brought it, at the same path, where it is opened without
following any symlink. Only who asks for content makes the layers be unpacked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import BinaryIO

from lading.build import content
from lading.build.beneath import Beneath
from lading.build.node import DIRECTORY, FILE, Node
from lading.build.paths import join
from lading.build.tree import Tree
from lading.errors import LadingError, UnavailableError


class TreeFiles:
    """See `files.Files`. Threads may share it.

    directories: gives those of the layers, by `Tree.origin`; called once, and only when content is asked for.
    title: how errors call it.
    """

    def __init__(self, tree: Tree, directories: Callable[[], Sequence[Path]], *, title: str) -> None:
        self.title = title
        self._tree = tree
        self._directories = directories
        self._beneath: list[Path | Beneath] | None = None
        self._lock = threading.Lock()

    def get(self, path: str) -> Node | None:
        """Return what is at `path`."""
        return self._tree.get(path)

    def children(self, path: str) -> Sequence[Node]:
        """Return what is in a directory."""
        found = (self._tree.get(join(path, name)) for name in self._tree.children(path))
        return [node for node in found if node is not None]

    def open(self, path: str) -> BinaryIO:
        """Return the content of a file."""
        node = self._known(path)
        if node.kind != FILE:
            raise UnavailableError(f"the {node.kind} {path[-80:] or '/'} in {self.title} has no content")
        try:
            return self._layer(self._tree.origin(path)).open(path)
        except OSError as error:
            raise self._failed(path, error) from error

    def digest(self, path: str) -> bytes:
        """Return the digest of a file's content, or of all in a directory."""
        if self._known(path).kind == DIRECTORY:
            return content.of_tree(self, path)
        with self.open(path) as file:
            try:
                return content.of_file(file)
            except OSError as error:
                raise self._failed(path, error) from error

    def twin(self, path: str) -> Hashable:
        """Return the names of a file that has several."""
        names = self._tree.names(path)
        return tuple(names) if len(names) > 1 else None

    def why_not(self, path: str) -> str:
        """Return nothing: there is nothing to say of what is not in a tree."""
        del path
        return ""

    def _known(self, path: str) -> Node:
        node = self._tree.get(path)
        if node is None:
            raise UnavailableError(f"there is no {path[-80:] or '/'} in {self.title}")
        return node

    def _layer(self, number: int) -> Beneath:
        with self._lock:
            if self._beneath is None:
                self._beneath = list(self._directories())
            found = self._beneath[number]
            if isinstance(found, Path):
                found = self._beneath[number] = Beneath(found)
            return found

    def _failed(self, path: str, error: OSError) -> LadingError:
        return UnavailableError(f"{path[-80:]} in {self.title} cannot be read: {error.strerror or error}")
