"""SPDX 2.2 and 2.3 as tag-value text: a `Tag: value` on each line, longer values in `<text>`.

Specification: https://spdx.github.io/spdx-spec/v2.3/conformance/ (4.4), and the tag that each field's
page names. A `PackageName` begins a package, a `FileName` or a `LicenseID` ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.errors import LimitError, MalformedError
from lading.inventory.sbom_package import MAX_COMPONENTS, SbomContents
from lading.inventory.sbom_spdx import Entry, Licensing, Reference, read_entries

_FIELDS = {
    "PackageVersion": "versionInfo",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageSourceInfo": "sourceInfo",
    "PackageComment": "comment",
    "PackageSummary": "summary",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_TAG = re.compile(r"([A-Za-z]{2,40}): ?(.*)")
_REFERENCE = re.compile(r"PACKAGE[-_]MANAGER\s+(\S+)\s+(\S.*)")
_OTHER_SECTIONS = frozenset({"FileName", "SnippetSPDXID"})


def read(data: bytes, where: str) -> SbomContents:
    """Return what the document lists; bytes that are not UTF-8 count as unknown signs.

    Raises `MalformedError` for what is not SPDX 2.2 or 2.3, `LimitError` where it is too long.
    """
    version = name = ""
    entries: list[Entry] = []
    licensing: list[Licensing] = []
    entry: Entry | None = None
    for tag, value in _tags(data.decode("utf-8", "replace")):
        if tag == "SPDXVersion":
            version = version or value
        elif tag == "DocumentName":
            name = name or value
        elif tag == "PackageName":
            entry = Entry(name=value, externalRefs=[])
            entries.append(entry)
        elif tag == "LicenseID":
            entry = None
            licensing.append(Licensing(licenseId=value))
        elif tag in _OTHER_SECTIONS:
            entry = None
        elif entry is not None:
            _fill(entry, tag, value)
        elif licensing and tag in {"LicenseName", "ExtractedText"}:
            _explain(licensing[-1], tag, value)
        if len(entries) > MAX_COMPONENTS:
            raise LimitError(f"more than {MAX_COMPONENTS} packages", where=where)
    if not version:
        raise MalformedError("not SPDX: no SPDXVersion", where=where)
    return read_entries(entries, licensing, name=name, version=version, where=where)


def _fill(entry: Entry, tag: str, value: str) -> None:
    if tag in _FIELDS:
        setattr(entry, _FIELDS[tag], value)
    elif tag == "ExternalRef":
        match = _REFERENCE.fullmatch(value)
        if match and entry.externalRefs is not None:
            reference = Reference(referenceType=match[1], referenceLocator=match[2].strip())
            entry.externalRefs.append(reference)


def _explain(licence: Licensing, tag: str, value: str) -> None:
    if tag == "LicenseName":
        licence.name = None if value == "NOASSERTION" else value
    else:
        licence.extractedText = value


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """Yield tags and values; a value in `<text>` goes on over line ends to `</text>`."""
    lines = iter(text.splitlines())
    for line in lines:
        match = _TAG.fullmatch(line)
        if not match:
            continue
        tag, value = match[1], match[2].strip()
        if value.startswith("<text>"):
            parts = [value.removeprefix("<text>")]
            while "</text>" not in parts[-1]:
                following = next(lines, None)
                if following is None:
                    break
                parts.append(following)
            value = "\n".join(parts).partition("</text>")[0].strip()
        yield tag, value
