"""Content digests: reading them, and checking bytes against them as they stream.

Specification: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
"""

from __future__ import annotations

import re

from lading.errors import MalformedError
from lading.model.digest import Digest
from lading.oci.source import Stream

_FORM = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"


def parse(text: str, where: str = "") -> Digest:
    """Return `text` as a digest.

    Raises `MalformedError`, about `where`, unless it is sha256 or sha512 in lower-case hexadecimal.
    """
    if not re.fullmatch(_FORM, text):
        raise MalformedError(f"not a sha256 or sha512 digest: {text[:150]!r}", where)
    return Digest(text)


def of(data: bytes) -> Digest:
    """Return the sha256 digest of `data`."""
    import hashlib

    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def check(data: bytes, digest: Digest, where: str) -> bytes:
    """Return `data` if it has that digest.

    Raises `MalformedError` otherwise.
    """
    import hashlib

    if hashlib.new(digest.partition(":")[0], data).hexdigest() != digest.partition(":")[2]:
        raise mismatch(digest, of(data), where)
    return data


def mismatch(expected: str, found: str, where: str) -> MalformedError:
    """Return the error for bytes that are not what their digest says."""
    return MalformedError(
        f"content is {found}, not {expected} as it should be",
        where,
        "the copy is damaged or was altered: fetch or export it again",
    )


class Verified:
    """A stream of bytes that must turn out to have a digest and, where it is known, a size.

    The check is made when the end has been read: nothing may be trusted before.
    """

    def __init__(self, source: Stream, digest: Digest, where: str, size: int = -1) -> None:
        """Wrap `source`; `size` in bytes, -1 if it is not known."""
        self._source = source
        self._digest = digest
        self._where = where
        self._size = size
        self._seen = 0
        import hashlib

        self._hash = hashlib.new(digest.partition(":")[0])

    def read(self, max_bytes: int) -> bytes:
        """Return the next bytes, at most `max_bytes`; none at the end.

        Raises `MalformedError` at the end, if digest or size are not what they should be, or as
        soon as there are more bytes than the size.
        """
        data = self._source.read(max_bytes)
        self._hash.update(data)
        self._seen += len(data)
        if not data or (0 <= self._size < self._seen):
            self._finish()
        return data

    def close(self) -> None:
        """Close the stream; what was not read is not checked."""
        self._source.close()

    def _finish(self) -> None:
        if self._size >= 0 and self._seen != self._size:
            more = "more than" if self._seen > self._size else f"{self._seen} of"
            raise MalformedError(
                f"there are {more} the {self._size} bytes that the manifest states",
                self._where,
                "the copy is damaged or was altered: fetch or export it again",
            )
        found = self._hash.hexdigest()
        if found != self._digest.partition(":")[2]:
            raise mismatch(self._digest, f"{self._hash.name}:{found}", self._where)
