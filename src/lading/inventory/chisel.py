"""Parts of Ubuntu's packages that chisel has cut out, in the manifest that it leaves.

Such images have no dpkg. The manifest is compressed with zstd: one JSON object a line, a header with their number
first. It names the binary packages, not their sources: which those are, advisories say.
Format: https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec

from lading.errors import LimitError, MalformedError
from lading.inventory.content import data_of, unfit
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile
from lading.oci.stream import unzstd

_NAME = "os/chisel"
# An image of a thousand packages with a hundred thousand files has some 40 MB of lines.
MAX_BYTES = 128 * 2**20
_MAX_PACKAGES = 100_000
_MAX_CHARS = 4096


class _Line(msgspec.Struct):
    """A line of any kind; the header has none."""

    kind: str = ""
    name: str = ""
    version: str = ""
    arch: str = ""
    path: str = ""
    slices: tuple[str, ...] = ()
    jsonwall: str = ""
    count: int = 0


_LINE = msgspec.json.Decoder(_Line)


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield one `Package` per package with the files that were cut out of it, by line.

    Raises `MalformedError` for what is no such manifest, `LimitError` for one that is too large.
    """
    lines = _plain(data_of(file), file.path).split(b"\n")
    packages: dict[str, tuple[int, _Line]] = {}
    files: dict[str, list[str]] = {}
    header = _decoded(lines[0], file.path, 1)
    if not header.jsonwall:
        raise MalformedError("not a manifest of chisel: its first line is another", file.path)
    for number, text in enumerate(lines, 1):
        line = _decoded(text, file.path, number) if text else _Line()
        if line.kind == "package" and len(packages) < _MAX_PACKAGES:
            packages[line.name] = number, line
        elif line.kind == "path" and not line.path.endswith("/"):
            for owner in {name.partition("_")[0] for name in line.slices}:
                files.setdefault(owner, []).append(line.path.lstrip("/"))
    if header.count > sum(map(bool, lines)):
        yield Skipped(_NAME, file.path, f"ends before its {header.count} lines: packages may be missing")
    for number, line in packages.values():
        yield _package(file.path, number, line, files.get(line.name, []))


def _plain(data: bytes, where: str) -> bytes:
    plain = bytearray()
    for piece in unzstd(io.BytesIO(data), where):
        plain += piece
        if len(plain) > MAX_BYTES:
            raise LimitError(f"a manifest of more than {MAX_BYTES} bytes", where)
    return bytes(plain)


def _decoded(text: bytes, where: str, number: int) -> _Line:
    try:
        return _LINE.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"line {number} is not one of a manifest of chisel: {error}", where) from error


def _package(path: str, number: int, line: _Line, files: list[str]) -> Package | Skipped:
    if reason := unfit(line.name, line.version, (line.name, line.version, line.arch), _MAX_CHARS):
        return Skipped(_NAME, path, f"line {number}: {reason}")
    return Package(
        type="deb",
        name=line.name,
        version=line.version,
        arch=line.arch,
        files=tuple(files),
        locations=(Location(path, number),),
        key=line.name,
        reader=_NAME,
    )


CHISEL = FileReader(name=_NAME, paths=("**/manifest.wall",), read=read)
