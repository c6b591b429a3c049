"""What NuGet restores: `packages.lock.json`, and the older `packages.config`.

The lock has `dependencies` by target framework, then by name, with `resolved` and a `type` that is
`Project` for the solution's own. `packages.config` is XML: `<package id="A" version="1.0"
developmentDependency="true"/>`, exact versions only.
Specifications: https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files ,
https://learn.microsoft.com/nuget/reference/packages-config
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory.content import data_of, fields, json_members, json_object, json_value, text
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import MIB, FileReader, TreeFile

_LOCK, _CONFIG = "dotnet/packages-lock", "dotnet/packages-config"
MAX_XML_DEPTH = 32


def read_lock(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of all frameworks, each version once. Raises `MalformedError`."""
    if is_own(file.path):
        yield from packages(file, "nuget", _LOCK, _locked(file))


def read_config(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of a `packages.config`, at their lines.

    Raises `MalformedError` for what is no XML or has a document type, `LimitError` for deep nesting.
    """
    if is_own(file.path):
        yield from packages(file, "nuget", _CONFIG, _configured(file))


def _locked(file: TreeFile) -> Iterator[Pin]:
    document = json_object(data_of(file), file.path)
    for framework in json_members(document.get("dependencies")).values():
        for name, raw in json_members(framework).items():
            entry = fields(json_value(raw))
            if text(entry.get("type")).lower() != "project":
                yield Pin(name, text(entry.get("resolved")))


def _configured(file: TreeFile) -> list[Pin]:
    from lading import elements

    pins: list[Pin] = []

    def start(element: elements.Element) -> None:
        given = element.attributes
        if element.tag == "package":
            scope = "dev" if given.get("developmentDependency", "").lower() == "true" else ""
            pins.append(Pin(given.get("id", ""), given.get("version", ""), element.line, scope))

    elements.read(data_of(file), file.path, start, lambda _: None, limits=elements.Limits(MAX_XML_DEPTH, 0))
    return pins


LOCK = FileReader(name=_LOCK, paths=("**/packages.lock.json",), read=read_lock, max_bytes=MAX_LOCK_BYTES)
CONFIG = FileReader(name=_CONFIG, paths=("**/packages.config",), read=read_config, max_bytes=4 * MIB)
