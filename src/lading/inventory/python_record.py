"""The files of an installed Python package: `RECORD`, `installed-files.txt`, `SOURCES.txt`.

- `RECORD`: CSV of path, hash, size; paths relative to the directory that holds the `.dist-info`.
- `installed-files.txt`: a path a line, relative to the `.egg-info` itself.
- `SOURCES.txt`: what setuptools put into the source archive, relative to the project's root. Its own
  entries tell where the packages lie below that (`src/`); files outside are not installed.
Specification: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Iterable, Iterator

from lading.errors import LimitError
from lading.inventory.content import text_of
from lading.inventory.python_metadata import record_directory
from lading.model.fact import Files
from lading.oci.reader import MIB, FileReader, TreeFile

MAX_FILES = 500_000
MAX_PATH = 4096

# They stand in the root of a project, are in its source archive, and are not installed.
_PROJECT_FILES = frozenset(("setup.py", "conftest.py", "noxfile.py", "fabfile.py", "versioneer.py"))


def read_record(file: TreeFile) -> Iterator[Files]:
    """Yield the paths that a `RECORD` lists; rows that are no CSV give the path up to the first comma."""
    base = posixpath.dirname(record_directory(file.path))
    yield from _files(file, base, map(_column, text_of(file).splitlines()))


def read_installed_files(file: TreeFile) -> Iterator[Files]:
    """Yield the paths that an `installed-files.txt` lists."""
    yield from _files(file, record_directory(file.path), text_of(file).splitlines())


def read_sources(file: TreeFile) -> Iterator[Files]:
    """Yield the paths that a `SOURCES.txt` lists, as far as they lie beside the `.egg-info`."""
    directory = record_directory(file.path)
    base, own = posixpath.split(directory)
    lines = [line.strip().replace("\\", "/") for line in text_of(file).splitlines()]
    root = next((line[: -len(own) - 9] for line in lines if line.endswith(f"{own}/PKG-INFO")), "")
    inside = (line[len(root) :] for line in lines if line.startswith(root))
    yield from _files(file, base, (path for path in inside if _is_installed(path)))


def _column(row: str) -> str:
    if '"' not in row:
        return row.rsplit(",", 2)[0]
    try:
        return next(csv.reader([row]), [""])[0]
    except (csv.Error, IndexError):
        return row.partition(",")[0]


def _is_installed(path: str) -> bool:
    return "/" in path or (path.endswith(".py") and path not in _PROJECT_FILES)


def _files(file: TreeFile, base: str, relative: Iterable[str]) -> Iterator[Files]:
    paths: dict[str, None] = {}
    for count, path in enumerate(relative):
        if count >= MAX_FILES:
            raise LimitError(f"more than {MAX_FILES} files of one package", file.path)
        found = _resolved(base, path)
        if found:
            paths[found] = None
    if paths:
        yield Files(type="pypi", owner=record_directory(file.path), paths=tuple(paths))


def _resolved(base: str, path: str) -> str:
    """Return `path` below `base` without `.` and `..`; empty if it leads out of the root."""
    if not path or len(path) > MAX_PATH or "\0" in path:
        return ""
    if path[0] not in "./" and "/." not in path and "//" not in path:
        return f"{base}/{path}" if base else path
    joined = path.lstrip("/") if path[0] == "/" else posixpath.join(base, path)
    found = posixpath.normpath(joined)
    return "" if found == "." or found.split("/", 1)[0] == ".." else found


RECORD = FileReader(
    name="python/record", paths=("**/*.dist-info/RECORD",), read=read_record, max_bytes=8 * MIB
)
INSTALLED_FILES = FileReader(
    name="python/installed-files",
    paths=("**/*.egg-info/installed-files.txt",),
    read=read_installed_files,
    max_bytes=8 * MIB,
)
SOURCES = FileReader(
    name="python/sources", paths=("**/*.egg-info/SOURCES.txt",), read=read_sources, max_bytes=8 * MIB
)
