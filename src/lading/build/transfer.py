"""COPY and ADD: from a request and where the files are, to a digest of all that is read and the changes of a layer.

    request, files -> Planned(digest)     what is read is known, without a look at the target
    Planned.make(tree, accounts)          -> Changes

BuildKit's rules (https://docs.docker.com/reference/dockerfile/#copy): the content of directories is
copied, not they themselves; what is there already is overwritten, a directory merges with a directory;
directories that are missing are made, with 0755 and the owner of `--chown`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import msgspec

from lading.build import content, selection
from lading.build.accounts import Accounts
from lading.build.files import Files, join
from lading.build.node import DIRECTORY, Changes, Node
from lading.build.placing import Owned, Placing, Source
from lading.build.selection import Pick
from lading.build.transfer_request import Inline, Request
from lading.build.tree import Tree
from lading.errors import MalformedError

_INLINE_MODE = 0o644
_encode = msgspec.msgpack.Encoder().encode

Who = Callable[[], Accounts]


class Planned(msgspec.Struct, frozen=True):
    """A COPY or ADD of which the sources are known. notes: what the user should be told.

    digest: of all that is read, and of what the flags make of it: on equal trees, equal digests give layers that are
    equal but for times. make: gives the changes of the layer; the accounts of the image are asked for only if
    `--chown` has names.
    """

    digest: str
    make: Callable[[Tree, Who], Changes]
    notes: tuple[str, ...] = ()


def plan(request: Request, files: Files, *, time_ns: int = 0) -> Planned:
    """Return what a request comes to.

    files: what the sources are in. time_ns: the time of what no source has, such as directories that are missing.
    Raises `UnavailableError` for a source that is not there, `MalformedError` for what is no pattern, and what
    `files` raises.
    """
    parts: list[_Part] = []
    notes = []
    for source in request.sources:
        found = selection.picks(files, source, request.excluded, parents=request.parents)
        if not found:
            notes.append(f"nothing fits {source}")
        parts += [_Copied(files, pick, number) for number, pick in enumerate(found, len(parts))]
    parts += [_Written(one) for one in request.inline]
    known = hashlib.sha256(_encode(_written(request)))
    for part in parts:
        known.update(part.digest())
    return Planned(known.hexdigest(), _Making(request, tuple(parts), time_ns), tuple(notes))


def _written(request: Request) -> tuple[object, ...]:
    """Return what decides what becomes of the files that are read, as far as the request says it."""
    mode = request.mode
    return (
        content.VERSION,
        request.target.encode("utf-8", "surrogateescape"),
        request.is_folder,
        request.chown,
        mode and (mode.text if mode.octal is None else mode.octal),
        request.is_linked,
    )


class _Making(msgspec.Struct, frozen=True):
    """Makes the changes."""

    request: Request
    parts: tuple[_Part, ...]
    time_ns: int

    def __call__(self, tree: Tree, accounts: Who) -> Changes:
        request = self.request
        placing = Placing(Tree() if request.is_linked else tree)
        owned = Owned(_owner(request.chown, accounts), request.mode, self.time_ns)
        for part in self.parts:
            part.place(placing, request, owned)
        return placing.changes()


def _owner(chown: str, accounts: Who) -> tuple[int, int] | None:
    if not chown:
        return None
    # root is 0 even where no file says so.
    numbers = ":".join("0" if part == "root" else part for part in chown.split(":", 1))
    if all(part.isdigit() for part in numbers.split(":") if part):
        return Accounts().owner(numbers)
    return accounts().owner(numbers)


class _Copied:
    """A file, or the content of a directory, from a source."""

    def __init__(self, files: Files, pick: Pick, number: int) -> None:
        self._files = files
        self._pick = pick
        self._number = number

    def digest(self) -> bytes:
        """Return the digest of what is read."""
        pick = self._pick
        name = pick.name.encode("utf-8", "surrogateescape")
        if pick.node.kind != DIRECTORY:
            return content.of_entries(self._files, [("", pick.node)]) + _named(name)
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


class _Written:
    """A file that stands in the Dockerfile."""

    def __init__(self, inline: Inline) -> None:
        self._inline = inline

    def digest(self) -> bytes:
        """Return the digest of name and content."""
        return hashlib.sha256(self._inline.content).digest() + _named(self._inline.name.encode())

    def place(self, placing: Placing, request: Request, owned: Owned) -> None:
        """Place it."""
        data = self._inline.content
        target = _target(placing, request, owned, self._inline.name)
        node = Node(path=target, mode=_INLINE_MODE, size=len(data), mtime_ns=owned.time_ns)
        source = Source(lambda _: io.BytesIO(data), lambda _: None, 0)
        placing.merge([(("", node), False)], target, source, owned)


_Part = _Copied | _Written


def _target(placing: Placing, request: Request, owned: Owned, name: str) -> str:
    """Return the path that a source gets, its directory made. name: of a file; empty for a directory."""
    folder = request.target if request.is_folder else request.target.rpartition("/")[0]
    placing.folders(placing.resolve(folder), owned)
    target = placing.resolve(request.target)
    known = placing.get(target)
    if name and known is not None and known.kind == DIRECTORY:
        target = join(target, name)
    elif name and placing.is_new(target):
        raise _twice(target)
    placing.folders(target.rpartition("/")[0], owned)
    return target


def _twice(target: str) -> MalformedError:
    return MalformedError(
        f"two sources become one file, /{target}", hint="end the target with / if it is a directory"
    )


def _named(name: bytes) -> bytes:
    return hashlib.sha256(name).digest()
