"""pom.xml: what a Maven project is, under which licences, and what it depends on.

The text is read with expat alone, no tree is built of what nobody asks. A document type
definition, which no pom needs and entity bombs do, is refused. Versions come from the file and
nowhere else: literal, from `<properties>`, from the parent's coordinates that it repeats, from its
own `<dependencyManagement>`.
Specification: https://maven.apache.org/pom.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from lading.errors import LimitError, MalformedError

_MAX_DEPTH = 64
_MAX_ELEMENTS = 100_000
_MAX_TEXT_CHARS = 512
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
    text: list[str] = field(default_factory=list)
    text_chars: int = 0
    elements: int = 0
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
    parser = expat.ParserCreate(namespace_separator=None)
    found = _Reading()

    def doctype(*_: object) -> NoReturn:
        raise MalformedError("has a document type definition", where=where)

    def start(tag: str, _: object) -> None:
        _start(found, tag.rpartition(":")[2], parser.CurrentLineNumber, where)

    def text(data: str) -> None:
        # What is longer than any name or version is none; it is cut and then matches nothing.
        if found.text_chars < _MAX_TEXT_CHARS:
            found.text.append(data)
            found.text_chars += len(data)

    def end(_: str) -> None:
        _end(found)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise MalformedError(f"not XML: {error}", where=where) from error
    return found


def _start(found: _Reading, tag: str, line: int, where: str) -> None:
    found.elements += 1
    if not found.path and tag != "project":
        raise MalformedError(f"begins with <{tag[:40]}> in place of <project>", where=where)
    if len(found.path) >= _MAX_DEPTH or found.elements > _MAX_ELEMENTS:
        raise LimitError("more elements, or deeper, than any pom", where=where)
    found.path.append(tag)
    found.text.clear()
    found.text_chars = 0
    match tuple(found.path[1:]):
        case ("dependencies", "dependency"):
            found.direct.append({"line": str(line)})
        case ("dependencyManagement", "dependencies", "dependency"):
            found.managed.append({})


def _end(found: _Reading) -> None:
    value = "".join(found.text).strip()[:_MAX_TEXT_CHARS]
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
    found.text.clear()
    found.text_chars = 0


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
