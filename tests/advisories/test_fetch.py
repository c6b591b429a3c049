from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from advisories import bulk
from lading import net
from lading.advisories.fetch import Fetched, Fetcher, join, spool
from lading.errors import LimitError, UnavailableError, UsageError


def client() -> net.Client:
    return net.client(retries=0, timeout_s=5, environ={})


def quiet(done: int, total: int | None) -> None:
    assert total is None or done <= total


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"data")
    fetcher = Fetcher(bulk.no_client)
    url = join(tmp_path.as_uri(), "a b")
    assert fetcher.bytes(url, 4) == b"data"
    with fetcher.open(url) as first:
        assert first.length == 4
    with fetcher.open(url, first.tag) as again:
        assert again.body is None
    (tmp_path / "a b").write_bytes(b"other")
    with fetcher.open(url, first.tag) as changed:
        assert changed.body is not None


def test_over_http(tmp_path: Path) -> None:
    (tmp_path / "Rocky Linux").mkdir()
    (tmp_path / "Rocky Linux" / "x").write_bytes(b"data")
    fetcher = Fetcher(client)
    with bulk.served(tmp_path) as server:
        url = join(server.url, "Rocky Linux", "x")
        assert fetcher.bytes(url, 4) == b"data"
        with fetcher.open(url) as first:
            assert first.tag
        with fetcher.open(url, first.tag) as again:
            assert again.body is None
        with pytest.raises(UnavailableError, match="404"):
            fetcher.bytes(join(server.url, "y"), 4)
        with pytest.raises(LimitError, match="more than 3 bytes"):
            fetcher.bytes(url, 3)
    assert server.asked[0] == "/Rocky%20Linux/x"
    with pytest.raises(UnavailableError):
        fetcher.bytes(url, 4)


@pytest.mark.parametrize(
    ("url", "kind", "message"),
    [
        ("ftp://example.org/x", UsageError, "https://, http:// or file://"),
        ("/etc/passwd", UsageError, "https://, http:// or file://"),
        ("file://host/x", UsageError, "three slashes"),
        ("file:///nowhere/at/all", UnavailableError, "not there"),
        ("file:///%00", UnavailableError, "not there"),
        ("file:///", UnavailableError, "not there"),
    ],
)
def test_refused(url: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        Fetcher(bulk.no_client).bytes(url, 100)


def test_spool_stops() -> None:
    def fetched(length: int | None) -> Fetched:
        return Fetched(io.BytesIO(b"12345"), "", length, lambda: None)

    out = io.BytesIO()
    spool(fetched(5), "https://u:p@h/x?q", out, 5, quiet)
    assert out.getvalue() == b"12345"
    with pytest.raises(UnavailableError, match="broke off after 5 of 6 bytes") as error:
        spool(fetched(6), "https://u:p@h/x?q", io.BytesIO(), 9, quiet)
    assert "u:p" not in str(error.value)
    with pytest.raises(LimitError, match="more than 4 bytes"):
        spool(fetched(None), "https://h/x", io.BytesIO(), 4, quiet)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("Rocky Linux", "all.zip"), "https://h/b/Rocky%20Linux/all.zip"),
        (("crates.io", "x"), "https://h/b/crates.io/x"),
        (("../up", "x"), "https://h/b/..%2Fup/x"),
        (("ALSA-2024:1",), "https://h/b/ALSA-2024%3A1"),
    ],
)
def test_join(parts: tuple[str, ...], expected: str) -> None:
    assert join("https://h/b/", *parts) == join("https://h/b", *parts) == expected
