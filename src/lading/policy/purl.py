"""Asking whether a statement about one package URL covers another."""

from __future__ import annotations

import re

import msgspec

from lading import purl
from lading.policy import pattern
from lading.purl import Purl

# Types whose names the specification, or their registry, does not tell apart by case.
_CASELESS = frozenset(
    {"alpm", "apk", "bitbucket", "composer", "deb", "github", "golang", "hex", "npm", "nuget", "oci", "pypi"}
)
_SOURCE_ARCHES = frozenset({"source", "src"})


def parse(text: str) -> Purl:
    """Return the parts of `text`, names without case in lower case, so that equal ones are equal.

    Raises `MalformedError` for what is not a package URL.
    """
    read = purl.parse(text)
    return msgspec.structs.replace(
        read,
        namespace=_plain(read.type, read.namespace, in_namespace=True),
        name=_plain(read.type, read.name),
    )


def covers(wanted: Purl, actual: Purl, source_name: str = "") -> bool:
    """True if a statement about `wanted` is one about `actual`.

    Type, namespace and name must be equal; version, qualifiers and subpath only where `wanted` has
    them. In all but the type, `*` in `wanted` stands for any characters. A `distro` of `debian-12`
    covers `debian-12.4`.
    source_name: name of the source package of `actual`; compared when `wanted` says `arch=source`.
    """
    name = actual.name
    qualifiers = dict(wanted.qualifiers)
    if qualifiers.get("arch", "").lower() in _SOURCE_ARCHES and "arch" in qualifiers:
        del qualifiers["arch"]
        name = _plain(actual.type, source_name) or name
    return (
        wanted.type == actual.type
        and _same(wanted.namespace, actual.namespace)
        and _same(wanted.name, name)
        and (not wanted.version or _same(wanted.version, actual.version))
        and (not wanted.subpath or _same(wanted.subpath, actual.subpath))
        and all(_has(actual.qualifiers, key, value) for key, value in qualifiers.items())
    )


def _plain(kind: str, text: str, *, in_namespace: bool = False) -> str:
    if kind == "pypi" and not in_namespace:
        return re.sub(r"[-_.]+", "-", text).lower()  # PEP 503
    return text.lower() if kind in _CASELESS or (kind == "rpm" and in_namespace) else text


def _same(wanted: str, actual: str) -> bool:
    if "*" not in wanted:
        return wanted == actual
    return pattern.matches_name(pattern.stars_only(wanted), actual)


def _has(qualifiers: dict[str, str], key: str, value: str) -> bool:
    actual = qualifiers.get(key)
    if actual is None:
        return False
    return _same(value, actual) or (key == "distro" and actual.startswith(value + "."))
