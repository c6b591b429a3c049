"""Versions of Debian's and Ubuntu's packages: what `apt-get install` would take in the image.

The highest version in the suites that the official images are set up for: the release, `-updates` and
`-security`, with `main` on Debian and all four components on Ubuntu. `-backports` of Ubuntu counts only for
what is nowhere else, as its `NotAutomatic` says. Where a release has left the mirror, its archive is asked.
Formats: https://wiki.debian.org/DebianRepository/Format, deb822(5)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from lading.errors import LadingError, MalformedError, UnavailableError
from lading.lint.pins_bytes import unpacked
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index, highest, table
from lading.lint.pins_release import DEBIAN, Release

FAMILIES = ("debian", "ubuntu")
ARCHITECTURES = {"arm": "armhf", "386": "i386", "ppc64le": "ppc64el", "mips64le": "mips64el"}
"""Debian's names of architectures, where they are not those of images."""

_UBUNTU_MAIN_ARCHITECTURES = ("amd64", "i386")
_UBUNTU_COMPONENTS = ("main", "restricted", "universe", "multiverse")
_MAX_PARAGRAPH_BYTES = 2**22
# The first release whose security suite is named as the others are.
_NEW_SECURITY_NAME = 11
_FORMS = (".xz", ".gz", "")
_FIELD = re.compile(rb"^(?:Package|Version): *([^\s]+)[ \r]*$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{1,200}", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+~:-]{0,200}", re.ASCII)


class Suite(msgspec.Struct, frozen=True):
    """A suite of an archive: where it is, and which of its components count."""

    base: str
    name: str
    components: tuple[str, ...]


class _Sources(msgspec.Struct, frozen=True):
    """release: must be there. others: may be missing. last: for what is nowhere else."""

    release: Suite
    others: tuple[Suite, ...] = ()
    last: tuple[Suite, ...] = ()


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version of each package in `index.release`, or why there is none.

    Names are those of packages alone: without architecture, version or release behind them.
    """
    release = index.needs(FAMILIES)
    sources = _found(index, release)
    tables = [_suite(index, suite) for suite in (sources.release, *sources.others)]
    last: list[dict[str, str]] = []

    def find(name: str) -> str | Unknown:
        if not _NAME.fullmatch(name):
            return Unknown(f"not the name of a Debian package: {name[:80]!r}", absent=True)
        version = highest(name, tables, "dpkg")
        if not version and sources.last:
            last[:] = last or [_suite(index, suite) for suite in sources.last]
            version = highest(name, last, "dpkg")
        if _VERSION.fullmatch(version):
            return version
        return Unknown(
            f"no package {name} in {release}: it may be virtual, or of another source", absent=True
        )

    return each(names, find)


def _found(index: Index, release: Release) -> _Sources:
    """Return the sources of a release where it is now: on the mirror, or in the archive."""
    candidates = _debian(index, release) if release.family == "debian" else _ubuntu(index, release)
    failure: LadingError | None = None
    for sources in candidates:
        try:
            if _component(index, sources.release, sources.release.components[0]):
                return sources
        except UnavailableError as error:
            failure = failure or error
    raise failure or UnavailableError(f"no index of {release}", candidates[0].release.base)


def _debian(index: Index, release: Release) -> list[_Sources]:
    suite = release.codename
    number = DEBIAN.get(suite, "99")
    security = f"{suite}-security" if int(number) >= _NEW_SECURITY_NAME else f"{suite}/updates"
    archive = f"{index.bases.debian_archive}/debian"
    places = [(index.bases.debian, index.bases.debian_security), (archive, f"{archive}-security")]
    components = ("main",)
    return [
        _Sources(
            Suite(base, suite, components),
            ()
            if suite == "sid"
            else (Suite(base, f"{suite}-updates", components), Suite(patches, security, components)),
        )
        for base, patches in places
    ]


def _ubuntu(index: Index, release: Release) -> list[_Sources]:
    common = _architecture(index) in _UBUNTU_MAIN_ARCHITECTURES
    suite = release.codename
    return [
        _Sources(
            Suite(base, suite, _UBUNTU_COMPONENTS),
            tuple(Suite(base, f"{suite}-{kind}", _UBUNTU_COMPONENTS) for kind in ("updates", "security")),
            (Suite(base, f"{suite}-backports", _UBUNTU_COMPONENTS),),
        )
        for base in (
            index.bases.ubuntu if common else index.bases.ubuntu_ports,
            index.bases.ubuntu_archive,
        )
    ]


def _architecture(index: Index) -> str:
    return ARCHITECTURES.get(index.architecture, index.architecture)


def _suite(index: Index, suite: Suite) -> dict[str, str]:
    """Return name -> highest version of all components; nothing for those that are not there."""
    tables = [_component(index, suite, component) for component in suite.components]
    merged: dict[str, str] = {}
    # Components do not share names, but for a package that moves from one to another.
    for one in tables:
        for name, version in one.items():
            merged[name] = highest(name, (merged, one), "dpkg") if name in merged else version
    return merged


def _component(index: Index, suite: Suite, component: str) -> dict[str, str]:
    place = f"{suite.base}/dists/{suite.name}/{component}/binary-{_architecture(index)}/Packages"
    urls = [f"{place}{form}" for form in _FORMS]
    return table(index, urls, lambda source, where: packages(unpacked(source, where), where), "dpkg")


def packages(pieces: Iterator[bytes], where: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of each paragraph of a Packages file.

    Raises `MalformedError` for a paragraph of several MiB, or an index that has none at all, as a
    page of HTML has not.
    """
    rest = b""
    count = 0
    for piece in pieces:
        rest += piece
        end = rest.rfind(b"\n\n") + 1
        if not end and len(rest) > _MAX_PARAGRAPH_BYTES:
            raise MalformedError("not an index of packages: no end of a paragraph", where)
        for pair in _paragraphs(rest[:end]):
            count += 1
            yield pair
        rest = rest[end:]
    yield from _paragraphs(rest)
    if rest.strip() and not count and b"Package:" not in rest:
        raise MalformedError("not an index of packages", where)


def _paragraphs(block: bytes) -> Iterator[tuple[str, str]]:
    name = version = b""
    for found in _FIELD.finditer(block):
        if found[0].startswith(b"Package"):
            name, version = found[1], b""
        elif name and not version:
            version = found[1]
            yield name.decode("ascii", "replace"), version.decode("ascii", "replace")
