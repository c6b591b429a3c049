"""CycloneDX 1.6 in JSON: components, what they depend on as far as anybody knows, vulnerabilities.

Specification: https://cyclonedx.org/docs/1.6/json/. Written here and not with the format's library,
which takes seconds for an image's two thousand packages; the tests let that library's validator judge.

What the format has no field for stands in properties `lading:*`, where `inventory.sbom_cyclonedx`
finds it again: `layer` (diff ID), `layer:digest`, `source:name`, `source:version`, `ecosystem`, `reader`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lading.model.finding import Finding, PackageRef
from lading.model.package import Package
from lading.model.report import OsInfo, Report
from lading.model.severity import Severity
from lading.report import document, licenses, summary
from lading.report.format import Format, Options, created
from lading.report.links import advisory, web
from lading.report.notes import why
from lading.report.text import clean

_SHA256 = re.compile(r"sha256:([0-9a-f]{64})")
_CWE = re.compile(r"CWE-([1-9]\d{0,5})")
_MAX_VERSION = 1024  # characters, by the format's schema
_ROOT = "lading:target"
_OS = "lading:os"
_SEVERITY = {severity: severity.value for severity in Severity} | {Severity.NEGLIGIBLE: "info"}
# First part of a vector -> the method, as the format calls it; a CVSS 2 vector has no prefix.
_METHODS = {"CVSS:4.0": "CVSSv4", "CVSS:3.1": "CVSSv31", "CVSS:3.0": "CVSSv3"}
_VEX_STATES = {
    "not_affected": "not_affected",
    "fixed": "resolved",
    "under_investigation": "in_triage",
    "affected": "exploitable",
}


def render(report: Report, options: Options) -> bytes:
    """Return the document: JSON in UTF-8. `options.files` adds a component for each file of a package.

    The serial number is derived from the content, and the time is that of `options.created`.
    """
    refs = _references(report.packages)
    content = {
        "version": 1,
        "metadata": _metadata(report, options),
        "components": [
            *_os_component(report.image.os),
            *(
                _component(package, ref, report, files=options.files)
                for package, ref in zip(report.packages, refs, strict=True)
            ),
        ],
        "dependencies": _dependencies(report, refs),
        "vulnerabilities": _vulnerabilities(report, refs),
    }
    mark = document.write(content).decode()
    head = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, mark)}",
    }
    return document.write(head | content)


def _references(packages: Sequence[Package]) -> list[str]:
    """Return a `bom-ref` for each package: its package URL, with a number where there are several."""
    seen: dict[str, int] = {}
    refs = []
    for package in packages:
        ref = clean(package.purl or f"{package.type}:{package.name}@{package.version}")
        seen[ref] = seen.get(ref, 0) + 1
        refs.append(ref if seen[ref] == 1 else f"{ref}|{seen[ref]}")
    return refs


def _metadata(report: Report, options: Options) -> dict[str, Any]:
    image = report.image
    root: dict[str, Any] = {
        "type": "container" if image.layers or image.digest else "file",
        "bom-ref": _ROOT,
        "name": report.target,
    }
    if image.digest:
        root["version"] = image.digest[:_MAX_VERSION]
    digest = _SHA256.fullmatch(image.digest)
    if digest:
        root["hashes"] = [{"alg": "SHA-256", "content": digest[1]}]
    root["properties"] = _properties(
        ("image:config", image.config_digest),
        ("architecture", image.architecture),
        *(("layer", layer.diff_id) for layer in image.layers),
        *((f"advisories:{name}", data.digest) for name, data in sorted(report.advisories.items())),
        *(("unmatched", name) for name in report.unmatched),
        *(("skipped", f"{one.path}: {one.reason}") for one in report.skipped),
    )
    tool = {"type": "application", "name": report.tool.name, "version": report.tool.version}
    return {
        "timestamp": created(report, options),
        "tools": {"components": [tool]},
        "component": root,
    }


def _properties(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": f"lading:{name}", "value": value} for name, value in pairs if value]


def _os_component(os: OsInfo | None) -> list[dict[str, Any]]:
    if os is None:
        return []
    facts = _properties(
        ("codename", os.codename),
        ("ecosystem", os.ecosystem),
        ("endOfLife", os.end_of_life or ""),
        ("ended", "true" if os.ended else ""),
    )
    told: dict[str, Any] = {"type": "operating-system", "bom-ref": _OS, "name": os.id}
    told["version"] = os.version[:_MAX_VERSION]
    return [told | {"description": summary.os_name(os), "properties": facts}]


def _component(package: Package, ref: str, report: Report, *, files: bool) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": package.name,
        "version": package.version[:_MAX_VERSION],
    }
    if package.scope:
        component["scope"] = "optional"
    if package.licenses:
        component["licenses"] = _licenses(package.licenses)
    if package.purl:
        component["purl"] = package.purl
    if package.locations:
        component["evidence"] = {
            "occurrences": [_occurrence(one.path, one.line) for one in package.locations]
        }
    digests = {layer.diff_id: layer.digest for layer in report.image.layers}
    component["properties"] = _properties(
        ("type", package.type),
        ("layer", package.layer),
        ("layer:digest", digests.get(package.layer, "")),
        ("source:name", package.source_name),
        ("source:version", package.source_version),
        ("arch", package.arch),
        ("ecosystem", package.ecosystem),
        ("reader", package.reader),
        ("scope", package.scope),
    )
    if files and package.files:
        component["components"] = [{"type": "file", "name": path} for path in package.files]
    return component


def _occurrence(path: str, line: int) -> dict[str, Any]:
    return {"location": path} | ({"line": line} if line else {})


def _licenses(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return either one expression or any number of identifiers and names: the format allows no mixture."""
    names = [*dict.fromkeys(name for name in names if name.strip())]
    told = [licenses.expression(name) for name in names]
    if len(names) == 1 and told[0] and not licenses.is_id(told[0]):
        return [{"expression": told[0]}]
    return [
        {"license": {"id": canonical} if canonical and licenses.is_id(canonical) else {"name": name}}
        for name, canonical in zip(names, told, strict=True)
    ]


