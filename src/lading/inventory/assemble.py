"""From what single files say to the packages of an image.

1. The history of each path gives the history of each package in it: since which layer it has been
   there without a break, and whether a higher layer took it away.
2. What other files say of a package (its files, its licences) is joined to it.
3. What the operating system's packages own is theirs: a Python package that Debian ships is
   Debian's, and is not reported a second time. A file that a higher layer put in place of the
   system's is not (`npm install -g npm` over the distribution's npm). Nor is what came in a package of
   another maker (`makers`): no advisory of the distribution is about it.
4. Name and operating system give the purl and the name of OSV's ecosystem.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from lading.inventory import distro, makers
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
    "bitnami": "Bitnami",
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


class _Life(NamedTuple):
    """A package, or the list of its files, with the layers that brought it and took it away.

    since: index of the layer from which on it has been there unchanged. until: of the layer that
    removed it; None while it is there.
    """

    fact: Package | Files
    since: int
    until: int | None = None


def assemble(
    histories: Mapping[str, Sequence[State]], diff_ids: Sequence[str], links: Mapping[str, str]
) -> Contents:
    """Return the packages of an image.

    histories: for each path, what it said from which layer on, from `Overlay.histories`.
    diff_ids: of the layers, lowest first. links: the root's symlinked directories (usr-merge).
    """
    lives = [life for path, states in histories.items() for life in _lives(path, states)]
    current = [fact for states in histories.values() for fact in states[-1][1] or ()]
    os = _system(current)
    files, licenses = _joins(current)
    owners = _Owners(lives, links)

    def placed(life: _Life) -> Iterable[Package]:
        if isinstance(life.fact, Package) and not owners.own(life):
            yield _placed(life.fact, diff_ids[life.since])

    visible = [
        _joined(package, files, licenses) for life in lives if life.until is None for package in placed(life)
    ]
    packages = sorted((named(package, os) for package in _merged(visible)), key=_order)
    there = {(package.type, package.name, package.version) for package in packages}
    removed = [
        RemovedPackage(package=named(_joined(package, {}, licenses), os), removed_in=diff_ids[life.until])
        for life in lives
        if life.until is not None
        for package in placed(life)
        if (package.type, package.name, package.version) not in there
    ]
    return Contents(tuple(packages), tuple(_once(removed)), os)


def named(package: Package, os: OsRelease | None) -> Package:
    """Return the package with purl and ecosystem, unless it has them already (from an SBOM)."""
    of_system = package.type in OS_TYPES
    ecosystem = package.ecosystem or (
        (distro.ecosystem(os) if os else "") if of_system else _ECOSYSTEMS.get(package.type, "")
    )
    return msgspec.structs.replace(package, purl=package.purl or _purl(package, os), ecosystem=ecosystem)


def _lives(path: str, states: Sequence[State]) -> Iterable[_Life]:
    """Yield the packages of one path, and the system's file lists, each with its first and last layer."""
    alive: dict[tuple[str, ...], _Life] = {}
    for layer, facts in states:
        now = {
            _identity(fact, path): fact
            for fact in facts or ()
            if isinstance(fact, Package) or (isinstance(fact, Files) and fact.type in OS_TYPES)
        }
        for key in [key for key in alive if key not in now]:
            life = alive.pop(key)
            yield _Life(life.fact, life.since, layer)
        for key, fact in now.items():
            alive[key] = _Life(fact, alive[key].since if key in alive else layer)
    yield from alive.values()


def _identity(fact: Package | Files, path: str) -> tuple[str, ...]:
    """What stays the same while a database is written anew for the sake of other packages."""
    if isinstance(fact, Files):
        return fact.type, fact.owner, *fact.paths
    place = fact.locations[0].path if fact.locations else path
    return fact.type, fact.name, fact.version, fact.arch, place


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


