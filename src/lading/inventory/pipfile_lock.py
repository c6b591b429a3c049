"""Pipfile.lock: what pipenv installs.

A JSON object with one object per category, `default`, `develop` or one of the project's own, beside
`_meta`; in it one object per package, whose `version` is `==1.2.3`.
Specification: https://pipenv.pypa.io/en/latest/pipfile.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory.content import data_of, json_members, json_object, json_value, text
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.inventory.pypi_name import normal
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "python/pipfile-lock"


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the pinned packages, those under `develop` with scope `dev`; raises `MalformedError`."""
    if is_own(file.path):
        yield from packages(file, "pypi", _NAME, _pins(file))


def _pins(file: TreeFile) -> Iterator[Pin]:
    for category, raw in json_object(data_of(file), file.path).items():
        if category == "_meta":
            continue
        scope = "dev" if category == "develop" else ""
        for name, entry in json_members(raw).items():
            version = text(json_value(json_members(entry).get("version")))
            if version.startswith("=="):
                yield Pin(normal(name), version.lstrip("="), scope=scope)


PIPFILE_LOCK = FileReader(name=_NAME, paths=("**/Pipfile.lock",), read=read, max_bytes=MAX_LOCK_BYTES)
