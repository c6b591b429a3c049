"""Versions of Ruby gems: what `gem install` would take, pre-releases aside.

Format: the compact index, one line per version: `1.2.0[-platform] dependencies|checksum:..,ruby:>= 2.3`;
https://guides.rubygems.org/rubygems-org-compact-index-api/
"""

from __future__ import annotations

import re

import msgspec

from lading.errors import LadingError, MalformedError
from lading.faults import redact
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index
from lading.lint.pins_release import runtime_of
from lading.versions import rubygems

_MAX_BYTES = 32 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}|_[A-Za-z0-9][A-Za-z0-9._-]{0,200}", re.ASCII)
_VERSION = re.compile(r"\d[0-9A-Za-z.]{0,100}", re.ASCII)
_LETTER = re.compile(r"[A-Za-z]")
_REQUIREMENT = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*([0-9A-Za-z.-]+)", re.ASCII)


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """A version. ruby: what it asks of Ruby, as `>= 2.3&< 4`; empty for nothing."""

    version: str
    ruby: str = ""


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version of each gem, or why there is none.

    An official image of Ruby as base says which Ruby the version has to be for.
    """
    ruby = runtime_of(index.base, "ruby") if index.base is not None else ""
    return each(names, lambda name: _version(index, name, ruby))


def _version(index: Index, name: str, ruby: str) -> str | Unknown:
    if not _NAME.fullmatch(name):
        return Unknown(f"not the name of a gem: {name[:80]!r}", absent=True)
    url = f"{index.bases.gem}/info/{name}"
    offers = index.fetch.remembered(f"gem {url}", list[Offer], lambda: _offers(index, url))
    if not offers:
        return Unknown(f"no gem {name} in the index", absent=True)
    best, best_key = "", b""
    for offer in offers:
        try:
            key = rubygems.key(offer.version)
        except LadingError:
            continue
        if key > best_key and not _LETTER.search(offer.version) and runs(offer.ruby, ruby):
            best, best_key = offer.version, key
    if _VERSION.fullmatch(best):
        return best
    return Unknown(f"no release of {name}{f' for Ruby {ruby}' if ruby else ''}", absent=True)


def _offers(index: Index, url: str) -> list[Offer] | None:
    body = index.fetch.bytes(url, _MAX_BYTES)
    if body is None:
        return None
    head, mark, lines = body.decode("utf-8", "replace").partition("---\n")
    if not mark or head.strip():
        raise MalformedError("not a compact index of gems", redact(url))
    return [offer for line in lines.splitlines() if (offer := _offer(line)) is not None]


def _offer(line: str) -> Offer | None:
    """Return the version of a line; None for one of another platform than Ruby itself and Linux."""
    made, _, rest = line.partition(" ")
    version, _, platform = made.partition("-")
    if not version or (platform and "linux" not in platform):
        return None
    # Requirements stand behind the bar, with commas between them and `&` within.
    needs = rest.rpartition("|")[2].split(",")
    ruby = next((one.removeprefix("ruby:") for one in needs if one.startswith("ruby:")), "")
    return Offer(version, ruby.strip())


def runs(requirement: str, ruby: str) -> bool:
    """Say whether a version of Ruby meets `>= 2.3&< 4`; what cannot be read asks for nothing.

    ruby: `3.2` is the last of its series; empty for any.
    """
    if not ruby or not requirement:
        return True
    full = ruby if ruby.count(".") > 1 else f"{ruby}.99"
    return all(_meets(one.strip(), full) for one in requirement.split("&"))


def _meets(one: str, ruby: str) -> bool:
    found = _REQUIREMENT.fullmatch(one)
    if not found:
        return True
    try:
        wanted, have = rubygems.key(found[2]), rubygems.key(ruby)
        above = rubygems.key(_above(found[2])) if found[1] == "~>" else b""
    except LadingError:
        return True
    return {
        ">=": have >= wanted,
        "<=": have <= wanted,
        ">": have > wanted,
        "<": have < wanted,
        "!=": have != wanted,
        "~>": wanted <= have < above,
    }.get(found[1], have == wanted)


def _above(version: str) -> str:
    """Return what `~> version` stays below: `2.3` -> `3`, `2.3.1` -> `2.4`."""
    numbers = [part for part in version.split(".") if part.isdigit()]
    kept = numbers[:-1] or numbers
    return ".".join([*kept[:-1], str(int(kept[-1][:15]) + 1)]) if kept else version
