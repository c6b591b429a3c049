"""Installed Python packages that are still zipped: `name-version-py3.11.egg`, as `setup.py install` leaves.

The archive has the package's files and `EGG-INFO/PKG-INFO`, which is what `.egg-info` holds elsewhere.
A file of that name that is no zip archive is something else and is passed over.
Format: https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import LimitError, MalformedError
from lading.inventory import python_metadata, window, zip_archive
from lading.model.package import Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "python/egg"
_PKG_INFO = "EGG-INFO/PKG-INFO"
MAX_PKG_INFO_BYTES = MIB


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the package; its `key` is the egg.

    Raises `MalformedError` for a broken archive, and where neither `PKG-INFO` nor the name of the
    egg tells name and version; `LimitError` for a `PKG-INFO` over `MAX_PKG_INFO_BYTES`.
    """
    whole = window.of(file)
    if whole.read(0, 4) != b"PK\3\4":
        return
    try:
        head = _pkg_info(whole)
    except (MalformedError, LimitError) as error:
        raise type(error)(error.message, file.path) from error
    yield python_metadata.package(head, file.path, key=file.path, reader=_NAME)


def _pkg_info(egg: window.Window) -> bytes:
    """Return the metadata in the archive; none where there is none."""
    members = zip_archive.select(zip_archive.parse(egg), (_PKG_INFO.encode(),))
    own = next((member for member in members if member.name == _PKG_INFO), None)
    return zip_archive.read(egg, own, MAX_PKG_INFO_BYTES) if own else b""


EGG = FileReader(name=_NAME, paths=("**/*.egg",), read=read)
