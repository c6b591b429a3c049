"""What a context's text names: a directory, an archive, a git repository or a URL, as files; or a Dockerfile alone."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from lading import faults
from lading.build import archive, git_checkout, git_reference
from lading.build.archive_files import ArchiveFiles
from lading.build.directory_files import DirectoryFiles
from lading.build.elsewhere import Elsewhere
from lading.build.files import Files
from lading.build.git_reference import GitReference
from lading.build.stat_cache import StatCache
from lading.dockerfile.dockerignore import Patterns
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError

STANDARD_INPUT = "-"
MAX_DOCKERFILE_BYTES = 16 * 2**20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_START_BYTES = 2 * 2**20  # more than any compressor holds back: a block of bzip2 is 900 KB


class Place(Protocol):
    """Where files are. where: for errors about the place itself."""

    where: str

    def whole(self) -> Files:
        """Return all files."""

    def less(self, patterns: Patterns, title: str) -> tuple[Files, StatCache | None]:
        """Return the files that are not kept out, and what remembers their digests. title: how errors call them."""


class Folder:
    """A directory of this machine. stats: where digests are remembered; None for a directory that will be gone."""

    def __init__(self, root: Path, where: str, stats: Path | None, time_ns: int | None = None) -> None:
        self.where = where
        self._root = root
        self._stats = stats
        self._time_ns = time_ns

    def whole(self) -> Files:
        """Return all files."""
        return DirectoryFiles(self._root)

    def less(self, patterns: Patterns, title: str) -> tuple[Files, StatCache | None]:
        """Return the files that are not kept out."""
        cache = None if self._stats is None else StatCache(self._stats, os.path.realpath(self._root))
        found = DirectoryFiles(self._root, patterns, title=title, cache=cache, time_ns=self._time_ns)
        return found, cache


class Packed:
    """An archive."""

    def __init__(self, file: BinaryIO, where: str, scratch: Path) -> None:
        self.where = where
        self._entries = archive.read(file, where, scratch)

    def whole(self) -> Files:
        """Return all files."""
        return ArchiveFiles(self._entries, self.where)

    def less(self, patterns: Patterns, title: str) -> tuple[Files, StatCache | None]:
        """Return the files that are not kept out."""
        found = ArchiveFiles(self._entries, self.where, title=title)
        return (found.without(patterns) if patterns.patterns else found), None


def opened(text: str, elsewhere: Elsewhere, stdin: BinaryIO, stats: Path | None) -> Place | bytes:
    """Return what a text names; the bytes of a Dockerfile where that is all there is.

    Raises `UnavailableError` or `DeniedError` for what is not there or not to be had, `MalformedError` for what is
    broken.
    """
    if text == STANDARD_INPUT:
        return _streamed(stdin, "standard input", elsewhere.scratch)
    reference = git_reference.parse(text)
    if reference is not None:
        return _checked_out(reference, elsewhere, is_local=False)
    if text.startswith(("http://", "https://")):
        with _file(elsewhere.file(text).path()) as file:
            return _streamed(file, faults.redact(text), elsewhere.scratch)
    if text.startswith("file://"):
        path, _, fragment = text.removeprefix("file://").partition("#")
        return _checked_out(git_reference.local(path, fragment), elsewhere, is_local=True)
    return _local(text, elsewhere, stats)


def _local(text: str, elsewhere: Elsewhere, stats: Path | None) -> Place:
    path = Path(text)
    if path.is_dir():
        return Folder(path, text, stats)
    if path.is_file():
        file = _file(path)
        if not archive.is_archive(file):
            file.close()
            raise UnavailableError(
                "is neither a directory nor an archive", text, "to name the Dockerfile, use -f"
            )
        file.seek(0)
        return Packed(file, text, elsewhere.scratch)
    start, mark, fragment = text.partition("#")
    if mark and Path(start).is_dir():
        return _checked_out(git_reference.local(start, fragment), elsewhere, is_local=True)
    short = git_reference.short(text)
    if short is not None:
        return _checked_out(short, elsewhere, is_local=False)
    raise UnavailableError("there is no such directory", text)


def _checked_out(reference: GitReference, elsewhere: Elsewhere, *, is_local: bool) -> Place:
    keep_git = bool(reference.keep_git)
    if is_local:
        found = git_checkout.checkout(reference, elsewhere.scratch, keep_git=keep_git, is_local=True)
    else:
        found = elsewhere.checkout(reference, keep_git=keep_git)
    return Folder(found.directory, reference.shown, None, found.time_ns)


def _streamed(file: BinaryIO, where: str, scratch: Path) -> Place | bytes:
    """Return an archive that comes as a stream, or the text that it is."""
    start = b""
    while len(start) < _START_BYTES and (piece := file.read(_START_BYTES - len(start))):
        start += piece
    whole = cast("BinaryIO", Joined(start, file))
    if archive.is_archive(io.BytesIO(start)):
        return Packed(whole, where, scratch)
    with whole:
        return dockerfile(whole, where)


class Joined(io.RawIOBase):
    """Bytes that have been read already, and the stream that they come from, which stays open."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any buffer is one
        """Read some bytes."""
        view = memoryview(buffer).cast("B")
        data = self._start[: len(view)] or self._rest.read(len(view))
        self._start = self._start[len(view) :]
        view[: len(data)] = data
        return len(data)


def dockerfile(file: BinaryIO, where: str) -> bytes:
    """Return all of a Dockerfile. Raises `LimitError` if that is too much, `MalformedError` for UTF-16."""
    pieces = []
    left = MAX_DOCKERFILE_BYTES
    while piece := file.read(min(left + 1, 2**20)):
        left -= len(piece)
        if left < 0:
            raise LimitError(f"a Dockerfile of over {MAX_DOCKERFILE_BYTES >> 20} MiB", where)
        pieces.append(piece)
    data = b"".join(pieces)
    if data.startswith(_UTF16):
        # What PowerShell writes with `>`.
        raise MalformedError("is in UTF-16, and not in UTF-8", where, "save it as UTF-8")
    return data


def _file(path: Path) -> BinaryIO:
    try:
        return cast("BinaryIO", path.open("rb", buffering=0))
    except PermissionError as error:
        raise DeniedError("cannot be read: permission denied", str(path)) from error
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path)) from error
