"""NuGet packages of a published .NET program: `NAME.deps.json` beside `NAME.dll`.

`libraries` has one member `Name/1.2.3` each, of type `package`, `project` (the program's own) or
`runtimepack` (the runtime of a self-contained program; `runtimepack.` is put before the name of its
package). `targets` says for each which files of it were copied beside the program. A package of which none were is
not there: it only had others depend on it, or the shared framework has what it holds, and newer
(`System.Net.Http/4.3.0` in a program for .NET 8). One that only stands for others (`Microsoft.AspNetCore.App/2.1.30`)
is there where most of them are.
Specification: https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from lading.inventory.content import data_of, fields, json_members, json_object, json_value, text
from lading.inventory.pins import MAX_LOCK_BYTES, stated
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

_NAME = "dotnet/deps"
_RUNTIME_PACK = "runtimepack."
# Of the files of a library; `compile` names what only a compiler reads.
_KINDS = ("runtime", "native", "resources", "runtimeTargets")
_Targeted = tuple[str, dict[str, Any]]


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the packages in the order of `libraries`, with the files that were copied of each.

    Raises `MalformedError` for what is not JSON.
    """
    document = json_object(data_of(file), file.path)
    targeted = list(_targeted(document.get("targets")))
    copied = _copied(targeted, file.path.rpartition("/")[0])
    without = _without_files(targeted)
    for library, raw in json_members(document.get("libraries")).items():
        kind = text(fields(json_value(raw)).get("type"))
        if kind not in ("package", "runtimepack") or library in without:
            continue
        name, _, version = library.rpartition("/")
        name = name.removeprefix(_RUNTIME_PACK) if kind == "runtimepack" else name
        if stated(name) and stated(version):
            yield Package(
                type="nuget",
                name=stated(name),
                version=stated(version),
                files=tuple(copied.get(library, ())),
                locations=(Location(file.path),),
                key=f"{file.path}:{library}",
                reader=_NAME,
            )


def _targeted(targets: bytes | None) -> Iterator[_Targeted]:
    """Yield the libraries of all targets, each with what its target says of it."""
    for target in json_members(targets).values():
        for library, raw in json_members(target).items():
            yield library, fields(json_value(raw))


def _without_files(targeted: Iterable[_Targeted]) -> set[str]:
    """Return the libraries that are in a target, and have files in none; nor have most of those that they need."""
    needs: dict[str, set[str]] = {}
    holding: set[str] = set()
    for library, entry in targeted:
        needed = fields(entry.get("dependencies")).items()
        needs.setdefault(library, set()).update(f"{name}/{text(version)}" for name, version in needed)
        if any(entry.get(kind) for kind in _KINDS):
            holding.add(library)
    return {
        library
        for library, needed in needs.items()
        if library not in holding and len(needed & holding) * 2 <= len(needed)
    }


def _copied(targeted: Iterable[_Targeted], directory: str) -> dict[str, dict[str, None]]:
    """Return, for each library, the paths of its files as they lie in `directory`."""
    copied: dict[str, dict[str, None]] = {}
    for library, entry in targeted:
        found = copied.setdefault(library, {})
        for kind in _KINDS:
            for asset, value in fields(entry.get(kind)).items():
                place = posixpath.normpath(_place(kind, asset, text(fields(value).get("locale"))))
                if place != "." and place.split("/")[0] not in ("", ".."):
                    found[f"{directory}/{place}" if directory else place] = None
    return copied


def _place(kind: str, asset: str, locale: str) -> str:
    """Return where the asset `lib/net6.0/x.dll` of a package is put: flat, but by locale or runtime."""
    if kind == "runtimeTargets":
        return asset
    name = asset.rpartition("/")[2]
    return f"{locale}/{name}" if kind == "resources" and locale else name


DEPS = FileReader(name=_NAME, paths=("**/*.deps.json",), read=read, max_bytes=MAX_LOCK_BYTES, version=2)
