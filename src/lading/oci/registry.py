"""Images in a registry: opened from it, and written to it.

Specification: the OCI distribution specification 1.1 (the API of Docker's registry, version 2).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

from lading.errors import LadingError, LimitError, MalformedError, UsageError
from lading.net import Client, Response
from lading.oci import _blob, _upload
from lading.oci import digest as digests
from lading.oci._repository import Repository, base_url
from lading.oci.credentials import Lookup, anonymous, stored
from lading.oci.image import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    DOCKER_SCHEMA1,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    Image,
    Platform,
    choose_platform,
    image_from_manifest,
    parse_manifest,
)
from lading.oci.reference import Reference, parse

_ACCEPT = f"{OCI_MANIFEST}, {OCI_INDEX}, {DOCKER_MANIFEST}, {DOCKER_LIST}"
_MAX_INDEX_DEPTH = 4
_MAX_URLS = 8
_T = TypeVar("_T")


def open_target(
    text: str,
    client: Client,
    platform: Platform | None,
    mirrors: Mapping[str, Sequence[str]],
) -> Image:
    """Return the image of a reference as a user writes it, with the credentials that they have stored.

    client: knows for which hosts certificates may be wrong. mirrors: base URLs by host. Raises what
    `reference.parse` and `open_image` raise.
    """
    reference = parse(text)
    return open_image(
        client,
        reference,
        platform=platform,
        lookup=stored(os.environ, Path.home()),
        mirrors=mirrors.get(reference.host, ()),
        target=f"docker://{text}",
    )


def open_image(
    client: Client,
    reference: Reference,
    *,
    platform: Platform | None = None,
    lookup: Lookup = anonymous,
    mirrors: Sequence[str] = (),
    target: str = "",
) -> Image:
    """Return the image; manifest and config are fetched and checked, layers when they are opened.

    client: what it takes as insecure may also be spoken to by plain http.
    platform: which of an index; by default this machine's. lookup: gives credentials.
    mirrors: base URLs that are asked in order before the reference's own host; a path in one goes
        before the repository's. target: what the image is called in messages.
    Manifests are checked against the digest that was asked for, and against the one that the
    registry states. A layer's stream resumes by itself; its digest is for the reader to check.
    Raises `UnavailableError` if there is no such image, or none for the platform, `DeniedError`,
    and what `image_from_manifest` raises.
    """
    sources = _Sources(client, reference, lookup, tuple(mirrors))
    target = target or f"docker://{reference}"
    raw, media_type = sources.settle(partial(_manifest, wanted=reference.wanted))
    for _ in range(_MAX_INDEX_DEPTH):
        manifest = parse_manifest(raw, target)
        if manifest.manifests is None:
            image = image_from_manifest(target, raw, media_type, sources.open_blob)
            return replace(image, names=(str(reference),))
        entry = choose_platform(manifest.manifests, platform, target)
        raw, media_type = sources.first(partial(_manifest, wanted=entry.digest))
    raise LimitError(f"indexes within indexes, over {_MAX_INDEX_DEPTH} deep", target)


def write(
    client: Client,
    images: Sequence[Image],
    reference: Reference,
    *,
    lookup: Lookup = anonymous,
    mount_from: str = "",
) -> str:
    """Write an image to a registry; return the digest of its manifest.

    images: it, or, under an index, the same for several platforms. Blobs that are there are not sent again;
    `mount_from` is a repository of the same registry that they may be taken from. What names others comes last,
    so that nobody sees half an image. Raises `DeniedError`, `UnavailableError`, and `MalformedError` if a layer
    is not what it should be or the registry made something else of it.
    """
    if reference.digest and (len(images) > 1 or reference.digest != images[0].digest):
        which = images[0].digest if len(images) == 1 else "one for several platforms"
        raise UsageError(f"the image is {which}", str(reference), "push it by tag")
    repository = Repository(
        client,
        base_url(client, reference.host),
        reference.repository,
        lookup,
        host=reference.host,
        actions="pull,push",
        mount_from=mount_from,
    )
    if len(images) > 1:
        return _upload.index(repository, images, reference.tag, mount_from)
    return _upload.image(repository, images[0], reference.tag or reference.digest, mount_from)


@dataclass
class _Sources:
    """The mirrors and the registry itself, in the order in which they are asked."""

    client: Client
    reference: Reference
    lookup: Lookup
    mirrors: tuple[str, ...]
    _made: dict[int, Repository] = field(default_factory=dict)
    _failed: list[str] = field(default_factory=list)
    _from: int = 0

    def settle(self, ask: Callable[[Repository], _T]) -> _T:
        """Return the first answer that is no error; who gave it is asked first from now on."""
        for number in range(self._from, len(self.mirrors)):
            try:
                answer = ask(self._source(number))
            except LadingError as error:
                self._failed.append(str(error))
            else:
                self._from = number
                return answer
        self._from = len(self.mirrors)
        try:
            return ask(self._source(self._from))
        except LadingError as error:
            if self._failed:
                error.hint = f"{error.hint}; mirrors failed before: {'; '.join(self._failed)}".lstrip("; ")
            raise

    def first(self, ask: Callable[[Repository], _T]) -> _T:
        """Return the first answer that is no error; the registry itself comes last."""
        for number in range(self._from, len(self.mirrors)):
            try:
                return ask(self._source(number))
            except LadingError:
                continue
        return ask(self._source(len(self.mirrors)))

    def open_blob(self, descriptor: Descriptor) -> BinaryIO:
        """Return a blob as a stream that resumes."""
        digest = digests.parse(descriptor.digest, self.reference.name)
        where = f"{self.reference.name}@{digest}"
        foreign = "foreign" in descriptor.media_type or "nondistributable" in descriptor.media_type
        urls = [url for url in descriptor.urls[:_MAX_URLS] if url.startswith(("https://", "http://"))]

        def open_at(offset: int) -> Response:
            headers = {"Range": f"bytes={offset}-"} if offset else {}
            for url in urls if foreign else ():
                try:
                    return self.client.open("GET", url, headers=headers, ok=(200, 206))
                except LadingError:
                    continue
            return self.first(
                lambda source: source.open("GET", f"blobs/{digest}", headers=headers, ok=(200, 206))
            )

        def sleep(number: int) -> None:
            self.client.wait(self.client.retry.wait_s(number))

        return _blob.stream(open_at, descriptor.size, where, sleep)

    def _source(self, number: int) -> Repository:
        if number not in self._made:
            self._made[number] = self._new(number)
        return self._made[number]

    def _new(self, number: int) -> Repository:
        host, path = self.reference.host, self.reference.repository
        if number == len(self.mirrors):
            return Repository(self.client, base_url(self.client, host), path, self.lookup, host=host)
        parts = urlsplit(self.mirrors[number])
        prefix = parts.path.strip("/")
        base = f"{parts.scheme}://{parts.netloc}"
        return Repository(self.client, base, f"{prefix}/{path}" if prefix else path, self.lookup)


def _manifest(source: Repository, wanted: str) -> tuple[bytes, str]:
    """Return the bytes of a manifest, checked, and its media type. wanted: tag or digest."""
    where = f"{source.name}{'@' if ':' in wanted else ':'}{wanted}"
    with source.open("GET", f"manifests/{wanted}", headers={"Accept": _ACCEPT}) as response:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        stated = response.headers.get("Docker-Content-Digest", "")
        raw = response.read_all(MAX_MANIFEST_BYTES)
    if media_type.startswith(DOCKER_SCHEMA1):
        raise MalformedError(
            "the manifest is of Docker's schema 1, obsolete since 2017",
            where,
            "pull and push the image again with a current tool",
        )
    for digest in {wanted if ":" in wanted else "", stated} - {""}:
        digests.check(raw, digests.parse(digest, where), where)
    return raw, media_type
