"""The order of versions: one module per scheme, each `key(version) -> bytes`; pure.

Comparing keys with `<` is comparing versions, and so is `memcmp` on them: SQLite's BLOB order and
PostgreSQL's `bytea` order. Ranges are stored as keys, and a database finds what falls into them.
Keys of different schemes mean nothing to each other. A scheme is loaded when it is first asked for.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable

from lading.errors import UsageError

LOWEST = b""
"""Below the key of every version: what OSV's `introduced: "0"` means, in every scheme.

`key_of` does not give it for "0", which some schemes read as a real version with others below it
(`0~rc1`); whoever reads an event compares with "0" first. Only in `semver`, where "0" is no
version, the key of "0" is `LOWEST` itself.
"""

SCHEMES: dict[str, str] = {
    "apk": "lading.versions.apk",
    "composer": "lading.versions.composer",
    "dpkg": "lading.versions.dpkg",
    "maven": "lading.versions.maven",
    "nuget": "lading.versions.nuget",
    "pacman": "lading.versions.pacman",
    "pep440": "lading.versions.pep440",
    "rpm": "lading.versions.rpm",
    "rubygems": "lading.versions.rubygems",
    "semver": "lading.versions.semver",
}
"""Every scheme, and the module that has its `key`."""

ECOSYSTEMS: dict[str, str] = {
    "AlmaLinux": "rpm",
    "Alpaquita": "apk",
    "Alpine": "apk",
    "Amazon Linux": "rpm",
    "Arch Linux": "pacman",
    "Azure Linux": "rpm",
    "BellSoft": "apk",
    "BellSoft Hardened Containers": "apk",
    "Bioconductor": "semver",
    "Bitnami": "semver",
    "Chainguard": "apk",
    "CleanStart": "apk",
    "ConanCenter": "semver",
    "Debian": "dpkg",
    "Echo": "dpkg",
    "Fedora": "rpm",
    "GHC": "semver",
    "GitHub Actions": "semver",
    "Go": "semver",
    "Hex": "semver",
    "Julia": "semver",
    "Kubernetes": "semver",
    "Mageia": "rpm",
    "Maven": "maven",
    "MinimOS": "apk",
    "NuGet": "nuget",
    "Oracle Linux": "rpm",
    "Packagist": "composer",
    "Photon OS": "rpm",
    "Pub": "semver",
    "PyPI": "pep440",
    "Red Hat": "rpm",
    "Rocky Linux": "rpm",
    "RubyGems": "rubygems",
    "SUSE": "rpm",
    "SwiftURL": "semver",
    "Ubuntu": "dpkg",
    "VSCode": "semver",
    "Wolfi": "apk",
    "crates.io": "semver",
    "npm": "semver",
    "openEuler": "rpm",
    "openSUSE": "rpm",
}
"""OSV's ecosystems, without release, that have an order, and a few that OSV has no name for yet.

Not here: those without an order of their own (GIT, Linux, Android, OSS-Fuzz) and those whose order
no scheme here is exactly (CRAN, Hackage, opam, FreeBSD).
"""

# They rebuild packages of others; the rest of the name says whose (`Root:Alpine:3.18`).
_REBUILDERS = frozenset({"Docker Hardened Images", "Root", "TuxCare"})


def for_ecosystem(ecosystem: str) -> str | None:
    """Return the scheme of an OSV ecosystem, with or without release (`Debian:12`); None if there is none.

    Names: https://ossf.github.io/osv-schema/#defined-ecosystems
    """
    name, _, rest = ecosystem.partition(":")
    if name in _REBUILDERS:
        name = rest.partition(":")[0]
    return ECOSYSTEMS.get(name)


@functools.cache
def scheme(name: str) -> Callable[[str], bytes]:
    """Return the `key` function of a scheme, for callers with many versions.

    name: one of `SCHEMES`; another raises `UsageError`.
    """
    if name not in SCHEMES:
        raise UsageError(f"no such version scheme: {name!r}", hint="one of: " + ", ".join(SCHEMES))
    key: Callable[[str], bytes] = importlib.import_module(SCHEMES[name]).key
    return key


def key_of(scheme_name: str, version: str) -> bytes:
    """Return the sort key of a version; it is never `LOWEST`, but for "0" in `semver`.

    scheme_name: one of `SCHEMES`; another raises `UsageError`.
    Raises `MalformedError` for what the scheme cannot read, `LimitError` for more than
    32,768 characters.
    """
    return scheme(scheme_name)(version)
