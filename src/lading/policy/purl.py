"""Package URLs: taking them apart, and asking whether one covers another.

`pkg:type/namespace/name@version?qualifier=value#subpath`, each part percent-encoded.
Specification: https://github.com/package-url/purl-spec
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec

from lading.errors import MalformedError
from lading.policy import pattern

MAX_LENGTH = 4096

# Types whose names the specification, or their registry, does not tell apart by case.
_CASELESS = frozenset(
    {"alpm", "apk", "bitbucket", "composer", "deb", "github", "golang", "hex", "npm", "nuget", "oci", "pypi"}
)
_SOURCE_ARCHES = frozenset({"source", "src"})


class Purl(msgspec.Struct, frozen=True, kw_only=True):
    """A package URL in parts, decoded; absent parts are empty; names without case are lower case.

    namespace: `/` between its names. qualifiers: keys in lower case.
    """

    type: str
    name: str
    namespace: str = ""
    version: str = ""
    qualifiers: dict[str, str] = {}
    subpath: str = ""


def parse(text: str) -> Purl:
    """Return the parts of `text`; raises `MalformedError` for what is not a package URL."""
    if len(text) > MAX_LENGTH or not text[:4].lower() == "pkg:":
        raise MalformedError(f"not a package URL: {text[:80]!r}")
    rest, _, subpath = text[4:].partition("#")
    rest, _, query = rest.partition("?")
    kind, _, path = rest.lstrip("/").partition("/")
    kind = kind.lower()
    path, version = _version(path)
    namespace, _, name = path.strip("/").rpartition("/")
    if not (kind and name):
        raise MalformedError(f"package URL without type or name: {text[:80]!r}")
    names = "/".join(unquote(part) for part in namespace.split("/") if part)
    return Purl(
        type=kind,
        namespace=_plain(kind, names, in_namespace=True),
        name=_plain(kind, unquote(name)),
        version=unquote(version),
        qualifiers=_qualifiers(query),
        subpath=unquote(subpath).strip("/"),
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


def _version(path: str) -> tuple[str, str]:
    # An @ that begins a name (`pkg:npm/@scope/name`, as some write it) begins no version.
    at = path.rfind("@")
    return (path, "") if at <= 0 or path[at - 1] == "/" else (path[:at], path[at + 1 :])


def _qualifiers(query: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in query.split("&"))
    return {key.lower(): unquote(value) for key, _, value in pairs if key and value}


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
