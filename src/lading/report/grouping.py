"""Findings put together as people read them: under the package that one update would mend.

Binary packages of one source have the same vulnerabilities (libssl3, openssl, libssl-dev), and a
JavaScript package lies in ten folders: they come as one group where they have the same findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lading.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Group:
    """Packages of one origin, version and layer that have the same vulnerabilities.

    names: of the packages, each once, in the order of the findings. places: how many packages; more
    than names where one is there several times. source: name of the source package, or empty.
    layer: diff ID, or empty. path: of the first. findings: those of the first package.
    """

    names: tuple[str, ...]
    version: str
    type: str
    source: str
    layer: str
    path: str
    places: int
    findings: tuple[Finding, ...]


def groups(findings: Iterable[Finding]) -> list[Group]:
    """Return the groups in the order of their first finding; findings keep their order within."""
    packages: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        packages.setdefault((finding.package, finding.layer), []).append(finding)
    alike: dict[tuple[object, ...], list[list[Finding]]] = {}
    for held in packages.values():
        alike.setdefault(_likeness(held), []).append(held)
    return [_group(members) for members in alike.values()]


def _likeness(held: list[Finding]) -> tuple[object, ...]:
    package = held[0].package
    flaws = frozenset((one.id, one.fixed_in, one.severity, one.status) for one in held)
    return package.type, package.source_name or package.name, package.version, held[0].layer, flaws


def _group(members: list[list[Finding]]) -> Group:
    first = members[0][0]
    names = tuple(dict.fromkeys(held[0].package.name for held in members))
    return Group(
        names=names,
        version=first.package.version,
        type=first.package.type,
        source=first.package.source_name if first.package.source_name not in names else "",
        layer=first.layer,
        path=first.package.path,
        places=len(members),
        findings=tuple(members[0]),
    )
