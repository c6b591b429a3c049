"""The one document that everything which judges adds to and everything that shows reads.

`docs/report.schema.json` is its JSON schema, generated from these records. A field is never
renamed or removed within a major `schema_version`; new ones may come.
"""

from __future__ import annotations

import msgspec

from lading.model.fact import Skipped
from lading.model.finding import Finding
from lading.model.package import Package

SCHEMA_VERSION = "1.0"


class OsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The operating system in an image.

    id, version, name, codename: as os-release says. ecosystem: OSV's name with release, or empty.
    end_of_life: ISO date on which the maker's free support ends; None if not known.
    ended: whether that date had passed on the day of the scan (SOURCE_DATE_EPOCH, if set).
    """

    id: str
    version: str
    name: str = ""
    codename: str = ""
    ecosystem: str = ""
    end_of_life: str | None = None
    ended: bool = False


class LayerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A layer of an image, lowest first.

    digest: of the bytes as stored (compressed or not). diff_id: of the tar. size: bytes as stored.
    created_by: the instruction that made it, as the history says; empty if it does not.
    created: RFC 3339, from the history. files, bytes: regular files in it, and their content.
    line, source: line and path of the Dockerfile, where an annotation tells.
    """

    digest: str
    diff_id: str
    size: int
    created_by: str = ""
    created: str = ""
    files: int = 0
    bytes: int = 0
    line: int = 0
    source: str = ""


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The image that was scanned.

    digest: of the manifest; empty where the target has none (a directory, an SBOM).
    config_digest: of the config, the "image ID". os: None if nothing tells.
    layers: those with content; empty history entries are not among them.
    """

    digest: str = ""
    config_digest: str = ""
    os: OsInfo | None = None
    architecture: str = ""
    created: str = ""
    layers: tuple[LayerInfo, ...] = ()
    labels: dict[str, str] = {}


class RemovedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package that a higher layer removed or replaced, still shipped in a lower one.

    package: as it was. removed_in: diff ID of the layer that took it away.
    """

    package: Package
    removed_in: str


class AdvisoryData(msgspec.Struct, frozen=True, kw_only=True):
    """The advisories of one ecosystem that the report was made with.

    records: how many. modified: RFC 3339, the newest among them. digest: over all records.
    """

    records: int
    modified: str
    digest: str


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """The program that made the report."""

    name: str
    version: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a target.

    packages: sorted by type, name, version, location. findings: by falling risk, then id, package.
    suppressed: findings set aside, with the reason. removed: packages in lower layers only.
    skipped: what could not be read. advisories: by ecosystem (`Debian`, `PyPI`, `KEV`, `EPSS`).
    unmatched: ecosystems that packages belong to and for which there were no advisories.
    """

    schema_version: str = SCHEMA_VERSION
    tool: Tool
    target: str
    image: ImageInfo
    packages: tuple[Package, ...] = ()
    removed: tuple[RemovedPackage, ...] = ()
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    advisories: dict[str, AdvisoryData] = {}
    unmatched: tuple[str, ...] = ()
