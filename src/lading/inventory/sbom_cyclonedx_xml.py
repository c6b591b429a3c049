"""CycloneDX 1.2 to 1.6 in XML: the same components as in JSON, in elements.

Specification: https://cyclonedx.org/docs/1.6/xml/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeVar

from lading import elements
from lading.elements import Element, Limits
from lading.errors import LimitError, MalformedError
from lading.inventory import sbom_cyclonedx
from lading.inventory.sbom_cyclonedx import Entry, Evidence, License, LicenseChoice, Occurrence, Property
from lading.inventory.sbom_package import MAX_COMPONENTS, SbomContents

_NAMESPACE = re.compile(r"http://cyclonedx\.org/schema/bom/(\d{1,2}\.\d{1,2})")
_LIMITS = Limits(max_depth=300, max_text_chars=8192)
# Between namespace and name, as expat puts them together; no name can hold it.
_BETWEEN = "\n"
# Elements of a component that are taken as they are; below `licenses` they mean another thing.
_FIELDS = frozenset({"group", "name", "version", "purl", "scope", "description"})


@dataclass(slots=True)
class _Reading:
    """What has been met so far.

    path: names of the open elements. open: the open components, from the outermost.
    """

    version: str = ""
    path: list[str] = field(default_factory=list)
    open: list[Entry] = field(default_factory=list)
    tops: list[Entry] = field(default_factory=list)
    main: Entry | None = None
    count: int = 0
    property: str = ""


def read(data: bytes, where: str) -> SbomContents:
    """Return what the document lists.

    Raises `MalformedError` for what is not CycloneDX, `LimitError` where it is too deep or too long.
    """
    found = _parse(data, where)
    return sbom_cyclonedx.read_entries(found.tops, found.main, version=found.version, where=where)


def _parse(data: bytes, where: str) -> _Reading:
    found = _Reading()

    def start(element: Element) -> None:
        _start(found, element, where)

    def end(text: str) -> None:
        _end(found, text.strip())

    elements.read(data, where, start, end, limits=_LIMITS, between=_BETWEEN)
    return found


def _start(found: _Reading, element: Element, where: str) -> None:
    namespace, _, name = element.tag.rpartition(_BETWEEN)
    if not found.path:
        match = _NAMESPACE.fullmatch(namespace)
        if name != "bom" or not match:
            raise MalformedError(f"not CycloneDX: begins with <{name[:40]}>", where=where)
        found.version = match[1]
    found.path.append(name)
    if name == "component" and "tools" not in found.path:
        found.count += 1
        if found.count > MAX_COMPONENTS:
            raise LimitError(f"more than {MAX_COMPONENTS} components", where=where)
        _open(found, _empty(element.attributes.get("type")))
    elif name == "property":
        found.property = element.attributes.get("name", "")


def _empty(type_: str | None) -> Entry:
    return Entry(type=type_, licenses=[], properties=[], components=[], evidence=Evidence(occurrences=[]))


def _open(found: _Reading, entry: Entry) -> None:
    if found.open:
        _add(found.open[-1].components, entry)
    elif found.path[-2:-1] == ["metadata"]:
        found.main = entry
    else:
        found.tops.append(entry)
    found.open.append(entry)


def _end(found: _Reading, text: str) -> None:
    name = found.path.pop()
    above = found.path[-1] if found.path else ""
    if not found.open:
        return
    if name == "component" and "tools" not in found.path:
        found.open.pop()
    elif text:
        _fill(found.open[-1], above, name, text, found.property)


def _fill(entry: Entry, above: str, name: str, text: str, key: str) -> None:
    if above == "component" and name in _FIELDS:
        setattr(entry, name, text)
    elif above == "license" and name in {"id", "name"}:
        _add(entry.licenses, LicenseChoice(license=License(**{name: text})))
    elif above == "licenses" and name == "expression":
        _add(entry.licenses, LicenseChoice(expression=text))
    elif above == "properties" and name == "property":
        _add(entry.properties, Property(name=key, value=text))
    elif above == "occurrence" and name == "location" and entry.evidence:
        _add(entry.evidence.occurrences, Occurrence(location=text))


_One = TypeVar("_One")


def _add(held: list[_One] | None, one: _One) -> None:
    if held is not None:
        held.append(one)
