from __future__ import annotations

import io

import pytest

from lading import wire
from lading.errors import LimitError
from lading.wire import Pace, Wire

ALL = {"HTTPS_PROXY": "http://p:1", "http_proxy": "http://q:2"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        pytest.param("https://r.io/", {}, "", id="none"),
        pytest.param("https://r.io/", ALL, "http://p:1", id="https"),
        pytest.param("http://r.io/", ALL, "http://q:2", id="http"),
        pytest.param("http://r.io/", {"HTTP_PROXY": "q:2"}, "http://q:2", id="no-scheme"),
        pytest.param("http://r.io/", {"HTTP_PROXY": "q", "REQUEST_METHOD": "GET"}, "", id="cgi"),
        pytest.param("http://r.io/", {"ALL_PROXY": "http://a"}, "http://a", id="all"),
        pytest.param("https://r.io/", {"https_proxy": "", "ALL_PROXY": ""}, "", id="empty"),
        pytest.param("https://r.io/", {**ALL, "NO_PROXY": "*"}, "", id="star"),
        pytest.param("https://r.io/", {**ALL, "NO_PROXY": "x.io, r.io"}, "", id="host"),
        pytest.param("https://a.r.io/", {**ALL, "NO_PROXY": ".r.io"}, "", id="dot-domain"),
        pytest.param("https://a.r.io/", {**ALL, "NO_PROXY": "r.io"}, "", id="domain"),
        pytest.param("https://a.r.io/", {**ALL, "NO_PROXY": "*.r.io"}, "", id="star-domain"),
        pytest.param("https://ar.io/", {**ALL, "NO_PROXY": "r.io"}, "http://p:1", id="not-a-subdomain"),
        pytest.param("https://R.IO/", {**ALL, "NO_PROXY": "r.io"}, "", id="case"),
        pytest.param("https://r.io:5000/", {**ALL, "NO_PROXY": "r.io:5000"}, "", id="port"),
        pytest.param("https://r.io:5001/", {**ALL, "NO_PROXY": "r.io:5000"}, "http://p:1", id="other-port"),
        pytest.param("https://r.io/", {**ALL, "NO_PROXY": "r.io:443"}, "", id="default-port"),
        pytest.param("https://10.1.2.3/", {**ALL, "NO_PROXY": "10.0.0.0/8"}, "", id="network"),
        pytest.param(
            "https://11.1.2.3/", {**ALL, "NO_PROXY": "10.0.0.0/8"}, "http://p:1", id="other-network"
        ),
        pytest.param("https://[fd00::1]/", {**ALL, "NO_PROXY": "fd00::/8"}, "", id="network-6"),
        pytest.param("https://[fd00::1]/", {**ALL, "NO_PROXY": "[fd00::1]"}, "", id="address-6"),
        pytest.param("https://[fd00::1]/", {**ALL, "NO_PROXY": "10.0.0.0/8"}, "http://p:1", id="families"),
        pytest.param("https://r.io/", {**ALL, "NO_PROXY": "/,[,:,*x,,"}, "http://p:1", id="nonsense"),
        pytest.param("https://localhost:5000/", ALL, "", id="localhost"),
        pytest.param("https://127.0.0.9/", ALL, "", id="loopback"),
        pytest.param("https://[::1]/", ALL, "", id="loopback-6"),
    ],
)
def test_proxy(url: str, environ: dict[str, str], proxy: str) -> None:
    assert wire.proxy(url, environ) == proxy


class Slow(io.RawIOBase):
    """A source that takes a second for each receive."""

    def __init__(self, pieces: int, size: int) -> None:
        self.now_s = 0.0
        self.left = pieces
        self.size = size

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object, /) -> int:
        self.now_s += 1
        self.left -= 1
        return self.size if self.left >= 0 else 0


def drain(source: Slow, pace: Pace, *, body: bool = True, allowance: int = 10**9) -> int:
    taken = 0
    reader = Wire(source, pace, lambda: source.now_s)
    if body:
        reader.body_begins()
    reader.allowance = allowance
    while count := reader.readinto(bytearray(10)):
        taken += count
    return taken


@pytest.mark.parametrize(
    ("size", "pieces", "fails"),
    [
        pytest.param(100, 50, False, id="at-the-limit"),
        pytest.param(99, 50, True, id="just-below"),
        pytest.param(1, 8, False, id="slow-but-soon-over"),
    ],
)
def test_pace(size: int, pieces: int, *, fails: bool) -> None:
    source = Slow(pieces, size)
    pace = Pace(timeout_s=10, min_bytes_per_s=100)
    if not fails:
        assert drain(source, pace) == size * min(pieces, 50)
        return
    with pytest.raises(TimeoutError, match="too slow: 990 bytes in 10 s"):
        drain(source, pace)


def test_headers_have_one_time_limit() -> None:
    with pytest.raises(TimeoutError, match="in 10 s"):
        drain(Slow(100, 10**6), Pace(timeout_s=10), body=False)


def test_deadline() -> None:
    with pytest.raises(TimeoutError, match="too slow: not done after 25 s"):
        drain(Slow(100, 10**6), Pace(timeout_s=10, deadline_s=25))


def test_allowance() -> None:
    assert drain(Slow(5, 100), Pace(), allowance=500) == 500
    with pytest.raises(LimitError, match="headers, trailers or chunk sizes"):
        drain(Slow(5, 100), Pace(), allowance=499)
