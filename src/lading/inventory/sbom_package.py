"""From a package URL in a bill of materials to a package, named as its own ecosystem names it.

purl types: https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst. Two qualifiers are not
in it but in use: `upstream`, by syft and Lading, is the source package (`openssl@1.1.1`, or the file
name of a source rpm); `distro` is the operating system (`debian-12`, `alpine-3.10.4`, in Trivy's rpms
and apks only the version).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from lading.errors import LimitError, MalformedError
from lading.inventory import distro
from lading.inventory.pypi_name import normal
from lading.inventory.rpm import source_of
from lading.model.fact import OsRelease
from lading.model.package import Location, Package
from lading.purl import Purl, parse

# Large monorepos have some ten thousand.
MAX_COMPONENTS = 1_000_000
_MAX_CHARS = 4096
# How tools other than ours spell what os-release calls `rhel`, `amzn` ...; the purl namespaces are among them.
_SYSTEMS = {
    "redhat": "rhel", "amazon": "amzn", "oracle": "ol", "alma": "almalinux", "rocky linux": "rocky",
    "opensuse.leap": "opensuse-leap", "opensuse.tumbleweed": "opensuse-tumbleweed",
    "suse linux enterprise server": "sles", "alpine linux": "alpine", "amazon linux": "amzn",
    "debian gnu/linux": "debian",
}  # fmt: skip
# Types whose full name is namespace and name with this between them. Others are known by the name alone.
_JOINED = {
    "npm": "/", "maven": ":", "golang": "/", "composer": "/", "generic": "/", "github": "/", "bitbucket": "/",
    "swift": "/", "docker": "/", "oci": "/", "huggingface": "/", "cpan": "::", "conan": "/", "clojars": "/",
}  # fmt: skip
_SYSTEM_TYPES = frozenset({"deb", "apk", "rpm", "alpm"})
_DATABASE = re.compile(
    r"dpkg/status(?:\.d/[^/]+)?$|apk/db/installed$|/rpm/[^/]+$|/rpmdb\.sqlite$|/local/[^/]+/desc$"
)
_MAX_DISTRO_CHARS = 100
_DISTRO = re.compile(r"(?P<id>[a-zA-Z][\w. -]*?)-(?P<version>\d[\w.~+-]*)|(?P<only>\d[\w.~+-]*)")


@dataclass(frozen=True, slots=True)
class SbomContents:
    """What a bill of materials says.

    packages: in its order, without those it lists twice. os: None if nothing tells.
    name: of what it is about, as written; may be empty. format: `CycloneDX 1.6`, `SPDX 2.3`.
    unnamed: how many components had no package URL, so that nothing can be said of them but their name.
    """

    packages: tuple[Package, ...]
    os: OsRelease | None
    name: str
    format: str
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """A component as any of the formats has it; empty where it says nothing.

    properties: further facts by the names that `read` knows: `type`, `source`, `source-version`, `arch`,
    `ecosystem`, `scope`.
    """

    name: str
    version: str = ""
    purl: str = ""
    licenses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


def contents(
    components: Iterable[Component], os: OsRelease | None, *, name: str, version: str, reader: str
) -> SbomContents:
    """Return what the components are. os: as a component of its own tells it, else from the package URLs.

    version: of the format. reader: name that the packages carry. Raises `LimitError` for over a million.
    """
    found: dict[Package, None] = {}
    systems: Counter[tuple[str, str, str]] = Counter()
    distros: dict[Package, tuple[str, str, str]] = {}
    unnamed = 0
    for number, component in enumerate(components):
        if number >= MAX_COMPONENTS:
            raise LimitError(f"more than {MAX_COMPONENTS} components")
        package, system = _package(component, reader)
        if package is None:
            continue
        unnamed += not package.purl
        found[package] = None
        if system:
            systems[system] += 1
            distros[package] = system
    if os is None and systems:
        os = _release(*systems.most_common(1)[0][0])
    packages = tuple(_of_system(package, distros.get(package), os) for package in found)
    return SbomContents(packages, os, name, version, unnamed)


def system(name: str, version: str, codename: str = "", pretty: str = "") -> OsRelease | None:
    """Return the operating system that a component of that type names; None for one without a name."""
    return _release(_system_id(name), version.strip(), codename, pretty) if name.strip() else None


def _system_id(name: str) -> str:
    name = name.strip().lower()
    return _SYSTEMS.get(name, name)


def _release(id_: str, version: str, codename: str, pretty: str = "") -> OsRelease:
    return OsRelease(
        id=id_[:200],
        version=version[:200],
        codename=codename[:200],
        name=(pretty or id_)[:200],
        pretty_name=pretty[:400] or f"{id_} {version}"[:400].strip(),
    )


def _of_system(package: Package, told: tuple[str, str, str] | None, os: OsRelease | None) -> Package:
    """Give a package of another system than the document's the ecosystem of its own."""
    if told is None or package.ecosystem or os is None:
        return package
    own = distro.ecosystem(_release(*told))
    return package if own == distro.ecosystem(os) else msgspec.structs.replace(package, ecosystem=own)


