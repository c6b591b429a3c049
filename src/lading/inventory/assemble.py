"""From what single files say to the packages of an image.

1. The history of each path gives the history of each package in it: since which layer it has been
   there without a break, and whether a higher layer took it away.
2. What other files say of a package (its files, its licences) is joined to it.
3. What the operating system's packages own is theirs: a Python package that Debian ships is
   Debian's, and is not reported a second time.
4. Name and operating system give the purl and the name of OSV's ecosystem.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from lading.inventory import distro
from lading.model.fact import Fact, Files, Licenses, OsRelease
from lading.model.package import Location, Package
from lading.model.report import RemovedPackage
from lading.oci.overlay import State
from lading.purl import to_string

# Package managers of operating systems: they own files, and one database holds many packages.
OS_TYPES = frozenset({"deb", "apk", "rpm", "alpm"})
_ECOSYSTEMS = {
    "pypi": "PyPI", "npm": "npm", "golang": "Go", "maven": "Maven", "cargo": "crates.io",
    "gem": "RubyGems", "composer": "Packagist", "nuget": "NuGet", "hex": "Hex", "pub": "Pub",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an image.

    packages: visible ones, sorted by type, name, version and place. removed: those that only lower
    layers have, in the same order. os: None if nothing tells.
    """

    packages: tuple[Package, ...]
    removed: tuple[RemovedPackage, ...] = ()
    os: OsRelease | None = None


@dataclass(slots=True)
class _Seen:
    """The packages of an image with the layers that brought and took them."""

    visible: list[Package] = field(default_factory=list)
    gone: list[tuple[Package, int]] = field(default_factory=list)


def assemble(
    histories: Mapping[str, Sequence[State]], diff_ids: Sequence[str], links: Mapping[str, str]
) -> Contents:
    """Return the packages of an image.

    histories: for each path, what it said from which layer on, from `Overlay.histories`.
    diff_ids: of the layers, lowest first. links: the root's symlinked directories (usr-merge).
    """
    seen = _Seen()
    current: list[Fact] = []
    ever: list[Fact] = []
    for path, states in histories.items():
        _follow(path, states, diff_ids, seen)
        current += states[-1][1] or ()
        ever += (fact for _, facts in states for fact in facts or ())
    os = _system(current)
    files, licenses = _joins(current)
    visible = [_joined(package, files, licenses) for package in seen.visible]
    owned = _Owned(_owned_paths(ever, seen), links)
    system = _merged(package for package in visible if package.type in OS_TYPES)
    others = [package for package in visible if package.type not in OS_TYPES and not owned.has(package)]
    packages = sorted((named(package, os) for package in (*system, *others)), key=_order)
    there = {(package.type, package.name, package.version) for package in packages}
    removed = [
        RemovedPackage(package=named(_joined(package, {}, licenses), os), removed_in=diff_ids[layer])
        for package, layer in seen.gone
        if (package.type, package.name, package.version) not in there
        and (package.type in OS_TYPES or not owned.has(package))
    ]
    return Contents(tuple(packages), tuple(_once(removed)), os)


def named(package: Package, os: OsRelease | None) -> Package:
    """Return the package with purl and ecosystem, unless it has them already (from an SBOM)."""
    of_system = package.type in OS_TYPES
    ecosystem = package.ecosystem or (
        (distro.ecosystem(os) if os else "") if of_system else _ECOSYSTEMS.get(package.type, "")
    )
    return msgspec.structs.replace(package, purl=package.purl or _purl(package, os), ecosystem=ecosystem)


def _follow(path: str, states: Sequence[State], diff_ids: Sequence[str], seen: _Seen) -> None:
    """Sort the packages of one path into those still there and those taken away."""
    alive: dict[tuple[str, ...], tuple[Package, int]] = {}
    for layer, facts in states:
        now = {
            (
                fact.type,
                fact.name,
                fact.version,
                fact.arch,
                fact.locations[0].path if fact.locations else path,
            ): fact
            for fact in facts or ()
            if isinstance(fact, Package)
        }
        for key in [key for key in alive if key not in now]:
            package, since = alive.pop(key)
            seen.gone.append((_placed(package, diff_ids[since]), layer))
        for key, package in now.items():
            alive[key] = (package, alive[key][1] if key in alive else layer)
    seen.visible += (_placed(package, diff_ids[since]) for package, since in alive.values())


def _identity(package: Package, path: str) -> tuple[str, ...]:
    place = package.locations[0].path if package.locations else path
    return package.type, package.name, package.version, package.arch, place


def _placed(package: Package, diff_id: str) -> Package:
    locations = tuple(Location(place.path, place.line, diff_id) for place in package.locations)
    return msgspec.structs.replace(package, layer=diff_id, locations=locations)


