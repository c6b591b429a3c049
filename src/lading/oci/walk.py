"""One pass over a layer, for all readers at once: from members to facts."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Protocol

from lading.errors import LadingError, LimitError, MalformedError
from lading.model.fact import Fact, Skipped
from lading.oci import tar, whiteout
from lading.oci.dispatch import Dispatch
from lading.oci.facts import Aliases, LayerFacts
from lading.oci.image import Layer
from lading.oci.reader import HOLD_BYTES, FileReader, TreeFile
from lading.oci.source import ByteSource
from lading.oci.stream import LayerStream

_logger = logging.getLogger(__name__)

# Paths of a layer are kept for its overlay with others; two million of them are some 150 MB.
MAX_ENTRIES = 2_000_000
# A member that a reader wants as a whole and that is larger than this is a trap, not a program.
MAX_SPOOL_BYTES = 4 * 2**30
_SPOOL_PIECE = 2**20

_WHITEOUT = whiteout.PREFIX


class Content(Protocol):
    """Where the content of the member at hand is read from."""

    def read(self, count: int, /) -> bytes:
        """Return the next bytes."""

    def peek(self, count: int, /) -> bytes:
        """Return the next bytes without passing them."""


def walk_layer(layer: Layer, dispatch: Dispatch, aliases: Aliases | None = None) -> LayerFacts:
    """Return the facts of a layer, read once from its stored bytes to the end, and verified.

    aliases: if given, only these paths are read, each by the readers of the name it stands for.
    Raises what the stream raises; a broken tar in intact bytes is a `MalformedError` as well.
    """
    where = f"layer {layer.digest}"
    with LayerStream(layer, where) as stream:
        source = ByteSource(stream.chunks())
        try:
            found = walk(tar.members(source, where), source, dispatch, where=where, aliases=aliases)
        except MalformedError:
            source.drain()  # a wrong digest explains more than what it led to
            raise
        source.drain()
    return found


def walk(
    members: Iterable[tar.Member],
    content: Content,
    dispatch: Dispatch,
    *,
    where: str,
    aliases: Aliases | None = None,
) -> LayerFacts:
    """Return the facts of `members`, in whatever medium they come.

    content: gives the bytes of the member that was yielded last.
    Of two members with one path the later counts, as it does when a tar is unpacked.
    Raises `LimitError` over `MAX_ENTRIES` members.
    """
    walked = _Walked(dispatch, aliases)
    for count, member in enumerate(members):
        if count >= MAX_ENTRIES:
            raise LimitError(f"over {MAX_ENTRIES} entries in one layer", where)
        walked.take(member, content)
    return walked.facts()


class _Walked:
    """What has been seen of a layer so far."""

    def __init__(self, dispatch: Dispatch, aliases: Aliases | None) -> None:
        self._dispatch = dispatch
        self._aliases = aliases
        self._facts: dict[str, tuple[Fact, ...]] = {}
        self._links: dict[str, str] = {}
        self._hardlinks: dict[str, str] = {}
        self._whiteouts: dict[str, None] = {}
        self._opaque: dict[str, None] = {}
        self._skipped: list[Skipped] = []
        self._names = bytearray()
        self._folders = bytearray()
        self._files = self._bytes = 0

    def take(self, member: tar.Member, content: Content) -> None:
        path = member.path
        if self._aliases is not None:
            if member.kind == tar.FILE and path in self._aliases:
                self._forget(self._aliases[path])
                self._read(self._aliases[path], member, content)
            return
        if member.escapes:
            self._skipped.append(
                Skipped("layer", path, "the name in the archive leads above the root; read as below it")
            )
        if _WHITEOUT in path and self._whiteout(path):
            return
        if path in self._facts or path in self._links or path in self._hardlinks:
            self._forget(path)
        if member.kind == tar.DIRECTORY:
            self._folders += path.encode() + b"\0"
            return
        self._names += path.encode() + b"\0"
        if member.kind == tar.FILE:
            self._files += 1
            self._bytes += member.size
            self._read(path, member, content)
        elif member.kind == tar.SYMLINK:
            self._links[path] = member.link
        elif member.kind == tar.HARDLINK and self._dispatch.wanted(path):
            self._hardlinks[path] = member.link

    def facts(self) -> LayerFacts:
        return LayerFacts(
            facts=self._facts,
            links=self._links,
            hardlinks=self._hardlinks,
            whiteouts=tuple(self._whiteouts),
            opaque=tuple(self._opaque),
            names=bytes(self._names),
            folders=bytes(self._folders),
            skipped=tuple(self._skipped),
            files=self._files,
            content_bytes=self._bytes,
        )

    def _forget(self, path: str) -> None:
        self._facts.pop(path, None)
        self._links.pop(path, None)
        self._hardlinks.pop(path, None)

    def _whiteout(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        if name == whiteout.OPAQUE:
            self._opaque[folder] = None
        elif name.startswith(_WHITEOUT) and not name.startswith(whiteout.BOOKKEEPING):
            target = name.removeprefix(_WHITEOUT)
            self._whiteouts[f"{folder}/{target}" if folder else target] = None
        return name.startswith(_WHITEOUT)

    def _read(self, path: str, member: tar.Member, content: Content) -> None:
        readers = self._dispatch.wanted(path)
        start = self._dispatch.magic_bytes
        if start and member.stored >= start and member.pieces is None:
            readers += self._dispatch.by_content(content.peek(start))
        if not readers:
            return
        able = [reader for reader in readers if member.size <= reader.max_bytes]
        facts: list[Fact] = [
            Skipped(reader.name, path, f"{member.size} bytes are over the limit of {reader.max_bytes}")
            for reader in readers
            if reader not in able
        ]
        if able:
            facts += _give(able, path, member, content)
        skipped = [fact for fact in facts if isinstance(fact, Skipped)]
        self._skipped += skipped
        if len(facts) > len(skipped):
            self._facts[path] = tuple(fact for fact in facts if not isinstance(fact, Skipped))


def _give(readers: list[FileReader], path: str, member: tar.Member, content: Content) -> list[Fact]:
    """Open the member once and hand it to every reader that wants it."""
    if member.size <= HOLD_BYTES:
        data = tar.expand(content.read(member.stored), member)
        if len(data) < member.size:
            raise MalformedError(f"the archive ends within {member.path!r}")
        file = TreeFile(path, member.size, member.mode, data)
        return [fact for reader in readers for fact in run(reader, file)]
    if member.size > MAX_SPOOL_BYTES:
        return [Skipped(readers[0].name, path, f"{member.size} bytes are more than can be held")]
    try:
        # Too large for memory, yet to be sought in: a temporary file that never has a name.
        with tempfile.TemporaryFile(prefix="lading-", buffering=0) as spool:
            _spool(member, content, spool)
            file = TreeFile(path, member.size, member.mode, spool=spool)
            return [fact for reader in readers for fact in run(reader, file)]
    except OSError as error:
        return [Skipped(readers[0].name, path, f"no room for a temporary copy: {error}")]


def run(reader: FileReader, file: TreeFile) -> Iterator[Fact]:
    """Yield what a reader says of a file; where it breaks, what it had said, and that it broke."""
    try:
        yield from reader.read(file)
    except LadingError as error:
        # The place is said already, unless it is one within the file.
        reason = error.message if error.where == file.path else str(error)
        yield Skipped(reader.name, file.path, reason)
    except Exception as error:
        _logger.debug("%s broke on %s", reader.name, file.path, exc_info=True)
        yield Skipped(reader.name, file.path, f"internal error: {error!r}")


def _spool(member: tar.Member, content: Content, spool: IO[bytes]) -> None:
    for offset, length in member.pieces or [(0, member.stored)]:
        spool.seek(offset)
        left = length
        while left:
            piece = content.read(min(left, _SPOOL_PIECE))
            if not piece:
                raise MalformedError(f"the archive ends within {member.path!r}")
            spool.write(piece)
            left -= len(piece)
    spool.truncate(member.size)