def _package(component: Component, reader: str) -> tuple[Package | None, tuple[str, str, str] | None]:
    """Return the package, and the system that its package URL names."""
    try:
        purl = parse(component.purl.strip()) if component.purl.strip() else None
    except MalformedError:
        purl = None
    name = component.name.strip() if purl is None else _name(purl)
    version = (purl.version if purl else "") or component.version.strip()
    if not name or not version or max(len(name), len(version)) > _MAX_CHARS:
        return None, None
    held = component.properties
    qualifiers = purl.qualifiers if purl else {}
    type_ = purl.type if purl else held.get("type") or "generic"
    if type_ == "rpm" and qualifiers.get("epoch", "0") != "0" and ":" not in version:
        version = f"{qualifiers['epoch']}:{version}"
    source, source_version = _source(type_, name, version, qualifiers, held)
    package = Package(
        type=type_,
        name=name,
        version=version,
        purl=component.purl.strip() if purl else "",
        ecosystem=held.get("ecosystem", ""),
        source_name=source,
        source_version=source_version,
        arch=qualifiers.get("arch", "") or held.get("arch", ""),
        licenses=component.licenses,
        locations=tuple(Location(path) for path in _places(type_, component.paths)),
        reader=reader,
        scope=held.get("scope", ""),
    )
    return package, _distro(purl) if purl else None


def _places(type_: str, paths: Iterable[str]) -> list[str]:
    """Return where it was found; of a system's package the database, and not each file that tells of it."""
    places = [path.lstrip("/")[:_MAX_CHARS] for path in paths if path.strip("/")]
    if type_ not in _SYSTEM_TYPES:
        return places
    return [path for path in places if _DATABASE.search(path)] or places


def _name(purl: Purl) -> str:
    if purl.type == "pypi":
        return normal(purl.name)
    between = _JOINED.get(purl.type)
    return f"{purl.namespace}{between}{purl.name}" if purl.namespace and between else purl.name


def _source(
    type_: str, name: str, version: str, qualifiers: Mapping[str, str], held: Mapping[str, str]
) -> tuple[str, str]:
    """Return name and version of the source package; of a system's package there always is one."""
    if type_ not in _SYSTEM_TYPES:
        return "", ""
    upstream = qualifiers.get("upstream", "")
    if upstream.endswith(".src.rpm"):
        return source_of(upstream)
    told, _, its_version = upstream.partition("@")
    source = held.get("source") or told
    source_version = held.get("source-version") or its_version
    if type_ == "rpm" and not source:
        return "", ""
    return source or name, source_version or version


def _distro(purl: Purl) -> tuple[str, str, str] | None:
    """Return id, version and codename of the operating system that the package belongs to."""
    if purl.type not in _SYSTEM_TYPES or not purl.namespace:
        return None
    text = purl.qualifiers.get("distro", "").strip()
    if not text or len(text) > _MAX_DISTRO_CHARS:
        return None
    match = _DISTRO.fullmatch(text)
    if match:
        return _system_id(match["id"] or purl.namespace), match["version"] or match["only"], ""
    id_, _, codename = text.rpartition("-")
    return _system_id(id_ or purl.namespace), "", codename if text != purl.namespace else ""
