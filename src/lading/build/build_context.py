"""Where a build takes its Dockerfile and its files from.

    text -> Context(files, dockerfile)

The ignore file that holds is that of the Dockerfile (`Dockerfile.dockerignore`, beside it), else that of the context.
https://docs.docker.com/build/concepts/context/
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import BinaryIO

import msgspec

from lading.build import context_place, files, paths
from lading.build.archive_files import ArchiveFiles
from lading.build.context_place import STANDARD_INPUT, Place
from lading.build.elsewhere import Elsewhere
from lading.build.files import Files
from lading.build.node import FILE
from lading.build.stat_cache import StatCache
from lading.dockerfile import dockerignore
from lading.dockerfile.dockerignore import Patterns
from lading.errors import DeniedError, UnavailableError, UsageError

_NAMES = ("Dockerfile", "Containerfile")
_IGNORE = ".dockerignore"
_TITLE = "the build context"
_ALONE = "the build context (there is none where the Dockerfile comes alone)"
_IMAGES = {"docker-image://": "image", "oci-layout://": "layout"}


class Context(msgspec.Struct, frozen=True):
    """What a build is made from. name: what the Dockerfile is called. cache: remembers the digests of the files."""

    files: Files
    dockerfile: bytes = b""
    name: str = ""
    cache: StatCache | None = None

    def save(self) -> None:
        """Write down what has been learnt of the files, for the next build."""
        if self.cache is not None:
            self.cache.save()


class Named(msgspec.Struct, frozen=True):
    """A further context: `place` is for `Opener.files`, `image` a reference, `layout` a directory with an OCI layout."""

    name: str
    place: str = ""
    image: str = ""
    layout: str = ""


def named(text: str) -> Named:
    """Return what `--build-context NAME=VALUE` names. Raises `UsageError` for another form."""
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise UsageError(
            f"not a context: {text[:80]!r}",
            hint="write NAME=DIRECTORY, NAME=URL or NAME=docker-image://IMAGE",
        )
    for scheme, field in _IMAGES.items():
        if value.startswith(scheme):
            found = value.removeprefix(scheme)
            if not found:
                raise UsageError(f"the context {name[:80]} names no image: {value}")
            return Named(name, **{field: found})
    return Named(name, place=value)


class Opener(msgspec.Struct, frozen=True):
    """Opens contexts. stdin: read where `-` says so. stats: a directory for digests that are remembered."""

    elsewhere: Elsewhere
    stdin: BinaryIO
    stats: Path | None = None

    def context(self, text: str, file: str = "") -> Context:
        """Return the main context. text: a directory, an archive, the URL of a repository or an archive, or `-`.

        file: the Dockerfile, on this machine or in the context; empty for the one in the context, `-` for standard input.
        Raises `UsageError` for both from there, `UnavailableError` and `DeniedError` for what is not to be had,
        `MalformedError` for what is broken, `LimitError` for what is too large.
        """
        if text == file == STANDARD_INPUT:
            raise UsageError("context and Dockerfile cannot both come from standard input")
        place = context_place.opened(text, self.elsewhere, self.stdin, self.stats)
        if isinstance(place, bytes):
            if file:
                raise UnavailableError("is no archive", text, "leave out -f: it is the Dockerfile itself")
            return Context(ArchiveFiles((), "", title=_ALONE), place, "Dockerfile")
        whole = place.whole()
        if file == STANDARD_INPUT:
            found = _Found(context_place.dockerfile(self.stdin, "standard input"), "Dockerfile")
        else:
            found = _on_this_machine(file) or _in_context(whole, place, file)
        patterns = found.patterns or _patterns(whole, (*found.beside, _IGNORE), place)
        kept, cache = place.less(patterns, _TITLE)
        return Context(kept, found.dockerfile, found.name, cache)

    def files(self, text: str, title: str) -> Context:
        """Return a further context, less what its ignore file keeps out. Raises as `context`."""
        place = context_place.opened(text, self.elsewhere, self.stdin, self.stats)
        if isinstance(place, bytes):
            raise UnavailableError("is neither a directory nor an archive", text)
        kept, cache = place.less(_patterns(place.whole(), (_IGNORE,), place), title)
        return Context(kept, cache=cache)


class _Found(msgspec.Struct, frozen=True):
    """A Dockerfile. beside: paths in the context of an ignore file of its own. patterns: of one outside."""

    dockerfile: bytes
    name: str
    beside: tuple[str, ...] = ()
    patterns: Patterns | None = None


def _on_this_machine(file: str) -> _Found | None:
    """Return the Dockerfile that a path of this machine names; None if it names none."""
    path = Path(file)
    if file and path.is_fifo():  # of a shell: -f <(...)
        return _Found(_read(path), "Dockerfile")
    if not file or not path.is_file():
        return None
    own = Path(f"{file}{_IGNORE}")
    patterns = dockerignore.parse(_read(own), str(own)) if own.is_file() else None
    return _Found(_read(path), path.name, patterns=patterns)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return context_place.dockerfile(file, str(path))
    except PermissionError as error:
        raise DeniedError("cannot be read: permission denied", str(path)) from error
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path)) from error


def _in_context(whole: Files, place: Place, file: str) -> _Found:
    """Return the Dockerfile in a context."""
    for name in (file,) if file else _NAMES:
        path = _regular(whole, name)
        if path is not None:
            return _Found(_content(whole, path), posixpath.basename(name), (paths.clean(name) + _IGNORE,))
    error = files.missing(whole, paths.clean(file or _NAMES[0]))
    hint = "name the Dockerfile with -f"
    if file:
        hint = "a Dockerfile is looked up here, then in the context"
    raise UnavailableError(error.message, place.where, error.hint or hint)


def _patterns(whole: Files, names: tuple[str, ...], place: Place) -> Patterns:
    """Return the patterns in the first of these files that is there."""
    for name in names:
        path = _regular(whole, name)
        if path is not None:
            return dockerignore.parse(_content(whole, path), posixpath.join(place.where, name))
    return Patterns()


def _regular(whole: Files, name: str) -> str | None:
    """Return the path of a regular file, symlinks in the context followed; None if there is none."""
    path = paths.resolve(whole.get, name)
    node = whole.get(path)
    return path if node is not None and node.kind == FILE else None


def _content(whole: Files, path: str) -> bytes:
    with whole.open(path) as file:
        return context_place.dockerfile(file, path)
