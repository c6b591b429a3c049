"""A directory taken as a root file system, or as any tree of files: one layer that is no tar."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lading.errors import UnavailableError
from lading.model.digest import Digest
from lading.model.fact import Skipped
from lading.oci import tar
from lading.oci.dispatch import Dispatch
from lading.oci.facts import Aliases, LayerFacts
from lading.oci.image import Image, Layer
from lading.oci.walk import walk

# Not part of any file system that is meant: what the kernel shows there has no end, or no size.
_PSEUDO = frozenset({"proc", "sys", "dev"})
_NO_DIGEST = Digest("")


def open_image(path: Path, target: str) -> Image:
    """Return a directory as an image of one layer without digests.

    Raises `UnavailableError` if it is no directory.
    """
    if not path.is_dir():
        raise UnavailableError("there is no such directory", target)
    layer = Layer(digest=_NO_DIGEST, diff_id=_NO_DIGEST, size=-1, open=io.BytesIO, directory=str(path))
    return Image(target=target, digest="", config_digest="", layers=(layer,))


def walk_directory(path: str, dispatch: Dispatch, aliases: Aliases | None = None) -> LayerFacts:
    """Return the facts of a directory; symlinks are noted and never followed.

    aliases: as in `walk`. What may not be read is among the skipped. The order is by name.
    """
    tree = _Directory(path)
    found = walk(tree.members(), tree, dispatch, where=path, aliases=aliases)
    return LayerFacts(
        facts=found.facts,
        links=found.links,
        hardlinks=found.hardlinks,
        whiteouts=(),
        opaque=(),
        names=found.names,
        folders=found.folders,
        skipped=(*found.skipped, *tree.skipped),
        files=found.files,
        content_bytes=found.content_bytes,
    )


class _Directory:
    """The members of a directory, and the content of the one that was yielded last."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._path = ""
        self._file: BinaryIO | None = None
        self.skipped: list[Skipped] = []

    def members(self) -> Iterator[tar.Member]:
        """Yield every entry below the root, a directory before what is in it."""
        todo = [""]
        while todo:
            folder = todo.pop()
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}" if folder else entry.name
                member = self._member(entry, path)
                if member is None:
                    continue
                if member.kind == tar.DIRECTORY and not (not folder and entry.name in _PSEUDO):
                    todo.append(path)
                yield member
                self._close()

    def read(self, count: int) -> bytes:
        """Return the next bytes of the member at hand; zeros where the file became shorter meanwhile."""
        file = self._open()
        data = file.read(count) if file else b""
        return data + bytes(count - len(data))

    def peek(self, count: int) -> bytes:
        """Return the first bytes of the member at hand."""
        file = self._open()
        if file is None:
            return b""
        data = file.read(count)
        file.seek(0)
        return data

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:  # noqa: PTH118 - hot
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(folder, error)
            return []

    def _member(self, entry: os.DirEntry[str], path: str) -> tar.Member | None:
        try:
            info = entry.stat(follow_symlinks=False)
            kind = _KINDS.get(stat.S_IFMT(info.st_mode), tar.OTHER)
            link = os.readlink(entry.path) if kind == tar.SYMLINK else ""  # noqa: PTH115 - hot
        except OSError as error:
            self._skip(path, error)
            return None
        self._path = entry.path
        size = info.st_size if kind == tar.FILE else 0
        return tar.Member(_printable(path), kind, size, size, stat.S_IMODE(info.st_mode), _printable(link))

    def _open(self) -> BinaryIO | None:
        if self._file is None:
            try:
                # Not followed, and not waited for: between the look and the open it may have
                # become a link or a pipe.
                handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                self._file = os.fdopen(handle, "rb")
            except OSError as error:
                self._skip(os.path.relpath(self._path, self._root), error)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _skip(self, path: str, error: OSError) -> None:
        reason = "no permission to read it" if error.errno == errno.EACCES else str(error.strerror)
        self.skipped.append(Skipped("directory", _printable(path) or ".", reason))


_KINDS = {stat.S_IFREG: tar.FILE, stat.S_IFDIR: tar.DIRECTORY, stat.S_IFLNK: tar.SYMLINK}


def _printable(path: str) -> str:
    """Names that are not UTF-8 are written as the tar walk writes them."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
