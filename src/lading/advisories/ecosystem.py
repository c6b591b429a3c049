"""How OSV names ecosystems, releases and packages, and what to look up for an installed package.

`Debian:12`, `Ubuntu:22.04:LTS`, `Red Hat:enterprise_linux:9::appstream`: the part before the first
colon is the *family*, which is a folder of the bulk export and one store here; the rest is the
*release*. Lists: https://ossf.github.io/osv-schema/#defined-ecosystems
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from lading.advisories import centos
from lading.advisories.systems import is_elf
from lading.model.package import Package

# Families of rpm distributions whose advisories list every binary package. The others name source
# packages, or some of each, so both names are looked up there.
_RPM_BY_BINARY = frozenset({"AlmaLinux", "Red Hat"})
# Families of apk distributions whose advisories name binary packages (`kubectl-1.30`), each with its architecture,
# beside older ones that name the origin (`kubernetes-1.30`), or it and what comes from it.
_APK_BY_BOTH = frozenset({"Chainguard", "MinimOS", "Wolfi"})
_REGISTRY = ("https://", "http://")
_PEP_503 = re.compile(r"[-_.]+")
# Extended life-cycle support and Extras are for the release itself; the packages of software collections bear names
# of their own (`rh-nodejs14-nodejs`).
_RED_HAT = re.compile(
    r"(?:(?:enterprise_linux:|rhel_els:|rhel_extras:)?([0-9]{1,3})(?:\.[0-9]{1,3})?(?:::.*)?"
    r"|rhel_(?:software_collections|dotnet):[0-9.]{1,9}::el([0-9]{1,3}))"
)
# What follows the service pack is for how long who pays is given fixes: `-LTSS`, `-LTSS Extended Security`.
_SUSE = re.compile(
    r"(?:Linux Enterprise [A-Za-z ,&-]{1,80}?|Package Hub) ([0-9]{1,2}(?: SP[0-9]{1,2})?)"
    r"(?:-(?:LTSS|ESPOS|BCL)(?: Extended Security)?| LTSS EXTREME CORE)?"
)
_MAJOR = re.compile(r"([0-9]{1,3})(?:\.[0-9]{1,3})?")
_LOCAL = re.compile(r"([0-9a-z.!_-]+)\+[0-9a-z._-]+", re.ASCII | re.IGNORECASE)
# Ubuntu's line of fixes for who pays; the release follows.
PRO = "Pro:"
# Debian's names end in an architecture: `linux-signed-6.1-amd64`.
_SIGNED_KERNEL = re.compile(r"linux-signed(?P<flavour>-.+?)??(?:-(?:amd64|arm64|i386))?")
_BITNAMI = re.compile(r"([0-9]+(?:\.[0-9]+)*)-r?[0-9]{1,4}", re.ASCII)
_GO_RELEASE = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:(rc|beta)([0-9]{1,9}))?")


class Target(msgspec.Struct, frozen=True):
    """What to ask the store of a family.

    name: in the normal form of `name_in`. release: in the normal form of `split`.
    version: as the family's scheme reads it. label: rpm module and stream (`nodejs:18`) or empty.
    origin: the name is that of the origin alone: what is said of a binary package of that name is not asked for.
    own: the version is that of the package of this name, with its epoch; see `epochs`.
    elf: it was found in an ELF file; see `systems`. rebuilt: it is one of CentOS.
    """

    family: str
    release: str
    name: str
    version: str
    label: str = ""
    origin: bool = False
    own: bool = True
    elf: bool = False
    rebuilt: bool = False

    @property
    def has_epoch(self) -> bool:
        """Whether versions of this family's advisories have the epoch that installed ones have."""
        return self.family in _RPM_BY_BINARY


def split(ecosystem: str) -> tuple[str, str]:
    """Return family and release; the release is empty if there is none, and in one normal form.

    Ubuntu's `:LTS` is dropped (`22.04`, but `Pro:22.04`); Red Hat's CPE (`enterprise_linux:9::appstream`)
    and point releases of its rebuilds become the major version; SUSE's products and modules of one
    service pack become that (`15 SP5`). So do those for the time after a release's own has ended (`rhel_els:7`,
    `15 SP3-LTSS`): only who pays gets these fixes, but everybody has the flaws. Alpine's gets its `v`. A registry
    (`https://packages.drupal.org/8`) is no release: names are the same wherever a package came from. What has no
    such form (`rhel_eus:9.2`, fixes of a point release) is kept as it is, so that it matches itself alone.
    """
    family, _, release = ecosystem.partition(":")
    if release.startswith(_REGISTRY):
        return family, ""
    normal = _RELEASES.get(family)
    return family, normal(release) if normal and release else release


def _ubuntu(release: str) -> str:
    return release.removesuffix(":LTS")


def _red_hat(release: str) -> str:
    found = _RED_HAT.fullmatch(release)
    return found[1] or found[2] if found else release


