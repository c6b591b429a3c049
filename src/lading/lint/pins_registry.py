"""Pins of images: the digest that a tag stands for, and the version that `latest` stands for.

The version tag of `name` or `name:latest` is chosen so that the image stays the same where it can:
1. Version tags are those of numbers alone (`3.19.1`, `22.04`, `v1.2`), with `-WORD` behind them if the tag
   at hand is a word other than `latest` (`slim` -> `3.13.1-slim`). Dates, and pre-releases, are none.
2. From the highest down, the most exact first of equals, the first one with the digest of the tag at hand.
3. If none of the highest `_MAX_ASKED` has it, or the tag does not exist, the highest.
Ubuntu shows why: its highest is not what `latest` is, the last one with long support.

And the release of an image whose tag does not tell it: that of a longer tag which gives the same image on
the platform at hand (`python:3.12` is `python:3.12-trixie`; `ubuntu:latest` is `ubuntu:26.04`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from lading import net
from lading.lint.pins_fetch import Fetch, Pinned, Unknown, each
from lading.lint.pins_release import Release, release_of
from lading.oci import resolve
from lading.oci.credentials import Lookup, anonymous
from lading.oci.image import Platform
from lading.oci.reference import Reference, parse

_MAX_ASKED = 24
_MAX_DIGITS = 6
_NUMBERS = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})", re.ASCII)
_MORE = re.compile(r"[a-z]*[0-9.]*", re.ASCII)
_HAS_DIGIT = re.compile(r"\d")


class Registries:
    """Asks registries; made by `pins.Pins`.

    make_client: told whether certificates may be wrong. fetch: for what was asked before.
    insecure: hosts, with port, for which they may, `*` for any. mirrors: base URLs by host.
    lookup: gives credentials.
    """

    def __init__(
        self,
        make_client: Callable[[bool], net.Client],
        fetch: Fetch,
        *,
        lookup: Lookup = anonymous,
        insecure: Sequence[str] = (),
        mirrors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._make_client = make_client
        self._fetch = fetch
        self._lookup = lookup
        self._insecure = frozenset(insecure)
        self._mirrors = mirrors or {}
        self._clients: dict[bool, net.Client] = {}

    def digests(self, names: Sequence[str]) -> Pinned:
        """Return the digest of each reference: of the index, where it names one."""
        return each(names, lambda name: self._digest(parse(name)))

    def tags(self, names: Sequence[str]) -> Pinned:
        """Return the version tag that each reference, whose tag is a word, had better have."""
        return each(names, lambda name: self._tag(parse(name)))

    def release(self, reference: Reference, architecture: str) -> Release | None:
        """Return the release that the tags beside a tag tell; None if none of them gives the same image.

        Raises what asking the registry raises.
        """

        def make() -> Release | None:
            with self._fetch.guarded(f"https://{reference.host}"):
                return self._told(reference, Platform("linux", architecture))

        return self._fetch.remembered(f"release {architecture} {reference}", Release, make)

    def _told(self, reference: Reference, platform: Platform) -> Release | None:
        client, mirrors = self._client(reference.host), self._mirrors.get(reference.host, ())
        ask = partial(
            resolve.platform_digest_of, client, platform=platform, lookup=self._lookup, mirrors=mirrors
        )
        tags = resolve.tags_of(client, reference, lookup=self._lookup, mirrors=mirrors)
        candidates = telling(tags, Reference(reference.host, reference.repository, reference.tag or "latest"))
        wanted = ask(reference) if candidates else None
        for candidate, release in candidates[:_MAX_ASKED]:
            if wanted is not None and ask(candidate) == wanted:
                return release
        return None

    def _digest(self, reference: Reference) -> str | Unknown:
        if reference.digest:
            return str(reference.digest)

        def make() -> str | None:
            with self._fetch.guarded(f"https://{reference.host}"):
                return resolve.digest_of(
                    self._client(reference.host),
                    reference,
                    lookup=self._lookup,
                    mirrors=self._mirrors.get(reference.host, ()),
                )

        return self._fetch.remembered(f"digest {reference}", str, make) or Unknown(
            f"no image {reference} in the registry", absent=True
        )

    def _tag(self, reference: Reference) -> str | Unknown:
        def make() -> str | None:
            with self._fetch.guarded(f"https://{reference.host}"):
                return self._chosen(reference)

        chosen = self._fetch.remembered(f"tag {reference}", str, make)
        return chosen or Unknown(f"no tag of {reference.name} is a version", absent=True)

    def _chosen(self, reference: Reference) -> str | None:
        client = self._client(reference.host)
        mirrors = self._mirrors.get(reference.host, ())
        tags = resolve.tags_of(client, reference, lookup=self._lookup, mirrors=mirrors)
        candidates = versions_among(tags, reference.tag)
        if not candidates or reference.tag not in tags:
            return candidates[0] if candidates else None
        wanted = self._digest(reference)
        for tag in candidates[:_MAX_ASKED]:
            if self._digest(Reference(reference.host, reference.repository, tag)) == wanted:
                return tag
        return candidates[0]

    def _client(self, host: str) -> net.Client:
        insecure = "*" in self._insecure or host in self._insecure
        if insecure not in self._clients:
            self._clients[insecure] = self._make_client(insecure)
        return self._clients[insecure]


def telling(tags: Sequence[str], reference: Reference) -> list[tuple[Reference, Release]]:
    """Return the tags that may be the same image as the reference and tell its release, likeliest first.

    They begin with its tag and have one word more, or are numbers alone where the tag is a word alone.
    """
    tag = "" if reference.tag == "latest" else reference.tag
    longer = [
        one
        for one in tags
        if one.startswith(tag) and _MORE.fullmatch(one.removeprefix(tag).removeprefix("-"))
    ]
    found = {}
    for one in [*versions_among(tags, reference.tag), *sorted(longer, reverse=True)]:
        candidate = Reference(reference.host, reference.repository, one)
        release = release_of(candidate)
        if release is not None and one != reference.tag:
            found[candidate] = release
    return list(found.items())


def versions_among(tags: Sequence[str], word: str) -> list[str]:
    """Return the version tags that go with a word (`latest`, `slim`), highest first.

    A word with digits is a version itself and goes with none.
    """
    if _HAS_DIGIT.search(word):
        return []
    suffix = "" if word == "latest" else f"-{word}"
    found = []
    for tag in tags:
        numbers = _NUMBERS.fullmatch(tag.removesuffix(suffix)) if tag.endswith(suffix) else None
        if numbers is None:
            continue
        parts = [int(part) for part in numbers[1].split(".")]
        # `20240329` is a day, and no version.
        if parts[0] < 10**_MAX_DIGITS:
            found.append((parts, tag))
    return [tag for _, tag in sorted(found, key=_rank, reverse=True)]


def _rank(candidate: tuple[list[int], str]) -> tuple[list[int], int, str]:
    parts, tag = candidate
    return parts + [0] * (4 - len(parts)), len(parts), tag
