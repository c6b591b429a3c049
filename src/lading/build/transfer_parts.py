"""The sources of a COPY or ADD, one kind each: what they read, as a digest, and how they are placed."""

from __future__ import annotations

import hashlib
import io
import posixpath
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import unquote, urlsplit

import msgspec

from lading import faults
from lading.build import archive, content, selection, unpacking
from lading.build.archive import Open
from lading.build.directory_files import DirectoryFiles
from lading.build.elsewhere import Elsewhere, Fetched
from lading.build.files import Files
from lading.build.git_reference import GitReference
from lading.build.node import DIRECTORY, Node
from lading.build.paths import join
from lading.build.placing import Owned, Placing, Source
from lading.build.selection import Pick
from lading.build.transfer_request import Inline, Request
from lading.errors import LadingError, MalformedError

_INLINE_MODE, _FETCHED_MODE = 0o644, 0o600


class Packed(msgspec.Struct, frozen=True):
    """An archive. where: for errors. number: tells its part from others. scratch: for temporary files."""

    open: Open
    where: str
    number: int
    scratch: Path


class Part(Protocol):
    """What a source comes to. All may raise `LadingError`s."""

    def digest(self) -> bytes:
        """Return the digest of what is read."""

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place it where the request says."""


class Copied:
    """A file, or the content of a directory. number: tells it from other parts."""

    def __init__(self, files: Files, pick: Pick, number: int) -> None:
        self._files = files
        self._pick = pick
        self._number = number

    def digest(self) -> bytes:
        """Return the digest of all that is copied, and of the name of a file."""
        pick = self._pick
        if pick.node.kind != DIRECTORY:
            return content.of_entries(self._files, [("", pick.node)]) + _hashed(pick.name)
        if pick.include is None and pick.exclude is None:
            return self._files.digest(pick.path)
        entries = (entry for entry, _ in selection.selected(self._files, pick) if entry[0])
        return content.of_entries(self._files, entries)

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place it."""
        pick = self._pick
        is_folder = pick.node.kind == DIRECTORY
        target = _target(placing, request, owned, "" if is_folder else pick.name)
        if is_folder and placing.get(target) is None:
            placing.folders(target, owned)
        source = Source(self._files.open, self._files.twin, self._number)
        placing.merge(selection.selected(self._files, pick), target, source, owned)


class Unpacked:
    """An archive among the files. scratch: where temporary files go."""

    def __init__(self, files: Files, pick: Pick, number: int, scratch: Path) -> None:
        self._files = files
        self._pick = pick
        self._number = number
        self._scratch = scratch

    def digest(self) -> bytes:
        """Return the digest of the archive: mode and name do not matter."""
        return b"unpacked" + self._files.digest(self._pick.path)

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place what is in it."""
        path = self._pick.path
        packed = Packed(lambda: self._files.open(path), path, self._number, self._scratch)
        _unpack(packed, placing, request, owned)


class Written:
    """A file that stands in the Dockerfile."""

    def __init__(self, inline: Inline) -> None:
        self._inline = inline

    def digest(self) -> bytes:
        """Return the digest of content and name."""
        return b"written" + hashlib.sha256(self._inline.content).digest() + _hashed(self._inline.name)

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place it."""
        data = self._inline.content
        node = Node(path=self._inline.name, mode=_INLINE_MODE, size=len(data), mtime_ns=owned.time_ns)
        _put(node, lambda: io.BytesIO(data), placing, request, owned)


class Brought:
    """A file by http(s)."""

    def __init__(self, fetched: Fetched, number: int, scratch: Path, *, unpack: bool) -> None:
        self._fetched = fetched
        self._number = number
        self._scratch = scratch
        self._unpack = unpack

    def digest(self) -> bytes:
        """Return the digest of the file, and of its name."""
        digest = bytes.fromhex(self._fetched.digest)
        return b"brought" + digest + _hashed(self._name() + "/unpack" * self._unpack)

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place it, or what is in it."""
        path = self._fetched.path()
        shown = faults.redact(self._fetched.url)
        if self._unpack and _is_archive(path):
            packed = Packed(lambda: _opened(path), shown, self._number, self._scratch)
            _unpack(packed, placing, request, owned)
            return
        name = self._name()
        if not name:
            known = placing.get(placing.resolve(request.target))
            if request.is_folder or (known is not None and known.kind == DIRECTORY):
                raise MalformedError(
                    "the URL names no file", shown, "end the target with the name that it is to have"
                )
            name = request.target
        node = Node(path=name, mode=_FETCHED_MODE, size=self._fetched.size, mtime_ns=self._fetched.mtime_ns)
        _put(node, lambda: _opened(path), placing, request, owned)

    def _name(self) -> str:
        name = posixpath.basename(unquote(urlsplit(self._fetched.url).path, errors="surrogateescape"))
        return "" if name in {".", ".."} or "\0" in name else name


class CheckedOut:
    """A commit of a git repository."""

    def __init__(self, elsewhere: Elsewhere, reference: GitReference, number: int, *, keep_git: bool) -> None:
        self._elsewhere = elsewhere
        self._reference = reference
        self._number = number
        self._keep_git = keep_git

    def digest(self) -> bytes:
        """Return the digest of the commit's name, which is one of its content; it need not be here."""
        reference = self._reference
        commit = self._elsewhere.commit(reference)
        return _hashed(f"{commit} {reference.folder} {self._keep_git} {reference.submodules}")

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place what is in it."""
        # A branch may have moved on since its commit was asked for, which the digest stands for.
        reference = msgspec.structs.replace(self._reference, checksum=self._elsewhere.commit(self._reference))
        found = self._elsewhere.checkout(reference, keep_git=self._keep_git)
        title = self._reference.shown
        files = DirectoryFiles(found.directory, title=title, time_ns=found.time_ns)
        root = files.get("")
        assert root is not None, title
        target = _target(placing, request, owned, "")
        source = Source(files.open, files.twin, self._number)
        pick = Pick("", "", root, exclude=request.excluded)
        placing.merge(selection.selected(files, pick), target, source, owned)


def _target(placing: Placing, request: Request, owned: Owned, name: str) -> str:
    """Return the path that a source gets, its directory made. name: of a file; empty for a directory."""
    folder = request.target if request.is_folder else request.target.rpartition("/")[0]
    placing.folders(placing.resolve(folder), owned)
    target = placing.resolve(request.target)
    known = placing.get(target)
    if name and known is not None and known.kind == DIRECTORY:
        target = join(target, name)
    elif name and placing.is_new(target):
        raise MalformedError(
            f"two sources become one file, /{target}", hint="end the target with / if it is a directory"
        )
    placing.folders(target.rpartition("/")[0], owned)
    return target


def _put(node: Node, open_: Open, placing: Placing, request: Request, owned: Owned) -> None:
    """Place a single file, under its name if the target is a directory."""
    target = _target(placing, request, owned, node.path)
    placing.merge([(("", node), False)], target, Source(lambda _: open_(), lambda _: None, 0), owned)


def _unpack(packed: Packed, placing: Placing, request: Request, owned: Owned) -> None:
    """Place what is in an archive."""
    target = placing.resolve(request.target)
    placing.folders(target, owned)
    try:
        entries = archive.read(packed.open(), packed.where, packed.scratch)
        unpacking.unpack(entries, placing, target, owned, packed.number)
    except LadingError as error:
        error.where = error.where or packed.where
        raise


def _is_archive(path: Path) -> bool:
    with _opened(path) as file:
        return archive.is_archive(file)


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", path.open("rb", buffering=0))


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
