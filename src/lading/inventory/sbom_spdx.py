"""SPDX 2.2 and 2.3 in JSON.

Specification: https://spdx.github.io/spdx-spec/v2.3/. What a package is says its package URL, among
`externalRefs`. Lading writes further facts into the comment, a `key: value` on each line; Trivy its
source package into `sourceInfo`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lading.errors import LimitError, MalformedError
from lading.inventory import sbom_package
from lading.inventory.sbom_package import Component, SbomContents

READER = "sbom/spdx"
_NOTHING = frozenset({"", "NOASSERTION", "NONE"})
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_FOUND = re.compile(r"found in (\S[^\n]*)")
_SYFT_FOUND = re.compile(r"acquired package info from [^:\n]{1,200}: (\S[^\n]*)")
_TRIVY_SOURCE = re.compile(r"built package from: (\S{1,400}) (\S{1,400})")
_COMMENTS = frozenset({"type", "source", "source-version", "arch", "ecosystem", "codename"})
_MAX_PATHS = 20
_IMAGES = ("pkg:oci/", "pkg:docker/")


class Reference(msgspec.Struct):
    """What a package is called elsewhere."""

    referenceType: str | None = None  # noqa: N815 -- the key of the document
    referenceLocator: str | None = None  # noqa: N815 -- likewise


class Entry(msgspec.Struct):
    """A package as the document has it."""

    SPDXID: str = ""
    name: str | None = None
    versionInfo: str | None = None  # noqa: N815 -- the key of the document
    licenseDeclared: str | None = None  # noqa: N815 -- likewise
    licenseConcluded: str | None = None  # noqa: N815 -- likewise
    sourceInfo: str | None = None  # noqa: N815 -- likewise
    comment: str | None = None
    summary: str | None = None
    primaryPackagePurpose: str | None = None  # noqa: N815 -- likewise
    externalRefs: list[Reference] | None = None  # noqa: N815 -- likewise


class Licensing(msgspec.Struct):
    """A licence that SPDX has no identifier for."""

    licenseId: str = ""  # noqa: N815 -- the key of the document
    name: str | None = None
    extractedText: str | None = None  # noqa: N815 -- likewise


class _Document(msgspec.Struct):
    spdxVersion: str  # noqa: N815 -- the key of the document
    name: str | None = None
    packages: list[Entry] | None = None
    hasExtractedLicensingInfos: list[Licensing] | None = None  # noqa: N815 -- likewise


def read(data: bytes, where: str) -> SbomContents:
    """Return what the document lists.

    Raises `MalformedError` for what is not SPDX 2.2 or 2.3, `LimitError` where it is too long.
    """
    try:
        document = msgspec.json.decode(data, type=_Document)
    except RecursionError as error:
        raise LimitError("nested too deeply", where=where) from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise MalformedError(f"not SPDX: {error}", where=where) from error
    return read_entries(
        document.packages or (),
        document.hasExtractedLicensingInfos or (),
        name=document.name or "",
        version=document.spdxVersion,
        where=where,
    )


def read_entries(
    entries: Iterable[Entry], licensing: Iterable[Licensing], *, name: str, version: str, where: str
) -> SbomContents:
    """Return what the entries of a document say.

    version: as the document writes it, `SPDX-2.3`. Raises `MalformedError` for one that is not 2.x.
    """
    if not re.fullmatch(r"SPDX-2\.\d", version):
        raise MalformedError(
            f"{version[:20]!r} is not read", where=where, hint="SPDX 2.2 and 2.3 are read, and CycloneDX"
        )
    entries = list(entries)
    names = {one.licenseId: one.name or one.extractedText or one.licenseId for one in licensing}
    system = next((entry for entry in entries if _is_system(entry)), None)
    os = None
    if system:
        held = _held(system)
        os = sbom_package.system(
            system.name or "", system.versionInfo or "", held.get("codename", ""), system.summary or ""
        )
    return sbom_package.contents(
        _components(entries, names), os, name=name, version=version.replace("-", " "), reader=READER
    )


def _components(entries: Iterable[Entry], names: Mapping[str, str]) -> Iterator[Component]:
    for entry in entries:
        purl = _purl(entry)
        held = _held(entry)
        # What the document is about is a package, too, and so is the system; neither is in a package manager.
        if purl.startswith(_IMAGES) or _is_system(entry) or not (purl or held.get("type")):
            continue
        yield Component(
            name=entry.name or "",
            version=entry.versionInfo or "",
            purl=purl,
            licenses=_licenses(entry, names),
            paths=_paths(entry.sourceInfo or ""),
            properties=held,
        )


def _is_system(entry: Entry) -> bool:
    """Tell whether it is the operating system, by purpose (2.3) or as Trivy names it (2.2)."""
    purpose = entry.primaryPackagePurpose
    return purpose == "OPERATING-SYSTEM" or (
        not purpose and entry.SPDXID.startswith("SPDXRef-OperatingSystem")
    )


def _purl(entry: Entry) -> str:
    for one in entry.externalRefs or ():
        if one.referenceType == "purl" and one.referenceLocator:
            return one.referenceLocator
    return ""


def _held(entry: Entry) -> dict[str, str]:
    held: dict[str, str] = {}
    for line in (entry.comment or "").split("\n"):
        key, colon, value = line.partition(": ")
        if colon and key in _COMMENTS:
            held.setdefault(key, value.strip())
    match = _TRIVY_SOURCE.fullmatch(entry.sourceInfo or "")
    if match:
        held |= {"source": match[1], "source-version": match[2]}
    return held


def _licenses(entry: Entry, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is declared, else what was concluded; one that the document explains, by its name."""
    for told in (entry.licenseDeclared or "", entry.licenseConcluded or ""):
        if told.strip() in _NOTHING:
            continue
        parts = told.strip().split(" AND ")
        if all(" " not in part for part in parts):
            return tuple(names.get(part, part) if _REFERENCE.fullmatch(part) else part for part in parts)
        return (told.strip(),)
    return ()


def _paths(source: str) -> tuple[str, ...]:
    match = _FOUND.fullmatch(source) or _SYFT_FOUND.fullmatch(source)
    return tuple(match[1].split(", ")[:_MAX_PATHS]) if match else ()
