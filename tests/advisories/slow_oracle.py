"""The findings that the mirror's records call for, worked out the slow way.

Nothing of `lading.advisories` or `lading.versions` is used: records are read as plain JSON, the
schema's evaluation is spelled out, and versions are compared by dpkg itself, by `packaging`, by
`semantic_version`, and by apk itself where one is at hand. It takes seconds where Lading takes
milliseconds, and serves tests only.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from functools import cache, cmp_to_key
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version
from semantic_version import Version as SemanticVersion

from lading.model.package import Package

Json = dict[str, Any]
Compare = Callable[[str, str], int]


def expected(
    packages: Iterable[Package], mirror: Path, apk: Compare | None = None
) -> set[tuple[str, str, str]]:
    """Return (package name, version, CVE or own id) for what is wrong with these packages.

    packages: of Debian, Alpine, Wolfi, PyPI, npm, Go, crates.io, and of AlmaLinux those that belong to
        no module; others are left out.
    apk: compares apk versions as `apk version -t` does; needed for Alpine and Wolfi.
    """
    wanted: dict[str, list[Package]] = {}
    for package in packages:
        if not package.owner:
            wanted.setdefault(package.ecosystem.partition(":")[0], []).append(package)
    compare: dict[str, Compare | None] = {
        "Debian": _dpkg,
        "Alpine": apk,
        "Wolfi": apk,
        "PyPI": _pep440,
        "npm": _semver,
        "Go": _semver,
        "crates.io": _semver,
        "AlmaLinux": _rpm,
    }
    found: set[tuple[str, str, str]] = set()
    for family, members in wanted.items():
        order = compare.get(family)
        if order:
            known = records(mirror, family)
            for package in members:
                flaws = _flaws(package, family, known, order)
                found |= {(package.name, package.version, flaw) for flaw in flaws}
    return found


@cache
def records(mirror: Path, family: str) -> dict[tuple[str, str], list[Json]]:
    """Return the records of an ecosystem by ecosystem with release, and package name; none withdrawn."""
    path = mirror / "osv" / family / "all.zip"
    found: dict[tuple[str, str], list[Json]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            record = json.loads(archive.read(member))
            if "withdrawn" in record:
                continue
            places = {(one["package"]["ecosystem"], _name(one["package"])) for one in record["affected"]}
            for place in places:
                found.setdefault(place, []).append(record)
    return found


def _name(package: Json) -> str:
    name: str = package["name"]
    return re.sub(r"[-_.]+", "-", name).lower() if package["ecosystem"] == "PyPI" else name


def _flaws(
    package: Package, family: str, known: dict[tuple[str, str], list[Json]], compare: Compare
) -> set[str]:
    by_source = family in {"Debian", "Alpine", "Wolfi"} and package.source_name
    name = package.source_name if by_source else _name({"ecosystem": family, "name": package.name})
    version = (by_source and package.source_version) or package.version
    if family == "Go":
        version = version.removeprefix("go").removeprefix("v")
    place = (package.ecosystem, name)
    hits = [one for one in known.get(place, []) if _is_affected(one, place, version, compare)]
    return _named(hits)


def _is_affected(record: Json, place: tuple[str, str], version: str, compare: Compare) -> bool:
    for affected in record["affected"]:
        if (affected["package"]["ecosystem"], _name(affected["package"])) != place:
            continue
        if any(_equal(version, one, compare) for one in affected.get("versions", [])):
            return True
        ranges = [one for one in affected.get("ranges", []) if one["type"] != "GIT"]
        if place[0].startswith("AlmaLinux:"):  # a module's fix is not for a package of no module
            ranges = [one for one in ranges if ".module" not in one["events"][-1]["fixed"]]
        if any(_in_range(version, one["events"], compare) for one in ranges):
            return True
    return False


def _equal(one: str, other: str, compare: Compare) -> bool:
    try:
        return one == other or compare(one, other) == 0
    except ValueError:
        return False


def _in_range(version: str, events: list[dict[str, str]], compare: Compare) -> bool:
    """The schema's own words, in its own order: sort the events, and let the last one decide."""

    def at(event: dict[str, str]) -> str:
        return next(iter(event.values()))

    def order(one: dict[str, str], other: dict[str, str]) -> int:
        if ("introduced" in one and at(one) == "0") or ("introduced" in other and at(other) == "0"):
            return (at(one) != "0") - (at(other) != "0")
        return compare(at(one), at(other))

    limits = [event["limit"] for event in events if "limit" in event]
    if limits and not any(limit == "*" or compare(version, limit) < 0 for limit in limits):
        return False
    affected = False
    for event in sorted(events, key=cmp_to_key(order)):
        if "introduced" in event:
            if event["introduced"] == "0" or compare(version, event["introduced"]) >= 0:
                affected = True
        elif "fixed" in event:
            if compare(version, event["fixed"]) >= 0:
                affected = False
        elif "last_affected" in event and compare(version, event["last_affected"]) > 0:
            affected = False
    return affected


