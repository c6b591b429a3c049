"""A package, and the place where it was found."""

from __future__ import annotations

import msgspec


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in an image.

    path: relative to the root of the image, `/` between names, no leading `/`.
    line: from 1; 0 for the file as a whole.
    layer: diff ID of the layer; empty where there are no layers (a directory, an SBOM).
    """

    path: str
    line: int = 0
    layer: str = ""


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="fact", tag="package"):
    """A piece of software with a name and a version.

    A reader sets what it knows; `inventory.assemble` adds purl, ecosystem, layer and joined facts.

    type: the purl type (`deb`, `apk`, `rpm`, `alpm`, `pypi`, `npm`, `golang`, `maven`, `cargo`,
        `gem`, `composer`, `nuget`, `bitnami`, `generic`).
    name: as the package's own ecosystem and OSV spell it: `@babel/core`, `group:artifact`,
        `github.com/a/b`, `monolog/monolog`; PyPI names in normal form (PEP 503).
    version: as installed, with epoch and revision (`1:2.3-4`).
    purl: package URL with type, namespace, name, version and qualifiers, percent-encoded.
    ecosystem: OSV's name with release (`Debian:12`, `PyPI`); empty if OSV has none.
    source_name, source_version: the source package that this was built from, where it differs
        in kind (deb, apk, rpm); empty otherwise.
    arch: as the package manager writes it (`amd64`, `x86_64`); empty if there is none.
    licenses: SPDX expressions or names as found, in the order found.
    files: paths that belong to it, relative to the root, no leading `/`.
    locations: where it was found; the first is the one to show.
    layer: diff ID of the layer that brought it.
    key: joins it with `Files` and `Licenses` facts of the same type; unique in its database.
    reader: name of the reader that found it.
    scope: `dev`, `optional`, `test` or empty, as a lock file says it.
    namespace: set where the purl namespace cannot be told from name and operating system.
    qualifiers: further purl qualifiers, sorted pairs (`repository_url`, `epoch` ...).
    owner: purl of the operating system's package that owns its files; such a package is not reported.
    foreign: of the operating system's package manager, but made by another than its distribution.
    """

    type: str
    name: str
    version: str
    purl: str = ""
    ecosystem: str = ""
    source_name: str = ""
    source_version: str = ""
    arch: str = ""
    licenses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()
    layer: str = ""
    key: str = ""
    reader: str = ""
    scope: str = ""
    namespace: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    foreign: bool = False