def _system(facts: Iterable[Fact]) -> OsRelease | None:
    return min(
        (fact for fact in facts if isinstance(fact, OsRelease)), key=lambda fact: fact.rank, default=None
    )


_Joins = dict[tuple[str, str], tuple[str, ...]]


def _joins(facts: Iterable[Fact]) -> tuple[_Joins, _Joins]:
    files: _Joins = {}
    licenses: _Joins = {}
    for fact in facts:
        if isinstance(fact, Files):
            files[fact.type, fact.owner] = files.get((fact.type, fact.owner), ()) + fact.paths
        elif isinstance(fact, Licenses):
            key = fact.type, fact.owner
            licenses[key] = tuple(dict.fromkeys(licenses.get(key, ()) + fact.names))
    return files, licenses


def _joined(package: Package, files: _Joins, licenses: _Joins) -> Package:
    by_key, by_name = (package.type, package.key), (package.type, package.name)
    more_files = files.get(by_key) or files.get(by_name) or ()
    more_licenses = licenses.get(by_key) or licenses.get(by_name) or ()
    if not more_files and (package.licenses or not more_licenses):
        return package
    return msgspec.structs.replace(
        package, files=package.files or more_files, licenses=package.licenses or more_licenses
    )


def _owned_paths(facts: Iterable[Fact], seen: _Seen) -> frozenset[str]:
    """Return every path that an operating system's package owns, or owned before it was removed."""
    paths: set[str] = set()
    for fact in facts:
        if isinstance(fact, Files) and fact.type in OS_TYPES:
            paths.update(fact.paths)
    for package in (*seen.visible, *(package for package, _ in seen.gone)):
        if package.type in OS_TYPES:
            paths.update(package.files)
    return frozenset(paths)


@dataclass(frozen=True, slots=True)
class _Owned:
    """What belongs to the operating system's packages.

    paths: as the package managers write them. links: the root's symlinked directories; dpkg still
    lists `lib/x`, which is `usr/lib/x` since the directories were merged.
    """

    paths: frozenset[str]
    links: Mapping[str, str]

    def has(self, package: Package) -> bool:
        """Tell whether the file that shows a package belongs to the system.

        A package in a file within a file (a jar in a jar) belongs to whom the outer one belongs.
        """
        if not package.locations:
            return False
        path = package.locations[0].path.partition("!/")[0]
        return path in self.paths or any(
            path.startswith(f"{target}/") and name + path[len(target) :] in self.paths
            for name, target in self.links.items()
        )


def _merged(packages: Iterable[Package]) -> list[Package]:
    """Make one of what two databases say of one package: a root may have them under two paths."""
    merged: dict[tuple[str, ...], Package] = {}
    for package in packages:
        key = (package.type, package.name, package.version, package.arch)
        if key in merged:
            first = merged[key]
            package = msgspec.structs.replace(  # noqa: PLW2901 - the record of both
                first,
                locations=first.locations + package.locations,
                files=first.files or package.files,
                licenses=first.licenses or package.licenses,
            )
        merged[key] = package
    return list(merged.values())


def _once(removed: Iterable[RemovedPackage]) -> list[RemovedPackage]:
    first: dict[tuple[str, ...], RemovedPackage] = {}
    for item in sorted(removed, key=lambda item: _order(item.package)):
        first.setdefault((item.package.purl, item.package.layer, item.removed_in), item)
    return list(first.values())


def _order(package: Package) -> tuple[str, ...]:
    path = package.locations[0].path if package.locations else ""
    return package.type, package.name, package.version, package.arch, path


def _purl(package: Package, os: OsRelease | None) -> str:
    qualifiers = dict(package.qualifiers)
    namespace, name, version = package.namespace, package.name, package.version
    if package.type in OS_TYPES:
        namespace = namespace or (distro.purl_namespace(os) if os else "")
        qualifiers |= {"arch": package.arch, "distro": distro.distro_qualifier(os) if os else ""}
        if package.source_name and package.source_name != name:
            source_version = package.source_version
            suffix = f"@{source_version}" if source_version and source_version != version else ""
            qualifiers["upstream"] = package.source_name + suffix
        if package.type == "rpm" and ":" in version:
            qualifiers["epoch"], _, version = version.partition(":")
    elif package.type == "maven":
        group, _, name = name.rpartition(":")
        namespace = namespace or group
    elif not namespace and package.type in {"npm", "golang", "composer", "generic"} and "/" in name:
        namespace, name = posixpath.split(name)
    return to_string(package.type, namespace, name, version, qualifiers=qualifiers.items())