def _major(release: str) -> str:
    found = _MAJOR.fullmatch(release)
    return found[1] if found else release


def _suse(release: str) -> str:
    found = _SUSE.fullmatch(release)
    return found[1] if found else release


def _alpine(release: str) -> str:
    return "v" + release if release[:1].isdigit() else release


_RELEASES: dict[str, Callable[[str], str]] = {
    "AlmaLinux": _major,
    "Alpine": _alpine,
    "Debian": _major,
    "Red Hat": _red_hat,
    "Rocky Linux": _major,
    "SUSE": _suse,
    "Ubuntu": _ubuntu,
}


def name_in(family: str, name: str) -> str:
    """Return the package name in the form in which names of this family are compared.

    PyPI: PEP 503. Packagist, NuGet, Hex and GitHub Actions take upper and lower case as the same.
    All others, npm, Go, Maven, crates.io and RubyGems among them, are compared as written.
    """
    normal = _NAMES.get(family)
    return normal(name) if normal else name


def _pypi(name: str) -> str:
    return _PEP_503.sub("-", name).lower()


_NAMES: dict[str, Callable[[str], str]] = {
    "GitHub Actions": str.lower,
    "Hex": str.lower,
    "NuGet": str.lower,
    "Packagist": str.lower,
    "PyPI": _pypi,
}


def targets(package: Package) -> list[Target]:
    """Return what to look up for an installed package: one name, or two; none without an ecosystem.

    deb, apk: the source package and its version, or the package's own where it has no other. A signed kernel
        is that of which it is a copy: advisories name `linux`, and its binaries bear that one's version.
        Of families whose advisories name binary packages as well, the package's own name too.
    rpm: the binary package; for families whose advisories may name the source, that one and its version too.
    """
    family, release = split(package.ecosystem)
    if not family:
        return []
    if package.type in {"deb", "apk"} and package.source_name:
        version = package.source_version or package.version
        named = Target(family, release, package.source_name, version)
        if family in _APK_BY_BOTH and package.name != package.source_name:
            own = Target(family, release, package.name, package.version)
            return [msgspec.structs.replace(named, origin=True), own]
        signed = _SIGNED_KERNEL.fullmatch(package.source_name)
        if not signed:
            return [named]
        return [Target(family, release, "linux" + (signed["flavour"] or ""), package.version), named]
    label = dict(package.qualifiers).get("rpmmod", "") if package.type == "rpm" else ""
    name = name_in(family, package.name)
    version = version_in(family, name, package.version)
    found = [
        Target(family, release, name, version, label, elf=is_elf(package), rebuilt=centos.is_of(package))
    ]
    source = package.source_name
    if package.type == "rpm" and family not in _RPM_BY_BINARY and source not in {"", name}:
        version = package.source_version or package.version
        found.append(Target(family, release, source, version, label, own=False))
    return found


def version_in(family: str, name: str, version: str) -> str:
    """Return the version as OSV has it: Go's without `v` or `go`, releases as SemVer; PyPI's without a local label.

    `2.0.0+cu118` is a build of 2.0.0: a specifier without a label takes it for that
    (https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers).

    Of Bitnami's `7.4.1-0` what follows the hyphen counts its builds; OSV has the version, and would take it for
    one before 7.4.1 (https://github.com/bitnami/go-version).

    `go1.21rc2` is `1.21.0-rc.2`, as the Go vulnerability database has it
    (https://go.dev/security/vuln/database).
    """
    if family == "PyPI" and (local := _LOCAL.fullmatch(version)):
        return local[1]
    if family == "Bitnami" and (build := _BITNAMI.fullmatch(version)):
        return build[1]
    if family != "Go":
        return version
    if version.startswith("go"):
        version = version[2:]
    elif version.startswith("v"):
        version = version[1:]
    found = _GO_RELEASE.fullmatch(version.split(" ", 1)[0]) if name in {"stdlib", "toolchain"} else None
    if not found:
        return version
    base = f"{found[1]}.{found[2]}.{found[3] or 0}"
    return f"{base}-{found[4]}.{found[5]}" if found[4] else base


# Whose records are advisories of a distribution: they may answer several flaws at once, and those made
# before schema 1.7 list these under `related`.
DISTRIBUTIONS = frozenset(
    {
        "AlmaLinux",
        "Alpaquita",
        "Alpine",
        "Azure Linux",
        "BellSoft Hardened Containers",
        "Chainguard",
        "CleanStart",
        "Debian",
        "Docker Hardened Images",
        "Echo",
        "Mageia",
        "MinimOS",
        "Photon OS",
        "Red Hat",
        "Rocky Linux",
        "Root",
        "SUSE",
        "TuxCare",
        "Ubuntu",
        "Wolfi",
        "openEuler",
        "openSUSE",
    }
)
