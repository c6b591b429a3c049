"""Installed Python packages: `METADATA` of a `.dist-info`, `PKG-INFO` of an `.egg-info` or egg.

The head of an e-mail message: `Key: value` lines, further lines of a value indented, then an empty
line and the description, which is not looked at. The oldest form is a file `name-version.egg-info`
in place of the directory. We use Name, Version, License-Expression, License and Classifier.
Specification: https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.errors import MalformedError
from lading.inventory.content import data_of
from lading.inventory.pins import stated
from lading.inventory.pypi_name import normal
from lading.inventory.python_license import licenses
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

_WANTED = frozenset((b"name", b"version", b"license-expression", b"license", b"classifier"))
# The directory is called so too: `name-version.dist-info`, `name-version-py3.11.egg-info`.
_DIRECTORY = re.compile(r"([^/]+?)-([0-9][^/-]*)(?:-[^/]*)?\.(?:dist-info|egg-info|egg)\Z")
_DIST_INFO, _EGG_INFO = "python/dist-info", "python/egg-info"


def read_dist_info(file: TreeFile) -> Iterator[Package]:
    """Yield the package; its `key` is the directory, which `RECORD` names as owner too.

    Raises `MalformedError` if neither the file nor its directory tells name and version.
    """
    yield package(data_of(file), file.path, record_directory(file.path), _DIST_INFO)


def read_egg_info(file: TreeFile) -> Iterator[Package]:
    """Yield the package, as `read_dist_info` does; `key` is the file where there is no directory."""
    yield package(data_of(file), file.path, record_directory(file.path), _EGG_INFO)


def record_directory(path: str) -> str:
    """Return the path of the metadata of a package, for any file in it: what joins the two."""
    return path if path.endswith(".egg-info") else path.rpartition("/")[0]


def package(data: bytes, path: str, key: str, reader: str) -> Package:
    """Return the package that the metadata in `data`, found at `path`, describes.

    key: its own, whose last name may tell name and version too. Raises `MalformedError` if neither does.
    """
    head = _head(data)
    name, version = stated(_first(head, b"name")), stated(_first(head, b"version"))
    if not (name and version):
        called = _DIRECTORY.search(key.removesuffix("/EGG-INFO"))
        if called is None:
            raise MalformedError("Python metadata without Name or Version", path)
        name, version = name or called[1], version or called[2]
    expression, written = _first(head, b"license-expression"), _first(head, b"license")
    return Package(
        type="pypi",
        name=normal(name),
        version=version,
        licenses=licenses(expression, written, head.get(b"classifier", ())),
        locations=(Location(path),),
        key=key,
        reader=reader,
    )


def _first(head: dict[bytes, list[str]], key: bytes) -> str:
    return next(iter(head.get(key, ())), "")


def _head(data: bytes) -> dict[bytes, list[str]]:
    """Return the wanted fields, keys in lower case, each with its values in the order found."""
    found: dict[bytes, list[str]] = {}
    values: list[str] | None = None
    for line in _lines(data):
        if line[:1] in (b" ", b"\t"):
            if values:
                values[-1] += "\n" + line.decode("utf-8", "replace").strip()
            continue
        key, colon, value = line.partition(b":")
        key = key.lower()
        values = found.setdefault(key, []) if colon and key in _WANTED else None
        if values is not None:
            values.append(value.decode("utf-8", "replace").strip())
    return found


def _lines(data: bytes) -> list[bytes]:
    end = min((at for at in (data.find(b"\n\n"), data.find(b"\n\r\n")) if at >= 0), default=len(data))
    return data[:end].removeprefix(b"\xef\xbb\xbf").splitlines()


DIST_INFO = FileReader(name=_DIST_INFO, paths=("**/*.dist-info/METADATA",), read=read_dist_info)
EGG_INFO = FileReader(
    name=_EGG_INFO,
    paths=("**/*.egg-info/PKG-INFO", "**/*.egg-info", "**/EGG-INFO/PKG-INFO"),
    read=read_egg_info,
)