def _named(hits: list[Json]) -> set[str]:
    """Name the flaws as people know them; what has no CVE goes with what shares a name with it."""
    found: set[str] = set()
    known: set[str] = set()
    later: list[tuple[Json, list[str]]] = []
    unnamed: list[Json] = []
    for record in filter(_is_security, hits):
        same = [record["id"], *record.get("aliases", [])]
        cves = list(dict.fromkeys(name for name in same if name.startswith("CVE-")))
        answered = _answered(record)
        if set(answered) - set(cves):
            found |= set(cves) | set(answered)
            known.add(record["id"])
            continue
        if len(cves) > 1:
            later.append((record, cves))
        elif cves:
            found.add(cves[0])
        else:
            unnamed.append(record)
        if cves:
            known |= {*same, *record.get("upstream", [])}
    alone = set(found)
    for _, cves in later:
        others = [one for _, one in later if set(one) != set(cves)]
        alike = sorted((record["id"], one) for record, one in later if set(one) == set(cves))
        if set(cves) & alone or any(set(cves) & set(one) for one in others):
            found |= set(cves)
        else:
            found.add(alike[0][1][0])
    groups: list[set[str]] = []
    for record in unnamed:
        names = {record["id"], *record.get("aliases", []), *record.get("upstream", [])}
        if not names & known:
            for group in [one for one in groups if one & names]:
                groups.remove(group)
                names |= group
            groups.append(names)
    for names in groups:
        own = sorted(record["id"] for record in unnamed if record["id"] in names)
        found.add(min([name for name in names if name.startswith("GHSA-")], default=own[0]))
    return found


def _answered(record: Json) -> list[str]:
    """Return the CVEs that an advisory fixes; AlmaLinux lists them under `related`."""
    where = "related" if re.match("AL[SBE]A-", record["id"]) else "upstream"
    return [name for name in record.get(where, []) if name.startswith("CVE-")]


def _is_security(record: Json) -> bool:
    """Tell AlmaLinux's bug fixes and enhancements from what fixes a flaw."""
    return bool(_answered(record)) or not re.match("AL[BE]A-", record["id"])


@cache
def _dpkg(one: str, other: str) -> int:
    for relation, result in (("lt", -1), ("gt", 1)):
        if subprocess.run(["dpkg", "--compare-versions", one, relation, other], check=False).returncode == 0:
            return result
    return 0


@cache
def _rpm(one: str, other: str) -> int:
    program = f"%{{lua:print(rpm.vercmp('{one}', '{other}'))}}"
    done = subprocess.run(["rpm", "--eval", program], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _pep440(one: str, other: str) -> int:
    try:
        left, right = Version(one), Version(other)
    except InvalidVersion as error:
        raise ValueError(str(error)) from error
    return int(left > right) - int(left < right)


def _semver(one: str, other: str) -> int:
    left, right = (SemanticVersion(text.partition("+")[0]) for text in (one, other))
    return int(left > right) - int(left < right)
