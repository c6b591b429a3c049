"""SPDX 2.3 in JSON: the packages, their licences and where they were found.

Specification: https://spdx.github.io/spdx-spec/v2.3/. Files are not listed: for each of them the format
demands a SHA-1, which nobody should make any more.

What the format has no field for stands in a package's comment, a `key: value` on each line, where
`inventory.sbom_spdx` finds it again: `type`, `layer` (diff ID), `source`, `source-version`, `arch`,
`ecosystem`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lading.model.package import Package
from lading.model.report import OsInfo, Report
from lading.report import document, licenses, summary
from lading.report.format import Format, Options, created
from lading.report.paint import joined
from lading.report.text import clean

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
_DOCUMENT = "SPDXRef-DOCUMENT"
_ROOT = "SPDXRef-Target"
_OS = "SPDXRef-OperatingSystem"
# A package URL in the form that the format asks for: nothing but what an URL may hold.
_PURL = re.compile(r"pkg:[A-Za-z0-9.+-]+/[!-~]+")


def render(report: Report, options: Options) -> bytes:
    """Return the document: JSON in UTF-8. Its namespace is derived from the content."""
    licensing: dict[str, str] = {}
    packages = [_root(report), *_os(report.image.os)]
    ids = _ids(report.packages)
    packages += [_package(one, id_, licensing) for one, id_ in zip(report.packages, ids, strict=True)]
    content = {
        "name": clean(report.target) or "target",
        "creationInfo": {
            "created": created(report, options),
            "creators": [f"Tool: {report.tool.name}-{report.tool.version}"],
        },
        "packages": packages,
        "hasExtractedLicensingInfos": [
            {"licenseId": id_, "extractedText": text, "name": text} for id_, text in sorted(licensing.items())
        ],
        "relationships": _relationships(packages),
    }
    mark = document.write(content).decode()
    name = _UNSAFE.sub("-", report.target).strip("-.")[:80] or "target"
    head = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "documentNamespace": f"https://spdx.org/spdxdocs/lading-{name}-{uuid5(NAMESPACE_URL, mark)}",
    }
    return document.write(head | content)


def _root(report: Report) -> dict[str, Any]:
    image = report.image
    root = _bare(_ROOT, clean(report.target) or "target", image.digest)
    root["primaryPackagePurpose"] = "CONTAINER" if image.layers or image.digest else "OTHER"
    digest = _SHA256.fullmatch(image.digest)
    if digest:
        root["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest[1]}]
    return root


def _os(os: OsInfo | None) -> list[dict[str, Any]]:
    if os is None:
        return []
    package = _bare(_OS, clean(os.id) or "unknown", os.version)
    package["primaryPackagePurpose"] = "OPERATING-SYSTEM"
    package["summary"] = clean(summary.os_name(os))
    comment = _comment(("codename", os.codename), ("ecosystem", os.ecosystem))
    return [package | ({"comment": comment} if comment else {})]


def _bare(id_: str, name: str, version: str) -> dict[str, Any]:
    package = {"SPDXID": id_, "name": name}
    if version:
        package["versionInfo"] = clean(version)
    return package | {
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def _package(package: Package, id_: str, licensing: dict[str, str]) -> dict[str, Any]:
    """Return the package; the licences that only it explains are added to `licensing`."""
    told = _bare(id_, clean(package.name) or "unknown", package.version)
    told["licenseDeclared"], references = licenses.combined(package.licenses)
    for reference, text in references.items():
        licensing.setdefault(reference, text)
    told["primaryPackagePurpose"] = "LIBRARY"
    if package.locations:
        told["sourceInfo"] = "found in " + joined(clean(one.path) for one in package.locations)
    comment = _comment(
        ("type", package.type),
        ("layer", package.layer),
        ("source", package.source_name),
        ("source-version", package.source_version),
        ("arch", package.arch),
        ("ecosystem", package.ecosystem),
    )
    if comment:
        told["comment"] = comment
    if _PURL.fullmatch(package.purl):
        manager = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl"}
        told["externalRefs"] = [manager | {"referenceLocator": package.purl}]
    return told


def _ids(packages: Sequence[Package]) -> list[str]:
    """Return an identifier for each package: readable, and the same in the next report of it."""
    seen: dict[str, int] = {}
    ids = []
    for package in packages:
        readable = _UNSAFE.sub("-", f"{package.type}-{package.name}")[:80].strip("-.")
        paths = (one.path for one in package.locations)
        told = "\0".join((package.purl, package.version, package.layer, *paths))
        mark = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        id_ = "-".join(part for part in ("SPDXRef-Package", readable, mark) if part)
        seen[id_] = seen.get(id_, 0) + 1
        ids.append(id_ if seen[id_] == 1 else f"{id_}-{seen[id_]}")
    return ids


def _comment(*pairs: tuple[str, str]) -> str:
    return "\n".join(f"{name}: {clean(value)}" for name, value in pairs if value)


def _relationships(packages: list[dict[str, Any]]) -> list[dict[str, str]]:
    describes = _relationship(_DOCUMENT, "DESCRIBES", _ROOT)
    return [describes, *(_relationship(_ROOT, "CONTAINS", one["SPDXID"]) for one in packages[1:])]


def _relationship(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


FORMAT = Format(
    name="spdx",
    summary="SPDX 2.3, a bill of materials with licences",
    render=render,
    suffix=".spdx.json",
    media_type="application/spdx+json; version=2.3",
)
