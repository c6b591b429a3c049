"""Packages in the apk database (Alpine, Wolfi, Chainguard).

One paragraph per package, ended by an empty line; each line is `K:value`. We use P name, V version,
A architecture, o origin (the source package, which advisories name; all packages of one origin have
one version), L licence, and F and R: a directory and the files in it.
Format: https://wiki.alpinelinux.org/wiki/Apk_spec
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory.content import unfit
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

_NAME = "os/apk"
_MAX_PACKAGES = 100_000
_MAX_CHARS = 4096
# Paths share their directory's line, so a small file could stand for endless text. Each file has a
# line of its own, mostly with a checksum: real ones stay below the database's own size.
_MAX_PATH_CHARS_PER_BYTE = 4
_FIELDS = frozenset("PVAoL")


def read(file: TreeFile) -> Iterator[Package | Skipped]:
    """Yield one `Package` per paragraph, in file order; `Skipped` for one without name or version."""
    text = file.open().read().decode("utf-8", "backslashreplace")
    budget = len(text) * _MAX_PATH_CHARS_PER_BYTE
    line = 1
    for count, block in enumerate(text.split("\n\n")):
        fields, paths = _fields(block)
        budget -= sum(map(len, paths))
        if count >= _MAX_PACKAGES or budget < 0:
            yield Skipped(_NAME, file.path, f"line {line}: more packages or longer paths than there can be")
            return
        if fields or paths:
            start = line + len(block) - len(block.lstrip("\n"))
            yield _package(file.path, start, fields, paths)
        line += block.count("\n") + 2
    if text and not text.endswith("\n"):
        yield Skipped(_NAME, file.path, "ends within a line: packages may be missing")


def _fields(block: str) -> tuple[dict[str, str], list[str]]:
    fields: dict[str, str] = {}
    paths: list[str] = []
    folder = ""
    for line in block.split("\n"):
        if line[1:2] != ":":
            continue
        kind = line[0]
        if kind == "R":
            paths.append(folder + line[2 : _MAX_CHARS + 2])
        elif kind == "F":
            folder = line[2 : _MAX_CHARS + 2].strip("/") + "/" if line[2:].strip("/") else ""
        elif kind in _FIELDS:
            fields.setdefault(kind, line[2:].strip())
    return fields, paths


def _package(path: str, line: int, fields: dict[str, str], paths: list[str]) -> Package | Skipped:
    name, version = fields.get("P", ""), fields.get("V", "")
    if reason := unfit(name, version, fields.values(), _MAX_CHARS):
        return Skipped(_NAME, path, f"line {line}: {reason}")
    licence = fields.get("L", "")
    return Package(
        type="apk",
        name=name,
        version=version,
        source_name=fields.get("o") or name,
        source_version=version,
        arch=fields.get("A", ""),
        licenses=(licence,) if licence else (),
        files=tuple(paths),
        locations=(Location(path, line),),
        key=name,
        reader=_NAME,
    )


APK = FileReader(name=_NAME, paths=("lib/apk/db/installed", "usr/lib/apk/db/installed"), read=read)