class _Owners:
    """What belongs to the operating system's packages, and since when."""

    def __init__(self, lives: Iterable[_Life], links: Mapping[str, str]) -> None:
        """Look up who owns the files that show packages of other kinds.

        links: the root's symlinked directories; dpkg still lists `lib/x`, which is `usr/lib/x` since
        the directories were merged.
        """
        lives = list(lives)
        spellings: dict[str, str] = {}
        for path in {_outer(life) for life in lives} - {""}:
            spellings[path] = path
            for name, target in links.items():
                if path.startswith(f"{target}/"):
                    spellings[name + path[len(target) :]] = path
        wanted = frozenset(spellings)
        # The last layer in which the system wrote the path, by owners that are there, and by all.
        self._now: dict[str, int] = {}
        self._ever: dict[str, int] = {}
        # Nothing of Debian's lies in the folders for others, whatever the package says of its maker.
        by_deb = frozenset(path for path in wanted if not path.startswith(makers.LOCAL_FOLDERS))
        for kind, paths, since, until in self._written(lives):
            theirs = by_deb if kind == "deb" else wanted
            for path in map(spellings.__getitem__, theirs.intersection(paths)):
                self._ever[path] = max(since, self._ever.get(path, 0))
                if until is None:
                    self._now[path] = max(since, self._now.get(path, 0))

    def own(self, life: _Life) -> bool:
        """Tell whether the file that shows a package came from a package of the operating system.

        What is visible belongs to an owner that is there, what is gone to whoever had it; neither
        where it came in a higher layer than the owner.
        """
        since = (self._now if life.until is None else self._ever).get(_outer(life))
        return since is not None and since >= life.since

    @staticmethod
    def _written(lives: Sequence[_Life]) -> Iterable[tuple[str, tuple[str, ...], int, int | None]]:
        """Yield type of a package of the distribution, the paths that it has brought, since when, until when.

        A list may stay the same while its package is upgraded, or stay behind when it is gone.
        """
        packages: dict[tuple[str, str], list[_Life]] = {}
        for life in lives:
            if isinstance(life.fact, Package) and life.fact.type in OS_TYPES:
                if not life.fact.foreign:
                    yield life.fact.type, life.fact.files, life.since, life.until
                packages.setdefault((life.fact.type, life.fact.key or life.fact.name), []).append(life)
        for life in lives:
            if isinstance(life.fact, Files):
                owners = packages.get((life.fact.type, life.fact.owner), [])
                for owner in owners:
                    until = life.until if owner.until is None else owner.until
                    if isinstance(owner.fact, Package) and not owner.fact.foreign:
                        yield life.fact.type, life.fact.paths, max(life.since, owner.since), until
                if not owners:
                    yield life.fact.type, life.fact.paths, life.since, life.since


def _outer(life: _Life) -> str:
    """Return the file that shows a package of no operating system; empty for any other.

    A package in a file within a file (a jar in a jar) belongs to whom the outer one belongs.
    """
    fact = life.fact
    if isinstance(fact, Files) or fact.type in OS_TYPES or not fact.locations:
        return ""
    return fact.locations[0].path.partition("!/")[0]


def _merged(packages: Iterable[Package]) -> list[Package]:
    """Make one of what two of the system's databases say of one package: they may lie under two paths."""
    merged: dict[tuple[str, ...], Package] = {}
    for package in packages:
        key = _order(package)[: 4 if package.type in OS_TYPES else None]
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
        source_version = package.source_version or version
        suffix = f"@{source_version}" if source_version != version else ""
        if package.source_name and (package.source_name != name or suffix):
            qualifiers["upstream"] = package.source_name + suffix
        if package.type == "rpm" and ":" in version:
            qualifiers["epoch"], _, version = version.partition(":")
    elif package.type == "maven":
        group, _, name = name.rpartition(":")
        namespace = namespace or group
    elif not namespace and package.type in {"npm", "golang", "composer", "generic"} and "/" in name:
        namespace, name = posixpath.split(name)
    return to_string(package.type, namespace, name, version, qualifiers=qualifiers.items())
