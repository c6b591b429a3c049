"""CycloneDX 1.2 to 1.6 in JSON.

Specification: https://cyclonedx.org/docs/1.6/json/. Components may hold components. Who wrote the
document shows in its properties: `lading:*`, `syft:*`, `aquasecurity:trivy:*`; those that tell the
source package, the place or the system are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from lading.errors import LimitError, MalformedError
from lading.inventory import sbom_package
from lading.inventory.sbom_package import Component, SbomContents
from lading.model.fact import OsRelease

READER = "sbom/cyclonedx"
_MAX_DEPTH = 100
# Property -> what it tells; of several that tell one thing the first in the document holds.
_SYFT_PATH = re.compile(r"syft:location:\d{1,4}:path")
_PROPERTIES = {
    "lading:type": "type",
    "lading:source:name": "source",
    "lading:source:version": "source-version",
    "lading:arch": "arch",
    "lading:ecosystem": "ecosystem",
    "lading:scope": "scope",
    "lading:codename": "codename",
    "syft:distro:id": "system",
    "syft:distro:versionID": "system-version",
    "syft:distro:versionCodename": "codename",
    "aquasecurity:trivy:SrcName": "source",
    "aquasecurity:trivy:SrcVersion": "trivy-version",
    "aquasecurity:trivy:SrcRelease": "trivy-release",
    "aquasecurity:trivy:SrcEpoch": "trivy-epoch",
    "aquasecurity:trivy:FilePath": "path",
}
# What is in an image but no package of anything.
_NOT_PACKAGES = frozenset(
    {"file", "operating-system", "container", "device", "data", "cryptographic-asset", "platform"}
)


class License(msgspec.Struct):
    """A licence by identifier or name."""

    id: str | None = None
    name: str | None = None


class LicenseChoice(msgspec.Struct):
    """A licence or an expression."""

    license: License | None = None
    expression: str | None = None


class Property(msgspec.Struct):
    """A name and a value, for what the format has no field for."""

    name: str | None = None
    value: str | None = None


class Occurrence(msgspec.Struct):
    """A place where a component was found."""

    location: str | None = None


class Evidence(msgspec.Struct):
    """How a component was found."""

    occurrences: list[Occurrence] | None = None


class Entry(msgspec.Struct):
    """A component as the document has it."""

    type: str | None = None
    group: str | None = None
    name: str | None = None
    version: str | None = None
    purl: str | None = None
    scope: str | None = None
    description: str | None = None
    licenses: list[LicenseChoice] | None = None
    properties: list[Property] | None = None
    evidence: Evidence | None = None
    components: list[Entry] | None = None


class _Metadata(msgspec.Struct):
    component: Entry | None = None


class _Bom(msgspec.Struct):
    specVersion: str  # noqa: N815 -- the key of the document
    metadata: _Metadata | None = None
    components: list[Entry] | None = None


def read(data: bytes, where: str) -> SbomContents:
    """Return what the document lists; components within components come after the outer one.

    Raises `MalformedError` for what is not CycloneDX, `LimitError` where it is too deep or too long.
    """
    try:
        bom = msgspec.json.decode(data, type=_Bom)
    except RecursionError as error:
        raise LimitError("components nested too deeply", where=where) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise MalformedError(f"not CycloneDX: {error}", where=where) from error
    main = bom.metadata.component if bom.metadata else None
    return read_entries(bom.components or (), main, version=bom.specVersion, where=where)


def read_entries(entries: Iterable[Entry], main: Entry | None, *, version: str, where: str) -> SbomContents:
    """Return what the entries of a document say. main: the entry for what it is all about.

    Raises `LimitError` where they are too deep or too many.
    """
    every = [*(_walk(main.components or (), where) if main else ()), *_walk(entries, where)]
    os = next((_system(entry) for entry in every if entry.type == "operating-system"), None)
    packages = (entry for entry in every if entry.type not in _NOT_PACKAGES)
    return sbom_package.contents(
        (_component(entry) for entry in packages),
        os,
        name=(main.name if main else "") or "",
        version=f"CycloneDX {version[:20]}",
        reader=READER,
    )


def _walk(entries: Iterable[Entry], where: str) -> Iterator[Entry]:
    stack = [iter(entries)]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        yield entry
        if entry.components:
            if len(stack) >= _MAX_DEPTH:
                raise LimitError(f"components nested over {_MAX_DEPTH} deep", where=where)
            stack.append(iter(entry.components))


def _held(entry: Entry) -> dict[str, str]:
    held: dict[str, str] = {}
    for one in entry.properties or ():
        meaning = _PROPERTIES.get(one.name or "")
        if meaning and one.value:
            held.setdefault(meaning, one.value)
    return held


def _system(entry: Entry) -> OsRelease | None:
    held = _held(entry)
    return sbom_package.system(
        held.get("system") or entry.name or "",
        held.get("system-version") or entry.version or "",
        held.get("codename", ""),
        entry.description or "",
    )


def _component(entry: Entry) -> Component:
    held = _held(entry)
    if "trivy-version" in held:
        held["source-version"] = _trivy_version(held)
    if entry.scope in {"optional", "excluded"}:
        held.setdefault("scope", "optional")
    group = f"{entry.group}/" if entry.group else ""
    return Component(
        name=group + (entry.name or ""),
        version=entry.version or "",
        purl=entry.purl or "",
        licenses=tuple(_licenses(entry.licenses or ())),
        paths=_paths(entry, held.get("path", "")),
        properties=held,
    )


def _paths(entry: Entry, path: str) -> tuple[str, ...]:
    occurrences = (entry.evidence.occurrences if entry.evidence else None) or ()
    told = tuple(one.location for one in occurrences if one.location)
    by_syft = (one for one in entry.properties or () if _SYFT_PATH.fullmatch(one.name or ""))
    return told or tuple(one.value for one in by_syft if one.value) or ((path,) if path else ())


def _trivy_version(held: dict[str, str]) -> str:
    epoch = held.get("trivy-epoch", "0")
    release = held.get("trivy-release", "")
    version = held["trivy-version"] + (f"-{release}" if release else "")
    return version if epoch == "0" else f"{epoch}:{version}"


def _licenses(choices: Iterable[LicenseChoice]) -> Iterator[str]:
    for choice in choices:
        told = choice.expression or (choice.license and (choice.license.id or choice.license.name))
        if told:
            yield told
