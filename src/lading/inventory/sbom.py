"""Bills of materials in place of images: CycloneDX and SPDX, told apart by their first signs.

CycloneDX 1.2 to 1.6 as JSON or XML, SPDX 2.2 and 2.3 as JSON or tag-value: from Lading, syft, Trivy,
or whoever writes package URLs. What a component is follows from its package URL (`sbom_package`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lading.errors import LimitError, MalformedError
from lading.inventory import sbom_cyclonedx, sbom_cyclonedx_xml, sbom_spdx, sbom_spdx_tags
from lading.inventory.sbom_package import SbomContents

MAX_BYTES = 256 * 2**20
# Enough to find the key that says what a JSON document is, past a list of licences or whatever came first.
_HEAD_BYTES = 64 * 2**10
_BOM = b"\xef\xbb\xbf"

_Read = Callable[[bytes, str], SbomContents]


def read(data: bytes, where: str) -> SbomContents:
    """Return the packages that a bill of materials lists, and the operating system that it names.

    data: the file, UTF-8 with or without a byte order mark. where: goes into errors.
    Raises `MalformedError` for what is no such document, `LimitError` for one of over 256 MiB, or with
    more components or more depth than any real one has.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"over {MAX_BYTES} bytes", where=where)
    text = data.removeprefix(_BOM)
    return _reader(text, where)(text, where)


def _reader(text: bytes, where: str) -> _Read:
    start = text[:_HEAD_BYTES].lstrip()
    if start.startswith(b"<"):
        return sbom_cyclonedx_xml.read
    if re.search(rb"^SPDXVersion:", start, re.MULTILINE):
        return sbom_spdx_tags.read
    if start.startswith(b"{"):
        return _json_reader(text, start, where)
    raise MalformedError("neither CycloneDX nor SPDX", where=where)


def _json_reader(text: bytes, start: bytes, where: str) -> _Read:
    for part in (start, text):
        if re.search(rb'"bomFormat"\s*:\s*"CycloneDX"', part):
            return sbom_cyclonedx.read
        if re.search(rb'"spdxVersion"\s*:', part):
            return sbom_spdx.read
        if b'"schema_version"' in part and b'"advisories"' in part:
            raise MalformedError(
                "a report, and no bill of materials", where=where, hint="`lading convert` reads it"
            )
    if b"https://spdx.org/rdf/3." in start:
        raise MalformedError("SPDX 3", where=where, hint="SPDX 2.2 and 2.3 are read, and CycloneDX")
    raise MalformedError("neither CycloneDX nor SPDX", where=where)
