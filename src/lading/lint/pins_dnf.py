"""Versions of RPM packages: what `dnf`, `microdnf`, `yum` and `zypper` would install in the image.

From the repositories that the image of the distribution is set up for: repomd.xml names `primary`, which
lists all packages, and `modules`. A package that belongs to a module counts only if its stream is the
default one, as for dnf. The answer is `version-release`; all of these tools take that behind a name.
Format: https://createrepo-c.github.io/createrepo_c/ and rpm-md of openSUSE's wiki.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from lading.errors import MalformedError, UnavailableError
from lading.faults import redact
from lading.lint.pins_bases import Bases
from lading.lint.pins_bytes import unpacked
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index, gathered, highest
from lading.lint.pins_modules import hidden_of
from lading.lint.pins_release import Release
from lading.lint.pins_xml import Start, events
from lading.oci import digest as digests
from lading.oci.digest import Verified
from lading.oci.source import Readable

FAMILIES = ("almalinux", "rocky", "fedora", "centos", "centos-stream", "oracle", "ubi", "leap", "tumbleweed")
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i386", "arm": "armv7hl"}
"""RPM's names of architectures, where they are not those of images."""

_MAX_REPOMD_BYTES = 2**22
_MAX_MODULES_BYTES = 2**26
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,200}", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+~^]{0,200}-[0-9A-Za-z._+~^]{1,200}", re.ASCII)
# Where the last point releases of CentOS came to rest.
_CENTOS_LAST = {"6": "6.10", "7": "7.9.2009", "8": "8.5.2111"}
_NEW_LEAP = 16
_REPOMD = frozenset({"data", "location", "checksum"})
_BELOW = re.compile(r"[A-Za-z0-9_+~][A-Za-z0-9._+~-]*(?:/[A-Za-z0-9_+~][A-Za-z0-9._+~-]*)*", re.ASCII)


