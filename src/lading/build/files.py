"""What COPY and ADD take files from: a protocol, and what can be said of all that keep to it.

Paths are as in `node`: relative, "" for the root. A directory of the build context is one
(`directory_files`), a stage or an image (`tree_files`), an archive (`archive_files`).
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Sequence
from typing import BinaryIO, Protocol

from lading.build.node import DIRECTORY, SYMLINK, Node
from lading.build.paths import join
from lading.errors import UnavailableError

_MAX_NEAR = 100_000
_SHOWN = 80


class Files(Protocol):
    """Files to copy from. Of hard links each is a regular file; sockets are left out.

    All raise `LadingError`s: for what cannot be read, is gone meanwhile, or is over a limit.
    """

    @property
    def title(self) -> str:
        """How people call it, such as "the build context"."""

    def get(self, path: str) -> Node | None:
        """Return what is at `path`, symlinks not followed; None if nothing is."""

    def children(self, path: str) -> Sequence[Node]:
        """Return what is in the directory `path`, sorted by the bytes of the names."""

    def open(self, path: str) -> BinaryIO:
        """Return the content of the regular file at `path`, to be closed by who asks."""

    def digest(self, path: str) -> bytes:
        """Return the SHA-256 of the content of a file, or of all that is in a directory (`content`)."""

    def twin(self, path: str) -> Hashable:
        """Return what is the same for all names of the file at `path`; None if it has no other."""

    def why_not(self, path: str) -> str:
        """Return why nothing is at `path`, as a hint; empty if there is nothing to say."""


def missing(files: Files, path: str) -> UnavailableError:
    """Return the error that says that nothing is at `path`, and what might have been meant."""
    where = path[-_SHOWN:] or "/"
    message = f"there is no {where} in {files.title}"
    if known := files.why_not(path):
        return UnavailableError(message, hint=known)
    folder, _, name = path.rpartition("/")
    while folder and not _is_folder(files, folder):
        folder, _, name = folder.rpartition("/")
    if (there := files.get(join(folder, name))) is not None and there.kind == SYMLINK:
        hint = f"{there.path} is a link to {there.link[-_SHOWN:]}, which is not there"
        return UnavailableError(message, hint=hint)
    near = _near([node.path.rpartition("/")[2] for node in files.children(folder)[:_MAX_NEAR]], name)
    hint = " or ".join(join(folder, one) for one in near)
    return UnavailableError(message, hint=f"did you mean {hint}?" if hint else "")


def _is_folder(files: Files, path: str) -> bool:
    node = files.get(path)
    return node is not None and node.kind == DIRECTORY


def _near(names: list[str], wanted: str) -> list[str]:
    same = [name for name in names if name.casefold() == wanted.casefold() and name != wanted]
    if same or len(wanted) > _SHOWN:
        return same[:3]
    # Only names of about that length, since comparing takes the product of both.
    alike = [name for name in names if abs(len(name) - len(wanted)) <= 3]  # noqa: PLR2004
    return difflib.get_close_matches(wanted, alike[:1000], n=3, cutoff=0.6)
