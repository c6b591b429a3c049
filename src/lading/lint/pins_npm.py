"""Versions of npm packages: what `npm install` would take.

The version tagged `latest`, if it is in the range that is asked for; else the highest that is, one that
is not deprecated before one that is. Format: https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
"""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

from lading.errors import MalformedError
from lading.faults import redact
from lading.lint import pins_npm_range as ranges
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index

# The short form, without what only a page about the package needs.
_ACCEPT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
_MAX_BYTES = 128 * 2**20
_SPEC = re.compile(
    r"((?:@[a-z0-9~_-][a-z0-9._~-]*/)?[a-z0-9~_-][a-z0-9._~-]*)(?:@(.*))?", re.ASCII | re.IGNORECASE
)
_MAX_SPEC_CHARS = 400


class Package(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a package. versions: version -> whether it is deprecated."""

    tags: dict[str, str]
    versions: dict[str, bool]


class _Version(msgspec.Struct):
    deprecated: object = None


class _Packument(msgspec.Struct):
    tags: dict[str, str] = msgspec.field(default_factory=dict, name="dist-tags")
    versions: dict[str, _Version] = {}


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version for each `name`, `@scope/name`, `name@range` or `name@tag`, or why there is none."""
    return each(names, lambda name: _version(index, name))


def _version(index: Index, text: str) -> str | Unknown:
    found = _SPEC.fullmatch(text) if len(text) <= _MAX_SPEC_CHARS else None
    if not found:
        return Unknown(f"not the name of an npm package: {text[:80]!r}", absent=True)
    name, wanted = found[1], (found[2] or "").strip()
    if re.match(r"[a-z+]+:|.*/", wanted):
        return Unknown(f"{name} comes from an address, which is a version of its own", absent=True)
    url = f"{index.bases.npm}/{quote(name, safe='@')}"
    package = index.fetch.remembered(f"npm {url}", Package, lambda: _package(index, url))
    if package is None:
        return Unknown(f"no package {name} in the registry", absent=True)
    version = package.tags.get(wanted or "latest", "")
    if not version:
        version = _best(package, wanted)
    if ranges.version(version) is not None:
        return version
    return Unknown(f"no version of {name} is in {wanted[:80] or 'the registry'!r}", absent=True)


def _package(index: Index, url: str) -> Package | None:
    body = index.fetch.bytes(url, _MAX_BYTES, _ACCEPT)
    if body is None:
        return None
    try:
        packument = msgspec.json.decode(body, type=_Packument)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(f"not a package of an npm registry: {error}", redact(url)) from error
    # `deprecated` is a text, of which the empty one means nothing, as does `false`.
    return Package(packument.tags, {name: bool(one.deprecated) for name, one in packument.versions.items()})


def _best(package: Package, wanted: str) -> str:
    """Return the version that a range stands for; empty if there is none, or it is no range."""
    try:
        fits = ranges.satisfies(wanted)
    except MalformedError:
        return ""
    latest = package.tags.get("latest", "")
    made = ranges.version(latest)
    if made is not None and latest in package.versions and fits(made):
        return latest
    candidates = [
        (not deprecated, made, text)
        for text, deprecated in package.versions.items()
        if (made := ranges.version(text)) is not None and fits(made)
    ]
    return max(candidates, default=(False, None, ""))[2]
