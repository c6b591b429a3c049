"""Writing to a registry: blobs in chunks, taken up again where the line was cut, then the manifest.

Specification: distribution-spec 1.1, "Pushing blobs" and "Pushing manifests".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, urljoin

from lading.errors import LimitError, MalformedError, UnavailableError
from lading.net import Response
from lading.oci import blobs
from lading.oci import digest as digests
from lading.oci._repository import Repository
from lading.oci.image import Image
from lading.oci.source import Stream

CHUNK_BYTES = 8 * 2**20
# A registry may ask for chunks of at least some size; they are held in memory.
_MAX_CHUNK_BYTES = 128 * 2**20
# In all, for one blob, so that a registry that forgets what it took comes to an end.
_MAX_FAILURES = 10
# To a piece: all that says something about it. The others are for the repository and the client.
_ANSWERS = frozenset(range(200, 500)) - {401, 403, 408, 429}
_RANGE = re.compile(r"(?:bytes=)?0-([0-9]{1,18})", re.ASCII)


def image(repository: Repository, image: Image, wanted: str, mount_from: str) -> str:
    """Write an image and return the digest of its manifest. wanted: tag or digest; see `registry.write`."""
    parts = _parts(repository, image, mount_from)
    return _manifest(repository, parts.manifest, wanted)


def index(repository: Repository, images: Sequence[Image], wanted: str, mount_from: str) -> str:
    """Write an image for several platforms and return the digest of its index; see `registry.write`."""
    manifests = []
    for image in images:
        manifest = _parts(repository, image, mount_from).manifest
        _manifest(repository, manifest, manifest.descriptor.digest)
        manifests.append(manifest.descriptor)
    return _manifest(repository, blobs.index(images, manifests), wanted)


def _parts(repository: Repository, image: Image, mount_from: str) -> blobs.Blobs:
    """Write all of an image but its manifest; return what it consists of."""
    parts = blobs.of(image)
    for blob in (*parts.layers, parts.config):
        descriptor = blob.descriptor
        where = f"{image.target}: {descriptor.digest}"
        _write_blob(repository, _Feed(blob.open, descriptor.digest, descriptor.size, where), mount_from)
    return parts


def _manifest(repository: Repository, blob: blobs.Blob, wanted: str) -> str:
    manifest = blob.descriptor
    headers = {"Content-Type": manifest.media_type}
    body = blob.open().read(manifest.size)
    with repository.open(
        "PUT", f"manifests/{wanted}", headers=headers, body=body, ok=(200, 201, 202)
    ) as response:
        stated = response.headers.get("Docker-Content-Digest", "")
    if stated and stated != manifest.digest and not stated.startswith("sha512:"):
        raise digests.mismatch(manifest.digest, stated[:100], f"{repository.name}:{wanted}")
    return manifest.digest


class _Feed:
    """The bytes of a blob from any offset, one chunk held; opened again for what has passed.

    Digest and size are checked whenever the end is read.
    """

    def __init__(self, open_blob: Callable[[], Stream], digest: str, size: int, where: str) -> None:
        self.digest = digests.parse(digest, where)
        self.where = where
        self.chunk_bytes = CHUNK_BYTES
        self._open = open_blob
        self._size = size
        self._stream: digests.Verified | None = None
        self._start = 0
        self._held = b""

    def at(self, offset: int) -> bytes:
        """Return bytes from `offset` on, up to a chunk; none at the end."""
        if self._stream is None or offset < self._start:
            self.close()
            self._stream = digests.Verified(self._open(), self.digest, self.where, self._size)
            self._start, self._held = 0, b""
        while offset >= self._start + len(self._held):
            self._start += len(self._held)
            self._held = self._read(self._stream)
            if not self._held:
                return b""
        return self._held[offset - self._start :]

    def _read(self, stream: digests.Verified) -> bytes:
        pieces = []
        missing = self.chunk_bytes
        while missing and (piece := stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def _write_blob(repository: Repository, feed: _Feed, mount_from: str) -> None:
    if _exists(repository, feed):
        return
    try:
        for _ in range(_MAX_FAILURES):
            location = _begin(repository, feed, mount_from)
            if not location or _Upload(repository, feed, location).send():
                return
            mount_from = ""
    finally:
        feed.close()
    raise UnavailableError(f"the registry lost the upload {_MAX_FAILURES} times", feed.where)


def _exists(repository: Repository, feed: _Feed) -> bool:
    with repository.open("HEAD", f"blobs/{feed.digest}", ok=(200, 404)) as response:
        return response.status == 200  # noqa: PLR2004 - OK


def _begin(repository: Repository, feed: _Feed, mount_from: str) -> str:
    """Begin an upload and return its URL; empty if the blob could be taken from elsewhere."""
    query = f"?mount={feed.digest}&from={quote(mount_from, safe='')}" if mount_from else ""
    with repository.open("POST", f"blobs/uploads/{query}", body=b"", ok=(201, 202), repeat=True) as response:
        if response.status == 201:  # noqa: PLR2004 - Created
            return ""
        least = response.headers.get("OCI-Chunk-Min-Length", "")
        if least.isascii() and least.isdigit():
            feed.chunk_bytes = max(CHUNK_BYTES, int(least[:18]))
        if feed.chunk_bytes > _MAX_CHUNK_BYTES:
            raise LimitError(f"the registry wants chunks of {least} bytes", repository.name)
        return _location(response, repository.name)


def _location(response: Response, where: str, before: str = "") -> str:
    place = response.headers.get("Location", "")
    if not place and not before:
        raise MalformedError("the registry does not say where to upload to", where)
    return urljoin(response.url, place) if place else before


class _Upload:
    """One upload session of a registry."""

    def __init__(self, repository: Repository, feed: _Feed, location: str) -> None:
        self._repository = repository
        self._feed = feed
        self._location = location
        self._failures = 0

    def send(self) -> bool:
        """Send the blob; False if the registry has lost the session, so that another must be begun."""
        offset = 0
        while piece := self._feed.at(offset):
            taken = self._patch(offset, piece)
            if taken < 0:
                return False
            if taken <= offset:
                self._fail()
            offset = taken
        return self._finish()

    def _fail(self) -> None:
        """Count a failure and wait. Raises `UnavailableError` when there were too many."""
        self._failures += 1
        if self._failures > _MAX_FAILURES:
            raise UnavailableError(f"the registry broke off {_MAX_FAILURES} times", self._feed.where)
        retry = self._repository.client.retry
        retry.sleep(retry.wait_s(self._failures - 1))

    def _patch(self, offset: int, piece: bytes) -> int:
        """Send a piece; return how many bytes the registry has now, -1 if it knows of no upload."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"{offset}-{offset + len(piece) - 1}",
        }
        try:
            response = self._repository.open(
                "PATCH", self._location, headers=headers, body=piece, ok=_ANSWERS
            )
        except UnavailableError:  # the line was cut, or the server failed: some of it may be there
            self._fail()
            return self._taken()
        with response:
            if response.status == 404:  # noqa: PLR2004 - Not Found
                return -1
            if response.status == 416:  # noqa: PLR2004 - Range Not Satisfiable
                return self._taken()
            if response.status >= 400:  # noqa: PLR2004 - client errors
                raise response.error()
            self._location = _location(response, self._repository.name, self._location)
            return _end(response, offset + len(piece))

    def _taken(self) -> int:
        """Ask how many bytes the registry has; -1 if it knows of no upload."""
        with self._repository.open("GET", self._location, ok=(204, 202, 200, 404)) as response:
            if response.status == 404:  # noqa: PLR2004 - Not Found
                return -1
            self._location = _location(response, self._repository.name, self._location)
            end = _end(response, 0)
            # An upload of nothing is said to have the range 0-0, as one of a single byte is.
            return end if end > 1 else 0

    def _finish(self) -> bool:
        joint = "&" if "?" in self._location else "?"
        url = f"{self._location}{joint}digest={quote(self._feed.digest, safe='')}"
        try:
            response = self._repository.open("PUT", url, body=b"", ok=_ANSWERS, repeat=False)
        except UnavailableError:
            # The answer may have been lost, not the upload.
            if _exists(self._repository, self._feed):
                return True
            self._fail()
            return False
        with response:
            if response.status >= 400 and response.status != 404:  # noqa: PLR2004 - client errors, Not Found
                raise response.error()
            return response.status in {201, 204}


def _end(response: Response, default: int) -> int:
    found = _RANGE.fullmatch(response.headers.get("Range", ""))
    return int(found[1]) + 1 if found else default
