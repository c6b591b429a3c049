"""Versions of Python packages: what `pip install` would take, pre-releases and yanked files aside.

Format: the simple repository API as JSON (PEP 691, 700), or as HTML (PEP 503, 592) from older mirrors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from lading.errors import MalformedError
from lading.faults import redact
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index
from lading.lint.pins_release import runtime_of

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, text/html;q=0.2"
_MAX_BYTES = 64 * 2**20
_MAX_REQUIREMENT_CHARS = 1000


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """A file of a project. requires_python: specifiers; empty for any."""

    filename: str
    yanked: bool = False
    requires_python: str = ""


class _File(msgspec.Struct):
    filename: str = ""
    yanked: bool | str = False
    requires_python: str | None = msgspec.field(default=None, name="requires-python")


class _Project(msgspec.Struct):
    files: list[_File]


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version for each requirement, or why there is none.

    names: as pip takes them, `flask`, `requests[socks]`, `django<5`; what is not such a requirement
    is not known. An official image of Python as base says which Python the version has to be for.
    """
    python = runtime_of(index.base, "python") if index.base is not None else ""
    return each(names, lambda name: _version(index, name, python))


def _version(index: Index, text: str, python: str) -> str | Unknown:
    try:
        wanted = Requirement(text[:_MAX_REQUIREMENT_CHARS])
    except (InvalidRequirement, RecursionError):
        return Unknown(f"not a requirement that has a name: {text[:80]!r}", absent=True)
    if wanted.url:
        return Unknown(f"{wanted.name} comes from an address, which is a version of its own", absent=True)
    name = canonicalize_name(wanted.name)
    url = f"{index.bases.pypi}/{name}/"
    found = index.fetch.remembered(f"pypi {url}", list[Offer], lambda: _offers(index, url))
    if not found:
        return Unknown(f"no project {wanted.name} in the index", absent=True)
    fitting = _newest(found, name, python, wanted.specifier)
    if fitting:
        return fitting
    about = f" for Python {python}" if python else ""
    return Unknown(f"no release of {text[:80]}{about} that is neither yanked nor a pre-release", absent=True)


def _offers(index: Index, url: str) -> list[Offer] | None:
    with index.fetch.open(url, _ACCEPT) as response:
        if response is None:
            return None
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        body = response.read_all(_MAX_BYTES)
    return _from_json(body, redact(url)) if kind.endswith("json") else list(_from_html(body))


def _from_json(body: bytes, where: str) -> list[Offer]:
    try:
        project = msgspec.json.decode(body, type=_Project)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(f"not a project of a package index: {error}", where) from error
    return [
        # An empty reason for yanking is one, too.
        Offer(file.filename, file.yanked is not False, file.requires_python or "")
        for file in project.files
    ]


def _from_html(body: bytes) -> Iterator[Offer]:
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    yield from page.offers


class _Page(HTMLParser):
    """The anchors of a page of PEP 503."""

    def __init__(self) -> None:
        super().__init__()
        self.offers: list[Offer] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an anchor."""
        if tag != "a":
            return
        attributes = dict(attrs)
        try:
            path = urlsplit(attributes.get("href") or "").path
        except ValueError:
            return
        name = unquote(path.rpartition("/")[2])
        self.offers.append(
            Offer(name, "data-yanked" in attributes, attributes.get("data-requires-python") or "")
        )


def _newest(offers: list[Offer], name: str, python: str, wanted: SpecifierSet) -> str:
    """Return the highest final version that fits; empty if none does.

    Files for another system than Linux do not count; which of Linux's fits is not looked at.
    """
    best: Version | None = None
    for offer in offers:
        version = _version_of(offer.filename, name)
        if version is None or offer.yanked or version.is_prerelease or (best is not None and version <= best):
            continue
        if wanted.contains(version) and _runs(offer.requires_python, python):
            best = version
    return "" if best is None else str(best)


def _version_of(filename: str, name: str) -> Version | None:
    try:
        if filename.endswith(".whl"):
            made, version, _, tags = parse_wheel_filename(filename)
            if not any(tag.platform == "any" or "linux" in tag.platform for tag in tags):
                return None
        elif re.search(r"\.(?:tar\.gz|zip)\Z", filename):
            made, version = parse_sdist_filename(filename)
        else:
            return None
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    return version if made == name else None


def _runs(requires_python: str, python: str) -> bool:
    """Say whether a file is for a Python; a specifier that cannot be read asks for nothing, as for pip."""
    if not python or not requires_python:
        return True
    # An image `3.12` has the last of its series.
    full = python if python.count(".") > 1 else f"{python}.99"
    try:
        return SpecifierSet(requires_python).contains(full)
    except InvalidSpecifier:
        return True
