from __future__ import annotations

import hashlib
import io

import pytest

from lading.errors import MalformedError
from lading.model.digest import Digest
from lading.oci import digest as digests

GOOD = "sha256:" + hashlib.sha256(b"data").hexdigest()
LONG = "sha512:" + hashlib.sha512(b"data").hexdigest()


@pytest.mark.parametrize("text", [GOOD, LONG])
def test_parse(text: str) -> None:
    assert digests.parse(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "sha256:", GOOD[:-1], GOOD + "0", GOOD.upper(), GOOD.replace("sha256", "md5"), GOOD + "\n",
        "sha256:../" + "0" * 61, "sha512:" + "0" * 64, "sha256:" + "\u0661" * 64,
    ],
)  # fmt: skip
def test_parse_refuses(text: str) -> None:
    with pytest.raises(MalformedError, match="not a sha256 or sha512 digest"):
        digests.parse(text, "here")


def read(data: bytes, digest: str, size: int = -1, piece: int = 3) -> bytes:
    stream = digests.Verified(io.BytesIO(data), Digest(digest), "blob", size)
    return b"".join(iter(lambda: stream.read(piece), b""))


@pytest.mark.parametrize("digest", [GOOD, LONG])
@pytest.mark.parametrize("size", [-1, 4])
def test_verified(digest: str, size: int) -> None:
    assert read(b"data", digest, size) == b"data"


@pytest.mark.parametrize(
    ("data", "size", "message"),
    [
        (b"dota", -1, "blob: content is sha256:.* not sha256"),
        (b"dat", 4, "blob: there are 3 of the 4 bytes"),
        (b"data+", 4, "blob: there are more than the 4 bytes"),
        (b"", -1, "content is"),
    ],
)
def test_verified_refuses(data: bytes, size: int, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(data, GOOD, size)


def test_an_endless_stream_ends_at_the_stated_size() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"x" * size

    source = Endless()
    stream = digests.Verified(source, Digest(GOOD), "blob", 1000)
    assert sum(len(stream.read(100)) for _ in range(10)) == 1000
    with pytest.raises(MalformedError, match="more than the 1000 bytes"):
        stream.read(100)
    assert source.given == 1100


def test_check_and_of() -> None:
    assert digests.of(b"data") == GOOD
    assert digests.check(b"data", Digest(GOOD), "here") == b"data"
    with pytest.raises(MalformedError, match="here: content is"):
        digests.check(b"dota", Digest(GOOD), "here")
