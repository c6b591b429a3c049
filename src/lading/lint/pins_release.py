"""Which release of which distribution a base image is, told from its reference alone.

Rules, in order:
1. Images of the distributions themselves: the tag's first part is the release (`debian:12.5-slim`,
   `ubuntu:jammy-20240808`, `alpine:3.19.1`, `almalinux:9-minimal`, `fedora:40`). Where a tag moves and
   the distribution's index moves with it under the same name, that name is taken (`debian:stable`,
   `debian:latest`, `alpine:edge`, `alpine:latest`).
2. All others: a part of the tag, or else of the last part of the name, that says a release as the
   official images do: a code name of Debian or Ubuntu (`python:3.12-slim-bookworm`), or distribution and
   number in one word (`python:3.12-alpine3.19`, `cuda:12.2.0-base-ubuntu22.04`, `ubi9`).
3. Anything else is not told by the name: `python:3.12` moves from one Debian to the next, `:alpine` has no
   number. Then the tags beside it may tell (see `pins_registry`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from lading.oci.reference import DOCKER_HUB, Reference

# https://www.debian.org/releases/ and https://wiki.ubuntu.com/Releases
DEBIAN = {
    "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13",
    "forky": "14", "duke": "15",
}  # fmt: skip
UBUNTU = {
    "trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "groovy": "20.10",
    "hirsute": "21.04", "impish": "21.10", "jammy": "22.04", "kinetic": "22.10", "lunar": "23.04",
    "mantic": "23.10", "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10",
    "resolute": "26.04",
}  # fmt: skip
_DEBIAN_MOVING = ("stable", "oldstable", "oldoldstable", "testing", "unstable", "sid")
_PART = re.compile(r"[-_]")
_NUMBER = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d{1,8})*", re.ASCII)
_WORD = re.compile(r"([a-z]+?)-?(\d[\d.]*)", re.ASCII)


class Release(msgspec.Struct, frozen=True):
    """A release of a distribution.

    family: `debian`, `ubuntu`, `alpine`, `almalinux`, `rocky`, ...: a word of ours, see `_WORDS`.
    version: as the paths of its index have it, `12`, `22.04`, `3.19`, `9`; empty if only the code
        name is known. codename: of Debian and Ubuntu, the name of their suites.
    """

    family: str
    version: str
    codename: str = ""

    def __str__(self) -> str:
        return f"{self.family} {self.version or self.codename}".rstrip()


def release_of(reference: Reference) -> Release | None:
    """Return the release of a base image; None if its reference does not tell."""
    tag = reference.tag.lower()
    own = _OWN.get(_plain_name(reference))
    if own is not None:
        return own(tag)
    folder, _, last = reference.repository.rpartition("/")
    # A folder may be somebody's name: `noble/app` is no Ubuntu, but `ubi9/nginx` is UBI 9.
    numbered = [part for part in _PART.split(folder.replace("/", "-")) if part not in {*DEBIAN, *UBUNTU}]
    for parts in (_PART.split(tag), _PART.split(last), numbered):
        found = {release for part in parts if (release := _by_word(part)) is not None}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def runtime_of(reference: Reference, name: str) -> str:
    """Return the version of a language that an official image of it has; empty if that is not told.

    name: of the image, `python`. A tag with less than two numbers says too little.
    """
    if _plain_name(reference) != name:
        return ""
    found = re.match(r"\d{1,4}\.\d{1,4}(?:\.\d{1,4})?(?=-|\Z)", reference.tag, re.ASCII)
    return found[0] if found else ""


def _plain_name(reference: Reference) -> str:
    """Return the repository, without `library/` where the host is Docker's, with the host where it is not."""
    if reference.host == DOCKER_HUB:
        return reference.repository.removeprefix("library/")
    # Mirrors of the official images that are named as such.
    if "/docker/library/" in f"/{reference.repository}":
        return reference.repository.rpartition("/")[2]
    return reference.name


def _by_word(word: str) -> Release | None:
    if word in DEBIAN:
        return Release("debian", DEBIAN[word], word)
    if word in UBUNTU:
        return Release("ubuntu", UBUNTU[word], word)
    found = _WORD.fullmatch(word)
    family = _WORDS.get(found[1]) if found else None
    if found is None or family is None:
        return None
    number = found[2]
    if family == "ubuntu" and re.fullmatch(r"\d{4}", number):
        number = f"{number[:2]}.{number[2:]}"
    return _FAMILIES[family](number)


def _debian(tag: str) -> Release | None:
    """`12`, `12.5`, `bookworm`, `stable`, each with `-slim`, a date or `-backports` behind it."""
    first = tag.partition("-")[0]
    if first in DEBIAN:
        return Release("debian", DEBIAN[first], first)
    if first in _DEBIAN_MOVING:
        return Release("debian", "", "sid" if first == "unstable" else first)
    if first in {"latest", "slim", ""}:
        return Release("debian", "", "stable") if tag else None
    found = _NUMBER.fullmatch(first)
    codename = next((name for name, number in DEBIAN.items() if found and number == found[1]), "")
    return Release("debian", DEBIAN[codename], codename) if codename else None


