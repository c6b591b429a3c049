"""pom.xml: what a Maven project is, under which licences, and what it depends on.

Versions come from the file and nowhere else: literal, from `<properties>`, from the parent's
coordinates that it repeats, from its own `<dependencyManagement>`.
Specification: https://maven.apache.org/pom.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lading import elements
from lading.elements import Element, Limits
from lading.errors import LimitError, MalformedError

_MAX_ELEMENTS = 100_000
# What is longer than any name or version is none; it is cut and then matches nothing.
_MAX_TEXT_CHARS = 512
_LIMITS = Limits(max_depth=64, max_text_chars=_MAX_TEXT_CHARS)
# Properties that name properties: so often, and so many in one text, that no file can make them a bomb.
_MAX_ROUNDS = 8
_MAX_REFERENCES = 8
_REFERENCE = re.compile(r"\$\{([^${}]{1,200})\}")
_DEPENDENCY = ("dependencies", "dependency")


@dataclass(frozen=True, slots=True)
class Dependency:
    """A `<dependency>`; every field as it stands after properties were put in, or empty.

    line: of its start tag, from 1.
    """

    group: str
    artifact: str
    version: str
    scope: str
    optional: bool
    line: int


@dataclass(frozen=True, slots=True)
class Pom:
    """What a pom.xml says. A property that is not in the file stays `${name}`.

    licenses: names in the order of the file. dependencies: direct ones, likewise.
    """

    group: str
    artifact: str
    version: str
    licenses: tuple[str, ...]
    dependencies: tuple[Dependency, ...]


@dataclass(slots=True)
class _Reading:
    """What has been met so far, by path below `<project>`."""

    path: list[str] = field(default_factory=list)
    count: int = 0
    values: dict[str, str] = field(default_factory=dict)
    licenses: list[str] = field(default_factory=list)
    direct: list[dict[str, str]] = field(default_factory=list)
    managed: list[dict[str, str]] = field(default_factory=list)


def parse(content: bytes, where: str) -> Pom:
    """Return what the pom says; `where` goes into errors.

    Raises `MalformedError` for what is not XML, has a document type or is no `<project>`;
    `LimitError` where it is nested over 64 deep or has over 100,000 elements.
    """
    found = _parse(content, where)
    properties = _properties(found.values)
    managed = {(each.get("groupId", ""), each.get("artifactId", "")): each for each in found.managed}
    dependencies = []
    for each in found.direct:
        rule = managed.get((each.get("groupId", ""), each.get("artifactId", "")), {})
        fields = {
            name: _filled(each.get(name) or rule.get(name, ""), properties)
            for name in ("groupId", "artifactId", "version", "scope", "optional")
        }
        dependencies.append(
            Dependency(
                group=fields["groupId"],
                artifact=fields["artifactId"],
                version=fields["version"],
                scope=fields["scope"],
                optional=fields["optional"] == "true",
                line=int(each["line"]),
            )
        )
    return Pom(
        group=properties["project.groupId"],
        artifact=properties["project.artifactId"],
        version=properties["project.version"],
        licenses=tuple(found.licenses),
        dependencies=tuple(dependencies),
    )


def _parse(content: bytes, where: str) -> _Reading:
    found = _Reading()

    def start(element: Element) -> None:
        _start(found, element, where)

    def end(text: str) -> None:
        _end(found, text.strip())

    elements.read(content, where, start, end, limits=_LIMITS)
    return found


def _start(found: _Reading, element: Element, where: str) -> None:
    tag = element.tag.rpartition(":")[2]
    if not found.path and tag != "project":
        raise MalformedError(f"begins with <{tag[:40]}> in place of <project>", where=where)
    found.count += 1
    if found.count > _MAX_ELEMENTS:
        raise LimitError("more elements than any pom", where=where)
    found.path.append(tag)
    match tuple(found.path[1:]):
        case ("dependencies", "dependency"):
            found.direct.append({"line": str(element.line)})
        case ("dependencyManagement", "dependencies", "dependency"):
            found.managed.append({})


def _end(found: _Reading, value: str) -> None:
    match found.path[1:]:
        case ["groupId" | "artifactId" | "version" as name]:
            found.values[name] = value
        case ["parent", name]:
            found.values[f"parent.{name}"] = value
        case ["properties", name]:
            found.values[f"properties.{name}"] = value
        case ["licenses", "license", "name"] if value:
            found.licenses.append(value)
        case ["dependencies", "dependency", name]:
            found.direct[-1].setdefault(name, value)
        case ["dependencyManagement", "dependencies", "dependency", name]:
            found.managed[-1].setdefault(name, value)
    found.path.pop()


def _properties(values: dict[str, str]) -> dict[str, str]:
    """Return what a reference may name, with the references in it filled in."""
    given = {
        name.removeprefix("properties."): value
        for name, value in values.items()
        if name.startswith("properties.")
    }
    for name in ("groupId", "artifactId", "version"):
        parent = values.get(f"parent.{name}", "")
        own = values.get(name) or ("" if name == "artifactId" else parent)
        given |= {f"project.{name}": own, f"pom.{name}": own, f"project.parent.{name}": parent}
        given.setdefault(name, own)
    return {name: _filled(value, given) for name, value in given.items()}


def _filled(text: str, properties: dict[str, str]) -> str:
    """Return `text` with its references filled in; those that lead nowhere, or in a ring, stay."""
    for _ in range(_MAX_ROUNDS):
        if "${" not in text:
            break
        text = _REFERENCE.sub(lambda found: properties.get(found[1], found[0]), text, _MAX_REFERENCES)
        text = text[:_MAX_TEXT_CHARS]
    return text
