"""Versions of Alpine's packages: what `apk add` would take in the image.

From `main` and `community` of the release, the repositories of the official image; Wolfi has one.
Format: https://wiki.alpinelinux.org/wiki/Apk_spec#APKINDEX_Format (gzip members: signature, then a tar).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lading.errors import MalformedError, UnavailableError
from lading.lint.pins_bytes import unpacked
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index, highest, table
from lading.oci.source import ByteSource, Readable
from lading.oci.tar import members

FAMILIES = ("alpine", "wolfi")
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "386": "x86", "arm": "armv7"}
"""Alpine's names of architectures, where they are not those of images."""

_MAX_LINE_BYTES = 2**20
_READ_BYTES = 2**18
_MEMBER = "APKINDEX"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9+_.-]{0,200}", re.ASCII)
_VERSION = re.compile(r"[0-9][0-9a-z._~-]{0,200}", re.ASCII)


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version of each package in `index.release`, or why there is none."""
    release = index.needs(FAMILIES)
    urls = _urls(index)
    tables = [table(index, [url], packages, "apk") for url in urls]
    if not any(tables):
        raise UnavailableError(f"no index of {release}", urls[0])

    def find(name: str) -> str | Unknown:
        if not _NAME.fullmatch(name):
            return Unknown(f"not the name of an Alpine package: {name[:80]!r}", absent=True)
        version = highest(name, tables, "apk")
        if _VERSION.fullmatch(version):
            return version
        return Unknown(
            f"no package {name} in {release}: it may be virtual, or of another source", absent=True
        )

    return each(names, find)


def _urls(index: Index) -> list[str]:
    release = index.needs(FAMILIES)
    architecture = ARCHITECTURES.get(index.architecture, index.architecture)
    if release.family == "wolfi":
        return [f"{index.bases.wolfi}/{architecture}/{_MEMBER}.tar.gz"]
    branch = release.version if release.version[:1].isalpha() else f"v{release.version}"
    place = f"{index.bases.alpine}/{branch}"
    return [f"{place}/{part}/{architecture}/{_MEMBER}.tar.gz" for part in ("main", "community")]


def packages(source: Readable, where: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of each package of an APKINDEX.tar.gz.

    Raises `MalformedError` if it is none or is cut, `LimitError`.
    """
    archive = ByteSource(unpacked(source, where))
    for member in members(archive, where):
        if member.path == _MEMBER:
            yield from _entries(_lines(archive, member.stored, where))
            return
    raise MalformedError(f"there is no {_MEMBER} in it", where)


def _lines(archive: ByteSource, size: int, where: str) -> Iterator[bytes]:
    rest = b""
    while size > 0:
        piece = archive.read(min(size, _READ_BYTES))
        if not piece:
            raise MalformedError(f"the archive ends within {_MEMBER}", where)
        size -= len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            raise MalformedError(f"a line of over {_MAX_LINE_BYTES} bytes", where)
        yield from lines
    yield rest


def _entries(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    name = version = b""
    for line in lines:
        if line.startswith(b"P:"):
            name = line[2:]
        elif line.startswith(b"V:"):
            version = line[2:]
        elif not line.strip():
            if name and version:
                yield name.decode("ascii", "replace"), version.decode("ascii", "replace")
            name = version = b""
    if name and version:
        yield name.decode("ascii", "replace"), version.decode("ascii", "replace")