def _ubuntu(tag: str) -> Release | None:
    """`22.04`, `jammy`, with a date behind it. The archive has no name for what `latest` is."""
    first = tag.partition("-")[0]
    if first == "devel":
        return Release("ubuntu", "", "devel")
    number = UBUNTU.get(first, first)
    found = _NUMBER.fullmatch(number)
    number = f"{found[1]}.{found[2]}" if found and found[2] else ""
    codename = next((name for name, version in UBUNTU.items() if version == number), "")
    return Release("ubuntu", number, codename) if codename else None


def _alpine(tag: str) -> Release | None:
    """`3.19`, `3.19.1`; `edge`; `3` and `latest` are the last release, which the index has a name for."""
    first = tag.partition("-")[0]
    if first in {"edge", "latest", "3"}:
        return Release("alpine", "edge" if first == "edge" else "latest-stable")
    found = re.fullmatch(r"(\d{1,2}\.\d{1,3})(?:\.\d{1,3})?(?:_(?:alpha|rc)\d+)?", first, re.ASCII)
    return Release("alpine", found[1]) if found else None


def _major(family: str) -> Callable[[str], Release | None]:
    """Return a reader of tags whose index has the first number alone: `9`, `9.3`, `9.3-2024`."""

    def read(tag: str) -> Release | None:
        found = _NUMBER.fullmatch(tag.partition("-")[0])
        return Release(family, found[1]) if found and len(found[1]) < 4 else None  # noqa: PLR2004 - a year

    return read


def _minor(family: str) -> Callable[[str], Release | None]:
    """Return a reader of tags whose index has two numbers: `15.6`."""

    def read(tag: str) -> Release | None:
        found = _NUMBER.fullmatch(tag.partition("-")[0])
        return Release(family, f"{found[1]}.{found[2]}") if found and found[2] else None

    return read


def _fedora(tag: str) -> Release | None:
    first = tag.partition("-")[0]
    return Release("fedora", "rawhide") if first == "rawhide" else _major("fedora")(tag)


def _stream(tag: str) -> Release | None:
    """`stream9`, `stream10-minimal`."""
    found = re.fullmatch(r"stream(\d{1,2})", tag.partition("-")[0], re.ASCII)
    return Release("centos-stream", found[1]) if found else None


def _centos(tag: str) -> Release | None:
    """The rebuilds, `7` and `8`, also as `centos7.9.2009`."""
    return _stream(tag) or _major("centos")(tag.removeprefix("centos"))


_FAMILIES: dict[str, Callable[[str], Release | None]] = {
    "debian": _debian,
    "ubuntu": _ubuntu,
    "alpine": _alpine,
    "almalinux": _major("almalinux"),
    "rocky": _major("rocky"),
    "fedora": _fedora,
    "centos": _centos,
    "oracle": _major("oracle"),
    "ubi": _major("ubi"),
    "leap": _minor("leap"),
}
_WORDS = {
    "debian": "debian", "ubuntu": "ubuntu", "alpine": "alpine", "almalinux": "almalinux",
    "rocky": "rocky", "rockylinux": "rocky", "fedora": "fedora", "centos": "centos",
    "oraclelinux": "oracle", "ol": "oracle", "ubi": "ubi", "leap": "leap",
}  # fmt: skip
_OWN: dict[str, Callable[[str], Release | None]] = {
    "debian": _debian,
    "ubuntu": _ubuntu,
    "public.ecr.aws/ubuntu/ubuntu": _ubuntu,
    "public.ecr.aws/debian/debian": _debian,
    "alpine": _alpine,
    "almalinux": _major("almalinux"),
    "rockylinux": _major("rocky"),
    "rockylinux/rockylinux": _major("rocky"),
    "fedora": _fedora,
    "quay.io/fedora/fedora": _fedora,
    "quay.io/fedora/fedora-minimal": _fedora,
    "registry.fedoraproject.org/fedora": _fedora,
    "registry.fedoraproject.org/fedora-minimal": _fedora,
    "centos": _centos,
    "quay.io/centos/centos": _centos,
    "oraclelinux": _major("oracle"),
    "opensuse/leap": _minor("leap"),
    "registry.opensuse.org/opensuse/leap": _minor("leap"),
    "opensuse/tumbleweed": lambda _tag: Release("tumbleweed", ""),
    "registry.opensuse.org/opensuse/tumbleweed": lambda _tag: Release("tumbleweed", ""),
    "cgr.dev/chainguard/wolfi-base": lambda _tag: Release("wolfi", ""),
}
