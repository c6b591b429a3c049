"""COPY and ADD: from a request and where the files are, to a digest of all that is read and the changes of a layer.

    request, files -> Planned(digest)     what is read is known, without a look at the target
    Planned.make(tree, accounts)          -> Changes

BuildKit's rules (https://docs.docker.com/reference/dockerfile/#copy): the content of directories is
copied, not they themselves; what is there already is overwritten, a directory merges with a directory;
directories that are missing are made, with 0755 and the owner of `--chown`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from lading import faults
from lading.build import archive, content, git_reference, selection
from lading.build.accounts import Accounts
from lading.build.elsewhere import Elsewhere
from lading.build.files import Files
from lading.build.git_reference import GitReference
from lading.build.node import FILE, Changes
from lading.build.placing import Owned, Placing
from lading.build.selection import Pick
from lading.build.transfer_parts import Brought, CheckedOut, Copied, Part, Unpacked, Written
from lading.build.transfer_request import Request
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


def plan(request: Request, files: Files, elsewhere: Elsewhere, *, time_ns: int = 0) -> Planned:
    """Return what a request comes to.

    files: what the sources are in. elsewhere: brings what ADD names by URL, and has room for what is unpacked.
    time_ns: the time of what no source has, such as directories that are missing.
    Raises `UnavailableError` for a source that is not there, `MalformedError` for what is no pattern, and what
    `files` raises.
    """
    parts: list[Part] = []
    notes = []
    for source in request.sources:
        remote = _remote(request, source, elsewhere, len(parts))
        if remote is not None:
            parts.append(remote)
            continue
        found = selection.picks(files, source, request.excluded, parents=request.parents)
        if not found:
            notes.append(f"nothing fits {source}")
        parts += [
            _local(request, files, pick, number, elsewhere) for number, pick in enumerate(found, len(parts))
        ]
    parts += [Written(one) for one in request.inline]
    known = hashlib.sha256(_encode(_written(request)))
    for part in parts:
        known.update(part.digest())
    return Planned(known.hexdigest(), _Making(request, tuple(parts), time_ns), tuple(notes))


def _local(request: Request, files: Files, pick: Pick, number: int, elsewhere: Elsewhere) -> Part:
    """Return what becomes of a file or directory: ADD takes archives apart, whatever they are called."""
    may_unpack = request.name == "ADD" if request.unpack is None else request.unpack
    if may_unpack and pick.node.kind == FILE:
        with files.open(pick.path) as file:
            if archive.is_archive(file):
                return Unpacked(files, pick, number, elsewhere.scratch)
    return Copied(files, pick, number)


def _remote(request: Request, source: str, elsewhere: Elsewhere, number: int) -> Part | None:
    """Return what a URL comes to; None if the source is none."""
    reference = git_reference.parse(source)
    is_url = source.startswith(("http://", "https://"))
    if reference is None and not is_url:
        if request.checksum:
            raise MalformedError("--checksum is for URLs", faults.redact(source))
        return None
    if request.name != "ADD":
        raise MalformedError("COPY takes no URLs", faults.redact(source), "use ADD")
    if request.checksum and len(request.sources) + len(request.inline) > 1:
        raise MalformedError("--checksum is for one source", hint="write an ADD for each")
    if reference is not None:
        return CheckedOut(
            elsewhere, _pinned(reference, request.checksum), number, keep_git=_keeps_git(request, reference)
        )
    fetched = elsewhere.pinned(source, request.checksum) if request.checksum else elsewhere.file(source)
    return Brought(fetched, number, elsewhere.scratch, unpack=bool(request.unpack))


def _pinned(reference: GitReference, checksum: str) -> GitReference:
    if not checksum:
        return reference
    if reference.checksum not in {"", checksum}:
        raise MalformedError(f"--checksum={checksum[:80]} is not what the URL says", reference.shown)
    return msgspec.structs.replace(reference, checksum=git_reference.checked(checksum))


def _keeps_git(request: Request, reference: GitReference) -> bool:
    said = {request.keep_git, reference.keep_git} - {None}
    if len(said) > 1:
        raise MalformedError("--keep-git-dir is not what the URL says", reference.shown)
    return said == {True}


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
        # Directories on the way to what is meant are placed otherwise; of a commit nothing has been read yet.
        request.exclude,
        request.sources if request.parents else (),
    )


class _Making(msgspec.Struct, frozen=True):
    """Makes the changes."""

    request: Request
    parts: tuple[Part, ...]
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
