"""What a reference stands for on its registry, without fetching an image: its digest, and the tags beside it.

Specification: the OCI distribution specification 1.1, "Checking if content exists in the registry" and
"Listing tags".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.model.digest import Digest
from lading.net import Client
from lading.oci import digest as digests
from lading.oci._repository import Repository, base_url
from lading.oci.credentials import Lookup, anonymous
from lading.oci.image import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Platform,
    choose_platform,
    parse_manifest,
)
from lading.oci.reference import Reference

MAX_TAGS = 200_000
_MAX_PAGES = 1000
_MAX_PAGE_BYTES = 16 * 2**20
_PAGE = 1000
_OK, _NOT_FOUND = 200, 404
_ACCEPT = f"{OCI_INDEX}, {DOCKER_LIST}, {OCI_MANIFEST}, {DOCKER_MANIFEST}"
_NEXT = re.compile(r"<([^<>]{1,4000})>\s*;[^,]{0,200}\brel=\"?next\b")
_T = TypeVar("_T")


class _Tags(msgspec.Struct):
    tags: list[str] | None = None


def digest_of(
    client: Client, reference: Reference, *, lookup: Lookup = anonymous, mirrors: Sequence[str] = ()
) -> Digest | None:
    """Return the digest of what the tag names: of the index, if it names one, not of a platform's image.

    None if there is no such image.

    Asks with HEAD, which registries do not count as a pull, and fetches the manifest only where the answer has no
    digest. client, lookup, mirrors: as for `registry.open_image`.
    Raises `UnavailableError`, `DeniedError`, `MalformedError`, `LimitError`.
    """

    def ask(source: Repository) -> Digest | None:
        place = f"manifests/{reference.wanted}"
        headers = {"Accept": _ACCEPT}
        with source.open("HEAD", place, headers=headers, ok=(_OK, _NOT_FOUND)) as response:
            if response.status == _NOT_FOUND:
                return None
            stated = response.headers.get("Docker-Content-Digest", "")
        if stated:
            return digests.parse(stated, str(reference))
        with source.open("GET", place, headers=headers) as response:
            return digests.of(response.read_all(MAX_MANIFEST_BYTES))

    return _first(client, reference, lookup, mirrors, ask)


def platform_digest_of(
    client: Client,
    reference: Reference,
    platform: Platform,
    *,
    lookup: Lookup = anonymous,
    mirrors: Sequence[str] = (),
) -> Digest | None:
    """Return the digest of a platform's image behind the tag; None if there is no such image, or none for it.

    Two tags may have different indexes and still give the same image on a platform.
    Raises as `digest_of`.
    """

    def ask(source: Repository) -> Digest | None:
        place = f"manifests/{reference.wanted}"
        with source.open("GET", place, headers={"Accept": _ACCEPT}, ok=(_OK, _NOT_FOUND)) as response:
            if response.status == _NOT_FOUND:
                return None
            raw = response.read_all(MAX_MANIFEST_BYTES)
        manifest = parse_manifest(raw, str(reference))
        if manifest.manifests is None:
            return digests.of(raw)
        try:
            entry = choose_platform(manifest.manifests, platform, str(reference))
        except UnavailableError:
            return None
        return digests.parse(entry.digest, str(reference))

    return _first(client, reference, lookup, mirrors, ask)


def tags_of(
    client: Client, reference: Reference, *, lookup: Lookup = anonymous, mirrors: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the tags of the reference's repository, in the registry's order; none if it is not there.

    Raises as `digest_of`, and `LimitError` for more than `MAX_TAGS`.
    """
    found = _first(client, reference, lookup, mirrors, lambda source: _tags(source, reference.name))
    return found or ()


def _tags(source: Repository, where: str) -> tuple[str, ...] | None:
    found: list[str] = []
    place = f"tags/list?n={_PAGE}"
    for _ in range(_MAX_PAGES):
        with source.open("GET", place, ok=(_OK, _NOT_FOUND)) as response:
            if response.status == _NOT_FOUND:
                return None
            body = response.read_all(_MAX_PAGE_BYTES)
            link = _NEXT.search(response.headers.get("Link", "")[:8000])
        try:
            page = msgspec.json.decode(body, type=_Tags).tags or []
        except (msgspec.DecodeError, RecursionError) as error:
            raise MalformedError(f"not a list of tags: {error}", where) from error
        found += page
        if len(found) > MAX_TAGS:
            raise LimitError(f"more than {MAX_TAGS} tags", where)
        # Only what the link says of the place is taken, so that it cannot lead anywhere else.
        last = parse_qs(urlsplit(link[1]).query).get("last", [""])[0] if link and page else ""
        if not last:
            return tuple(found)
        place = f"tags/list?n={_PAGE}&last={quote(last, safe='')}"
    raise LimitError(f"the list of tags has more than {_MAX_PAGES} pages", where)


def _first(
    client: Client,
    reference: Reference,
    lookup: Lookup,
    mirrors: Sequence[str],
    ask: Callable[[Repository], _T | None],
) -> _T | None:
    """Return the first answer of the mirrors that is something and no error, else the registry's own."""
    path = reference.repository
    for mirror in mirrors:
        parts = urlsplit(mirror)
        prefix = parts.path.strip("/")
        base = f"{parts.scheme}://{parts.netloc}"
        try:
            found = ask(Repository(client, base, f"{prefix}/{path}" if prefix else path, lookup))
        except LadingError:
            continue
        if found is not None:
            return found
    return ask(Repository(client, base_url(client, reference.host), path, lookup, host=reference.host))