class Repository(msgspec.Struct, frozen=True):
    """A repository. urls: the same one, on the mirror and in the archive. needed: it is always there."""

    urls: tuple[str, ...]
    needed: bool = True


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return `version-release` of each package in `index.release`, or why there is none."""
    release = index.needs(FAMILIES)
    tables = [_packages(index, repository) for repository in repositories(index, release)]

    def find(name: str) -> str | Unknown:
        if not _NAME.fullmatch(name):
            return Unknown(f"not the name of an RPM package: {name[:80]!r}", absent=True)
        version = highest(name, tables, "rpm").rpartition(":")[2]
        if _VERSION.fullmatch(version):
            return version
        reason = f"no package {name} in {release}: it may be a capability, a module's, or of another source"
        return Unknown(reason, absent=True)

    return each(names, find)


def repositories(index: Index, release: Release) -> list[Repository]:
    """Return the repositories that the image of a release is set up for."""
    arch = ARCHITECTURES.get(index.architecture, index.architecture)
    bases, number = index.bases, release.version
    match release.family:
        case "almalinux" | "rocky" as family:
            base = f"{getattr(bases, family)}/{number}"
            return [Repository((f"{base}/{part}/{arch}/os",)) for part in ("BaseOS", "AppStream", "extras")]
        case "fedora":
            return _fedora(bases, number, arch)
        case "centos":
            base = f"{bases.centos_vault}/{_CENTOS_LAST.get(number, number)}"
            if number in {"6", "7"}:
                return [Repository((f"{base}/{part}/{arch}",)) for part in ("os", "updates", "extras")]
            return [Repository((f"{base}/{part}/{arch}/os",)) for part in ("BaseOS", "AppStream", "extras")]
        case "centos-stream":
            base = f"{number}-stream"
            alternatives = (f"{bases.centos_stream}/{base}", f"{bases.centos_vault}/{base}")
            return [
                Repository(tuple(f"{one}/{part}/{arch}/os" for one in alternatives))
                for part in ("BaseOS", "AppStream")
            ]
        case "oracle":
            base = f"{bases.oracle}/OL{number}"
            parts = ("latest",) if number in {"6", "7"} else ("baseos/latest", "appstream")
            return [Repository((f"{base}/{part}/{arch}",)) for part in parts]
        case "ubi":
            base = f"{bases.ubi}/ubi{number}/{number}/{arch}"
            return [
                Repository((f"{base}/{part}/os",)) for part in ("baseos", "appstream", "codeready-builder")
            ]
    return _opensuse(bases, release, arch)


def _fedora(bases: Bases, number: str, arch: str) -> list[Repository]:
    both = (bases.fedora, bases.fedora_archive)
    if number == "rawhide":
        return [Repository((f"{bases.fedora}/development/rawhide/Everything/{arch}/os",))]
    return [
        Repository(tuple(f"{base}/releases/{number}/Everything/{arch}/os" for base in both)),
        Repository(tuple(f"{base}/updates/{number}/Everything/{arch}" for base in both), needed=False),
    ]


def _opensuse(bases: Bases, release: Release, arch: str) -> list[Repository]:
    base, number = bases.opensuse, release.version
    if release.family == "tumbleweed":
        return [
            Repository((f"{base}/tumbleweed/repo/oss",)),
            Repository((f"{base}/update/tumbleweed",), needed=False),
        ]
    if int(number.partition(".")[0]) >= _NEW_LEAP:
        return [Repository((f"{base}/distribution/leap/{number}/repo/oss/{arch}",))]
    updates = ("oss", "backports", "sle")
    return [
        Repository((f"{base}/distribution/leap/{number}/repo/oss",)),
        *(Repository((f"{base}/update/leap/{number}/{part}",), needed=False) for part in updates),
    ]


def _packages(index: Index, repository: Repository) -> dict[str, str]:
    """Return name -> highest `epoch:version-release`; nothing if a repository that need not be there is not."""
    key = f"rpm {index.architecture} {' '.join(repository.urls)}"
    return index.fetch.remembered(key, dict[str, str], lambda: _first(index, repository)) or {}


def _first(index: Index, repository: Repository) -> dict[str, str]:
    failure: UnavailableError | None = None
    for url in repository.urls:
        try:
            found = _read(index, url)
        except UnavailableError as error:
            failure = failure or error
            continue
        if found is not None:
            return found
    if failure is not None:
        raise failure
    if repository.needed:
        raise UnavailableError(f"no repository of {index.release}", redact(repository.urls[0]))
    return {}


def _read(index: Index, url: str) -> dict[str, str] | None:
    where = redact(url)
    repomd = index.fetch.bytes(f"{url}/repodata/repomd.xml", _MAX_REPOMD_BYTES)
    if repomd is None:
        return None
    listed = _data(repomd, where)
    if "primary" not in listed:
        raise MalformedError("repomd.xml names no primary", where)
    hidden: frozenset[str] = frozenset()
    if "modules" in listed:
        with _open(index, url, listed["modules"]) as source:
            hidden = hidden_of(b"".join(unpacked(source, where, _MAX_MODULES_BYTES)), where)
    arch = ARCHITECTURES.get(index.architecture, index.architecture)
    with _open(index, url, listed["primary"]) as source:
        return gathered(packages(unpacked(source, where), arch, where, hidden), "rpm", where)


class _Data(msgspec.Struct):
    """A file that repomd.xml lists. path: below the repository. digest: empty if it states none that we know."""

    path: str = ""
    digest: str = ""


@contextmanager
def _open(index: Index, url: str, data: _Data) -> Iterator[Readable]:
    """Give the bytes of a file, which turn out at their end to have the digest that repomd.xml states."""
    place = f"{url}/{data.path}"
    with index.fetch.open(place) as response:
        if response is not None:
            digest = data.digest
            yield Verified(response, digests.parse(digest), redact(place)) if digest else response
            return
    raise UnavailableError("it is not where repomd.xml says", redact(place), "try again later")


def _data(repomd: bytes, where: str) -> dict[str, _Data]:
    """Return what is listed, by its kind."""
    found: dict[str, _Data] = {}
    current = _Data()
    checksum = ""
    for event in events(iter([repomd]), where, _REPOMD, frozenset({"checksum"})):
        if not isinstance(event, Start):
            current.digest = f"{checksum}:{event[1].strip()}" if checksum in {"sha256", "sha512"} else ""
        elif event.name == "data":
            current = _Data()
            found.setdefault(event.attributes.get("type", ""), current)
        elif event.name == "checksum":
            checksum = event.attributes.get("type", "")
        else:
            current.path = event.attributes.get("href", "")
    # Only below the repository: where else it may lead is not for the mirror to say.
    return {kind: one for kind, one in found.items() if kind and _BELOW.fullmatch(one.path)}


def packages(
    pieces: Iterator[bytes], arch: str, where: str, hidden: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Yield name and `epoch:version-release` of each package of a primary.xml for an architecture.

    hidden: packages that a module keeps from view, as `name-epoch:version-release.arch`.
    Raises `MalformedError` for what is no XML or has a document type.
    """
    name = found_arch = ""
    starts = frozenset({"package", "version"})
    for event in events(pieces, where, starts, frozenset({"name", "arch"})):
        if not isinstance(event, Start):
            kind, text = event
            if kind == "name" and not name:
                name = text.strip()
            elif kind == "arch" and not found_arch:
                found_arch = text.strip()
        elif event.name == "package":
            name = found_arch = ""
        elif name and found_arch in {arch, "noarch"}:
            made = event.attributes
            version = f"{made.get('epoch') or '0'}:{made.get('ver', '')}-{made.get('rel', '')}"
            if f"{name}-{version}.{found_arch}" not in hidden:
                yield name, version
            found_arch = "-"
