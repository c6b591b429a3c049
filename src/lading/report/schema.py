"""The JSON schema of the report, made from the records; `docs/report.schema.json` is its output.

    python -m lading.report.schema > docs/report.schema.json

Types and defaults come from the records, so that schema and program cannot differ; what a reader of
the document needs to know of each field stands here. A test holds that no field is forgotten.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import msgspec

from lading.model.report import SCHEMA_VERSION, Report
from lading.report import json

_LAYER = "diff ID of the layer that brought it; empty where the target has no layers"

# Record -> what it is, and what each of its fields says.
DESCRIPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "Report": (
        "What was found in an image, a root file system or an SBOM.",
        {
            "schema_version": "Version of this form, MAJOR.MINOR. Within a major version fields are added, "
            "never renamed or removed.",
            "tool": "The program that made the report.",
            "target": "What was scanned, as it was named: `docker://...`, `oci:...`, `rootfs:...`.",
            "image": "The image; its fields are empty where the target is not one.",
            "packages": "All packages, sorted by type, name, version and location.",
            "removed": "Packages that a higher layer removed or replaced, still shipped in a lower one.",
            "findings": "Vulnerabilities of the packages, by falling risk, then by id and package.",
            "suppressed": "Findings that were set aside, each with its `suppression`.",
            "skipped": "What could not be read; the report knows nothing of what is in there.",
            "advisories": "The data that the findings were made with, by ecosystem (`Debian`, `PyPI`), and "
            "`KEV` and `EPSS`. With no ecosystem in it nothing was checked.",
            "unmatched": "Ecosystems that packages belong to and for which there were no advisories.",
        },
    ),
    "Tool": ("A program.", {"name": "Its name.", "version": "Its version."}),
    "ImageInfo": (
        "An image.",
        {
            "digest": "Digest of the manifest; empty if there is none.",
            "config_digest": "Digest of the config, the image ID; empty if there is none.",
            "os": "The operating system; null if nothing tells.",
            "architecture": "Architecture as OCI writes it: `amd64`, `arm64`.",
            "created": "When it was made, RFC 3339, as the image says; empty if it does not.",
            "layers": "The layers that have content, lowest first.",
            "labels": "Labels of the config.",
        },
    ),
    "OsInfo": (
        "An operating system.",
        {
            "id": "ID of os-release: `debian`, `alpine`, `rhel`.",
            "version": "VERSION_ID of os-release, or what stands for it.",
            "name": "Name for people.",
            "codename": "Name of the release: `bookworm`.",
            "ecosystem": "OSV's name with release, `Debian:12`; empty if OSV has none.",
            "end_of_life": "Date on which the maker's free support ends; null if not known.",
            "ended": "Whether that date had passed on the day of the scan.",
        },
    ),
    "LayerInfo": (
        "A layer of an image.",
        {
            "digest": "Digest of the layer as stored, compressed or not.",
            "diff_id": "Digest of the layer's tar archive; what `layer` of a package or finding names.",
            "size": "Bytes as stored.",
            "created_by": "The instruction that made it, as the image's history says.",
            "created": "When it was made, RFC 3339, as the image's history says.",
            "files": "Number of regular files in it.",
            "bytes": "Bytes of content of the regular files in it.",
            "line": "Line of the instruction in the Dockerfile, from 1; 0 if not known.",
            "source": "Path of the Dockerfile; empty if not known.",
        },
    ),
    "Package": (
        "A piece of software with a name and a version.",
        {
            "type": "Type of its package URL: `deb`, `apk`, `rpm`, `pypi`, `npm`, `golang`, `maven` ...",
            "name": "Name as its ecosystem and OSV spell it: `@babel/core`, `group:artifact`.",
            "version": "Version as installed, with epoch and revision.",
            "purl": "Package URL; empty if none can be made.",
            "layer": _LAYER[0].upper() + _LAYER[1:] + ".",
            "ecosystem": "OSV's name with release: `Debian:12`, `PyPI`.",
            "source_name": "Name of the source package, where advisories name that.",
            "source_version": "Version of the source package, where it differs.",
            "arch": "Architecture as the package manager writes it.",
            "licenses": "SPDX expressions, or names as found.",
            "files": "Paths of its files, relative to the root of the image; only on request.",
            "locations": "Where it was found; the first is the one to show.",
            "reader": "The reader that found it: `os/dpkg`.",
            "scope": "`dev`, `optional` or `test`, where a lock file says so.",
            "namespace": "Namespace of the package URL, where the name does not tell.",
            "qualifiers": "Further qualifiers of the package URL: pairs of key and value.",
            "owner": "Package URL of the operating system's package that owns its files.",
        },
    ),
    "Location": (
        "A place in an image.",
        {
            "path": "Path relative to the root of the image, without a leading slash.",
            "line": "Line, from 1; 0 for the whole file.",
            "layer": "Diff ID of the layer; empty where there are none.",
        },
    ),
    "RemovedPackage": (
        "A package that is no longer there, but still shipped.",
        {"package": "The package, as it was.", "removed_in": "Diff ID of the layer that took it away."},
    ),
    "Finding": (
        "One vulnerability of one package.",
        {
            "id": "Identifier that people know first: CVE, else GHSA, else the source's own.",
            "aliases": "All other identifiers of the same vulnerability, sorted.",
            "package": "The package that has it.",
            "fixed_in": "Lowest version above the installed one that closes it; null if there is none.",
            "severity": "Qualitative severity; `unknown` if nobody has said.",
            "cvss_score": "CVSS base score, 0 to 10; null if there is no vector.",
            "cvss_vector": "The vector that the score is worked out from; empty if there is none.",
            "impact": "What an attacker gains, gravest first; empty if nothing tells.",
            "kev": "Listed in CISA's catalogue of known exploited vulnerabilities.",
            "epss": "Probability of exploitation within 30 days, 0 to 1; null if not known.",
            "status": "What the supplier says; `affected` means that there is no fix yet.",
            "risk": "What findings are ordered by, 0 to 100, from KEV, EPSS and severity.",
            "layer": "Diff ID of the layer that brought the package; empty where there are none.",
            "summary": "One line that says what it is.",
            "cwes": "Kinds of weakness, `CWE-79`, sorted.",
            "references": "URLs, advisory pages first.",
            "sources": "IDs of the OSV records that say it, sorted.",
            "published": "When it was made known, RFC 3339; empty if not known.",
            "suppression": "Why it is set aside; null if it is not.",
        },
    ),
    "PackageRef": (
        "The package of a finding.",
        {
            "name": "Name, as in `packages`.",
            "version": "Version, as in `packages`.",
            "purl": "Package URL, as in `packages`.",
            "type": "Type of its package URL.",
            "source_name": "Source package that the advisory names, if it is another.",
            "path": "Where the package was found.",
        },
    ),
    "Suppression": (
        "Why a finding is set aside.",
        {
            "source": "The file that says so.",
            "reason": "The reason in its words.",
            "owner": "Who answers for it.",
            "expires": "Last day on which it holds; empty for never.",
            "vex_status": "`not_affected`, `fixed` ..., where an OpenVEX document says it.",
        },
    ),
    "Skipped": (
        "Something that could not be read.",
        {
            "reader": "Who wanted to read it.",
            "path": "Path relative to the root of the image.",
            "reason": "Why it could not be read.",
            "layer": "Diff ID of the layer; empty where there are none.",
        },
    ),
    "AdvisoryData": (
        "Advisories of one ecosystem.",
        {
            "records": "How many there were.",
            "modified": "Time of the newest among them, RFC 3339.",
            "digest": "Digest over all of them: the same digest, the same findings.",
        },
    ),
    "Severity": ("Qualitative severity, as CVSS names it; `negligible` is Debian's and Ubuntu's.", {}),
    "Impact": ("What an attacker gains.", {}),
    "Status": ("What can be done.", {}),
}


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of what `lading scan --format json` writes."""
    (_,), components = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for name, component in components.items():
        text, fields = DESCRIPTIONS[name]
        component.pop("title", None)
        component["description"] = text
        for field in _internal(name):
            del component["properties"][field]
        for field, value in component.get("properties", {}).items():
            value["description"] = fields[field]
        if "properties" in component:
            component["required"] = _required(name, component)
    top = components.pop("Report")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lading:report:" + SCHEMA_VERSION,
        "title": "Lading report",
        **top,
        "$defs": dict(sorted(components.items())),
    }
    # Defaults are tuples in the records and lists in JSON.
    return cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(document)))


def _internal(name: str) -> tuple[str, ...]:
    return {"Package": json.INTERNAL, "Skipped": ("fact",)}.get(name, ())


# Records that are written with all their fields; in others, empty ones may be left out.
_WHOLE = {
    "Report",
    "Tool",
    "ImageInfo",
    "OsInfo",
    "LayerInfo",
    "RemovedPackage",
    "Finding",
    "Skipped",
    "AdvisoryData",
}


def _required(name: str, component: dict[str, Any]) -> list[str]:
    if name in _WHOLE:
        return list(component["properties"])
    if name == "Package":
        return list(json.ALWAYS)
    return [field for field in component["required"] if field in component["properties"]]


def main() -> int:
    """Write the schema to standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
