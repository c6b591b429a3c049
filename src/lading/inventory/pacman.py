"""Packages in pacman's local database (Arch Linux and its relatives).

One directory per package, `NAME-VERSION-RELEASE`, with `desc` (what it is) and `files` (what it owns). Both
are sections: `%KEY%`, one value a line, an empty line.
Format: https://man.archlinux.org/man/alpm-db-desc.5, https://man.archlinux.org/man/alpm-db-files.5
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import MalformedError
from lading.model.fact import Files, Skipped
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "os/pacman"
_MAX_LINES = 1_000_000
_MAX_CHARS = 1024
_MAX_LICENSES = 100


def read(file: TreeFile) -> Iterator[Package | Files | Skipped]:
    """Yield the `Package` of a `desc`, or the `Files` of a `files`; `key` and owner are the directory.

    Raises `MalformedError` for a `desc` without name or version.
    """
    _, key, base = file.path.rsplit("/", 2)
    lines = file.open().read().decode("utf-8", "backslashreplace").split("\n", _MAX_LINES)
    if len(lines) > _MAX_LINES:
        yield Skipped(_NAME, file.path, f"more than {_MAX_LINES} lines: the rest is not read")
        lines.pop()
    sections = _sections(lines)
    if base == "desc":
        yield _package(file.path, key, sections)
        return
    paths = tuple(line for line in sections.get("FILES", ()) if not line.endswith("/"))
    if paths:
        yield Files("alpm", key, paths)


def _sections(lines: list[str]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    values: list[str] = []
    for line in lines:
        if line[:1] == "%" and line[-1:] == "%":
            values = sections.setdefault(line[1:-1], [])
        elif line:
            values.append(line)
    return sections


def _package(path: str, key: str, sections: dict[str, list[str]]) -> Package:
    fields = {name: values[0] for name, values in sections.items() if values}
    name, version = fields.get("NAME", ""), fields.get("VERSION", "")
    if not (name and version) or max(len(name), len(version)) > _MAX_CHARS:
        raise MalformedError("a package without %NAME% or %VERSION%, or with one that is too long", path)
    return Package(
        type="alpm",
        name=name,
        version=version,
        source_name=fields.get("BASE", name)[:_MAX_CHARS],
        source_version=version,
        arch=fields.get("ARCH", "")[:_MAX_CHARS],
        licenses=tuple(licence[:_MAX_CHARS] for licence in sections.get("LICENSE", ())[:_MAX_LICENSES]),
        locations=(Location(path),),
        key=key,
        reader=_NAME,
    )


PACMAN = FileReader(
    name=_NAME,
    paths=("var/lib/pacman/local/*/desc", "var/lib/pacman/local/*/files"),
    read=read,
    max_bytes=32 * MIB,
)
