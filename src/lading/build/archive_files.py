"""The files of an archive as a build context, less what an ignore file keeps out; owners are dropped."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import BinaryIO

import msgspec

from lading.build import content
from lading.build.archive import Entry, Open
from lading.build.node import DIRECTORY, Node
from lading.build.paths import join
from lading.build.selection import Pick, selected
from lading.build.tree import Tree
from lading.dockerfile.dockerignore import Patterns
from lading.errors import LadingError, MalformedError, UnavailableError


class ArchiveFiles:
    """See `files.Files`. where: what errors about entries name.

    Raises `MalformedError` for entries that could not be files, such as a hard link to what is not there.
    """

    def __init__(self, entries: Sequence[Entry], where: str, *, title: str = "the build context") -> None:
        self.title = title
        self._tree = Tree()
        self._contents: dict[str, Open] = {}
        self._digests: dict[str, bytes] = {}
        self._all = self._tree  # with what is kept out
        for entry in entries:
            try:
                self._add(entry)
            except LadingError as error:
                raise MalformedError(error.message, where) from error

    def _add(self, entry: Entry) -> None:
        node = self._tree.add(msgspec.structs.replace(entry.node, uid=0, gid=0), 0)
        self._contents.pop(node.path, None)
        if entry.open is not None:
            self._contents[node.path] = entry.open
            return
        for name in self._tree.names(node.path):
            if name in self._contents:  # a hard link: what the other names have is its content
                self._contents[node.path] = self._contents[name]
                return

    def without(self, patterns: Patterns) -> ArchiveFiles:
        """Return the files that are not kept out."""
        kept = ArchiveFiles((), "", title=self.title)
        kept._all = self._all
        kept._contents = self._contents
        pick = Pick("", "", self._tree.get("") or Node(path="", kind=DIRECTORY), exclude=patterns)
        for (_, node), _ in selected(self, pick):
            kept._tree.add(node, 0)
        return kept

    def get(self, path: str) -> Node | None:
        """Return what is at `path`."""
        return self._tree.get(path)

    def children(self, path: str) -> Sequence[Node]:
        """Return what is in a directory."""
        found = (self._tree.get(join(path, name)) for name in self._tree.children(path))
        return [node for node in found if node is not None]

    def open(self, path: str) -> BinaryIO:
        """Return the content of a file."""
        opened = self._contents.get(path)
        if opened is None or self._tree.get(path) is None:
            raise UnavailableError(f"there is no file {path[-80:] or '/'} in {self.title}")
        return opened()

    def digest(self, path: str) -> bytes:
        """Return the digest of a file's content, or of all in a directory."""
        node = self._tree.get(path)
        if node is not None and node.kind == DIRECTORY:
            return content.of_tree(self, path)
        known = self._digests.get(path)
        if known is None:
            try:
                with self.open(path) as file:
                    known = self._digests[path] = content.of_file(file)
            except OSError as error:
                raise UnavailableError(f"{path[-80:]} in {self.title} cannot be read: {error}") from error
        return known

    def twin(self, path: str) -> Hashable:
        """Return the names of a file that has several in the archive."""
        names = self._all.names(path)
        return tuple(names) if len(names) > 1 else None

    def why_not(self, path: str) -> str:
        """Return whether the ignore file keeps a path out."""
        is_hidden = self._tree.get(path) is None and self._all.get(path) is not None
        return "it is there, but the ignore file keeps it out" if is_hidden else ""