def _dependencies(report: Report, refs: Sequence[str]) -> list[dict[str, Any]]:
    """Return that the image has all of them: who needs whom is not known."""
    system = [_OS] if report.image.os else []
    return [{"ref": _ROOT, "dependsOn": [*system, *refs]}]


def _vulnerabilities(report: Report, refs: Sequence[str]) -> list[dict[str, Any]]:
    """Return one entry for each vulnerability that is told alike of all the packages it affects."""
    places = _Places(report.packages, refs)
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in (*report.findings, *report.suppressed):
        alike.setdefault(_likeness(finding), []).append(finding)
    return [_vulnerability(held, places) for held in alike.values()]


def _likeness(finding: Finding) -> tuple[object, ...]:
    rated = (
        finding.severity,
        finding.cvss_vector,
        finding.cvss_score,
        finding.status,
        finding.kev,
        finding.epss,
    )
    return finding.id, finding.fixed_in, *rated, finding.suppression


class _Places:
    """Which component a finding's package is."""

    def __init__(self, packages: Sequence[Package], refs: Sequence[str]) -> None:
        self._refs: dict[tuple[str, ...], str] = {}
        for package, ref in zip(packages, refs, strict=True):
            path = package.locations[0].path if package.locations else ""
            named = (package.type, package.name, package.version, package.purl)
            # The exact place first; a finding of a package that came in no list of places finds its name.
            self._refs.setdefault((*named, path, package.layer), ref)
            self._refs.setdefault(named, ref)

    def ref(self, package: PackageRef, layer: str) -> str:
        named = (package.type, package.name, package.version, package.purl)
        known = self._refs.get((*named, package.path, layer)) or self._refs.get(named)
        return known or clean(package.purl or f"{package.type}:{package.name}@{package.version}")


def _vulnerability(held: Sequence[Finding], places: _Places) -> dict[str, Any]:
    first = held[0]
    url = advisory(first.id)
    entry: dict[str, Any] = {"id": first.id, "source": {"name": "OSV"} | ({"url": url} if url else {})}
    if first.aliases:
        entry["references"] = [{"id": alias, "source": {"name": "OSV"}} for alias in first.aliases]
    entry["ratings"] = [_rating(first)]
    cwes = [int(match[1]) for match in map(_CWE.fullmatch, first.cwes) if match]
    if cwes:
        entry["cwes"] = cwes
    if first.summary:
        entry["description"] = first.summary
    entry["recommendation"] = f"Update to {first.fixed_in}" if first.fixed_in else summary.remedy(first)
    links = [{"url": link} for link in map(web, first.references) if link]
    if links:
        entry["advisories"] = links
    if _is_time(first.published):
        entry["published"] = first.published
    if first.suppression:
        entry["analysis"] = _analysis(first)
    refs = dict.fromkeys(places.ref(one.package, one.layer) for one in held)
    entry["affects"] = [{"ref": ref} for ref in refs]
    entry["properties"] = _properties(
        ("kev", "true" if first.kev else ""),
        ("epss", "" if first.epss is None else f"{first.epss:.5f}"),
        ("impact", ", ".join(first.impact)),
        ("status", first.status),
        ("fixedIn", first.fixed_in or ""),
    )
    return entry


def _rating(finding: Finding) -> dict[str, Any]:
    rating: dict[str, Any] = {}
    if finding.cvss_score is not None:
        rating["score"] = finding.cvss_score
    rating["severity"] = _SEVERITY[finding.severity]
    if finding.cvss_vector:
        rating["method"] = _METHODS.get(finding.cvss_vector[:8], "CVSSv2")
        rating["vector"] = finding.cvss_vector
    return rating


def _is_time(text: str) -> bool:
    return (
        re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?Z", text)
        is not None
    )


def _analysis(finding: Finding) -> dict[str, Any]:
    """Say why it is set aside; an exception without a VEX status accepts the risk, and denies nothing."""
    status = finding.suppression.vex_status if finding.suppression else ""
    state = _VEX_STATES.get(status, "exploitable")
    response = {"response": ["will_not_fix"]} if status not in _VEX_STATES else {}
    return {"state": state, **response, "detail": why(finding)}


FORMAT = Format(
    name="cyclonedx",
    summary="CycloneDX 1.6, a bill of materials with vulnerabilities",
    render=render,
    suffix=".cdx.json",
    media_type="application/vnd.cyclonedx+json; version=1.6",
)
