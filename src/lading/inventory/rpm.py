"""What an rpm header says: the record of one installed package, the same in all three databases.

A header is two counts (index entries, bytes of data), the entries (tag, type, offset, count; 16 bytes
each, big-endian), and the data: C strings, arrays of them, big-endian numbers. Installed headers begin
with an entry for the signed region, whose trailer lies in the data; offsets hold all the same.
A file's path is the directory that its index points to, and its base name.
Format: https://rpm-software-management.github.io/rpm/manual/hregions.html, tags:
https://rpm-software-management.github.io/rpm/manual/tags.html
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator

import msgspec

from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory import makers
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

# Where the databases are: the usual place, openSUSE's and Fedora's, and that of OSTree.
FOLDERS = ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
# rpm's own limit for a header is 256 MiB; the largest real ones (kernels' sources) have some 10.
MAX_HEADER_BYTES = 64 * 2**20
MAX_PACKAGES = 100_000
_MAX_UNREADABLE = 100
_MAX_ENTRIES = 0xFFFF
_MAX_BYTES = 4096
# Paths share their directory's name, so that a small header could stand for endless text. Each file
# has a checksum and a dozen numbers, so that real paths take less room than their header.
_MAX_PATH_BYTES_PER_BYTE = 4

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_VENDOR, _LICENSE, _ARCH, _OLD_FILE_NAMES, _SOURCE_RPM = 1011, 1014, 1022, 1027, 1044
_DIR_INDEXES, _BASE_NAMES, _DIR_NAMES, _MODULARITY_LABEL = 1116, 1117, 1118, 5096
_WANTED = frozenset({
    _NAME, _VERSION, _RELEASE, _EPOCH, _VENDOR, _LICENSE, _ARCH, _OLD_FILE_NAMES, _SOURCE_RPM,
    _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES, _MODULARITY_LABEL,
})  # fmt: skip
_INT32, _STRING, _STRING_ARRAY, _I18N_STRING = 4, 6, 8, 9
_COUNTS = struct.Struct(">II")
_ENTRY = struct.Struct(">IIII")
_SOURCE = re.compile(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm")


def packages(blobs: Iterable[bytes | Skipped], file: TreeFile, reader: str) -> Iterator[Package | Skipped]:
    """Yield the packages of a database, in its order, without the public keys that rpm keeps among them.

    blobs: the headers, and what of the database could not be read; a `LadingError` ends it.
    What cannot be read is `Skipped`. Headers may not take more bytes together than the file has: page
    chains that share pages would let a small file stand for endless data.
    """
    unreadable = count = taken = 0
    try:
        for blob in blobs:
            if isinstance(blob, Skipped):
                yield blob
                unreadable += 1
            else:
                count += 1
                taken += len(blob)
                if taken > file.size or count > MAX_PACKAGES:
                    raise LimitError("headers share their pages, or are too many: the rest is not read")
                for fact in _facts(blob, file.path, reader):
                    unreadable += isinstance(fact, Skipped)
                    yield fact
            if unreadable >= _MAX_UNREADABLE:
                raise LimitError("too many unreadable headers: the rest is not read")
    except LadingError as error:
        yield Skipped(reader, file.path, error.message)


def _facts(blob: bytes, path: str, reader: str) -> Iterator[Package | Skipped]:
    try:
        header = Header(blob)
        name = header.text(_NAME)
        if name == "gpg-pubkey":
            return
        package = _package(header, path, reader)
    except MalformedError as error:
        yield Skipped(reader, path, error.message)
        return
    try:
        yield msgspec.structs.replace(package, files=header.paths())
    except MalformedError as error:
        yield package
        yield Skipped(reader, path, f"{name[:80]!r}: {error.message}")


def _package(header: Header, path: str, reader: str) -> Package:
    name, version, release = (header.text(tag) for tag in (_NAME, _VERSION, _RELEASE))
    if not (name and version and release):
        raise MalformedError(f"rpm header without name, version or release: {name[:80]!r}")
    epoch, arch, licence = header.number(_EPOCH), header.text(_ARCH), header.text(_LICENSE)
    label = header.text(_MODULARITY_LABEL)
    source_name, source_version = source_of(header.text(_SOURCE_RPM))
    return Package(
        type="rpm",
        name=name,
        version=f"{epoch}:{version}-{release}" if epoch else f"{version}-{release}",
        source_name=source_name,
        source_version=source_version,
        arch=arch,
        licenses=(licence,) if licence else (),
        locations=(Location(path),),
        key=f"{name}-{version}-{release}.{arch}",
        reader=reader,
        # As Red Hat's own purls and CSAF documents call it; the specification of the type names none.
        qualifiers=(("rpmmod", label),) if label else (),
        foreign=makers.of_rpm(header.text(_VENDOR)),
    )


def source_of(source_rpm: str) -> tuple[str, str]:
    """Return name and version of a source package from its file name (`bash-5.1.8-6.el9.src.rpm`).

    The version has no epoch: the file name does not tell it. Both are empty for any other text.
    """
    match = _SOURCE.fullmatch(source_rpm)
    return (match[1], match[2]) if match else ("", "")


class Header:
    """A header blob, taken apart on demand. Raises `MalformedError` for one whose counts cannot be."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < _COUNTS.size:
            raise MalformedError("rpm header of less than 8 bytes")
        entries, size = _COUNTS.unpack_from(blob)
        self._start = _COUNTS.size + entries * _ENTRY.size
        self._end = self._start + size
        if not 0 < entries <= _MAX_ENTRIES or self._end > min(len(blob), MAX_HEADER_BYTES):
            raise MalformedError("rpm header that is cut short, or not one")
        self._blob = blob
        self._entries: dict[int, tuple[int, int, int]] = {}
        for tag, kind, offset, count in _ENTRY.iter_unpack(blob[_COUNTS.size : self._start]):
            if tag in _WANTED:
                self._entries.setdefault(tag, (kind, self._start + offset, count))

    def text(self, tag: int) -> str:
        """Return a string, at most 4,096 bytes of it; empty if it is not there."""
        kind, start, count = self._entries.get(tag, (0, 0, 0))
        if kind not in {_STRING, _I18N_STRING, _STRING_ARRAY} or not count:
            return ""
        end = self._blob.find(b"\0", start, self._end)
        if end < 0:
            raise MalformedError(f"rpm header with a string (tag {tag}) that does not end")
        return self._blob[start : min(end, start + _MAX_BYTES)].decode("utf-8", "backslashreplace")

    def number(self, tag: int) -> int:
        """Return the first of the numbers; 0 if there is none."""
        return next(iter(self._numbers(tag, 1)), 0)

    def paths(self) -> tuple[str, ...]:
        """Return the files and directories of the package, relative to the root, in the header's order."""
        old = self._strings(_OLD_FILE_NAMES)
        if old:
            return tuple(path.lstrip("/") for path in old)
        names, folders = self._strings(_BASE_NAMES), self._strings(_DIR_NAMES)
        indexes = self._numbers(_DIR_INDEXES, len(names))
        if len(indexes) != len(names) or max(indexes, default=-1) >= len(folders):
            raise MalformedError("rpm header whose file names and directories do not fit together")
        sizes = [len(folder) for folder in folders]
        if sum(map(sizes.__getitem__, indexes)) > len(self._blob) * _MAX_PATH_BYTES_PER_BYTE:
            raise MalformedError("rpm header whose paths are longer than there can be")
        roots = [folder.lstrip("/") for folder in folders]
        return tuple(roots[index] + name for index, name in zip(indexes, names, strict=True))

    def _strings(self, tag: int) -> list[str]:
        kind, start, count = self._entries.get(tag, (0, 0, 0))
        if kind != _STRING_ARRAY or not count:
            return []
        parts = self._blob[start : self._end].split(b"\0", min(count, self._end))
        if len(parts) <= count:
            raise MalformedError(f"rpm header with fewer strings (tag {tag}) than it says")
        # Decoded at once: zero bytes are no part of a longer character.
        return b"\0".join(parts[:count]).decode("utf-8", "backslashreplace").split("\0")

    def _numbers(self, tag: int, most: int) -> tuple[int, ...]:
        kind, start, count = self._entries.get(tag, (0, 0, 0))
        count = min(count, most)
        if kind != _INT32 or not count:
            return ()
        if start + 4 * count > self._end:
            raise MalformedError(f"rpm header with fewer numbers (tag {tag}) than it says")
        return struct.unpack_from(f">{count}I", self._blob, start)
