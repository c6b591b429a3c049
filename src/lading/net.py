"""The one maker of HTTP clients: limits, retries, proxies, TLS, redaction.

A client is made at the edge (`net.client()`) and handed down; nothing below makes one. It gives
streams: a body is read in pieces by who asked for it, up to a limit that they state. What goes
wrong comes as a `LadingError` whose text never holds credentials or the query of a signed URL.
urllib3 does HTTP itself; it is imported with the first request.
"""

from __future__ import annotations

import io
import os
import re
import threading
import time
import weakref
from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from lading import faults, wire
from lading.errors import (
    DeniedError,
    LadingError,
    LimitError,
    MalformedError,
    StoppedError,
    UnavailableError,
    UsageError,
)
from lading.wire import Pace, Trust, Wire

MAX_REDIRECTS = 10
MAX_ERROR_BODY_BYTES = 64 * 2**10
_SEND_BYTES = 64 * 2**10
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (408, 429, 502, 503, 504)
# These say that nothing was done, so that even a POST may be sent again.
_NOTHING_DONE = (429, 503)
_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and after which wait a request is sent again.

    retries: after the first attempt. base_s: the first wait, doubled each time, at most `max_wait_s`.
    A server's Retry-After above `max_wait_s` is not waited for: the request fails at once.
    sleep, jitter: `time.sleep` and a number in [0, 1), handed in so that tests need no time.
    """

    retries: int = 4
    base_s: float = 0.5
    max_wait_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] | None = None

    def wait_s(self, attempt: int) -> float:
        """Return the wait after the attempt of that number, from 0: half of it fixed, half by chance."""
        chance = (self.jitter or _chance)()
        return min(self.base_s * 2.0**attempt, self.max_wait_s) * (0.5 + chance / 2)


def client(
    *,
    insecure: bool | Collection[str] = False,
    timeout_s: float = 30.0,
    retries: int = 4,
    min_bytes_per_s: int = 256,
    deadline_s: float | None = None,
    trust: Trust | None = None,
    retry: Retry | None = None,
    unix_socket: str = "",
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Client:
    """Return a client, which threads may share. Nothing is opened or imported yet.

    insecure: TLS certificates are not checked, at all or for these hosts (`host` or `host:port`).
    timeout_s, min_bytes_per_s, deadline_s: see `Pace`.
    trust, retry: in place of `insecure` and `retries`, where more is to be said.
    unix_socket: path of a socket that all requests go to, whatever the host in their URL.
    environ: where HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, REQUESTS_CA_BUNDLE
        are looked up; `os.environ` by default. clock: seconds, rising.
    """
    return Client(
        pace=Pace(timeout_s, min_bytes_per_s, deadline_s),
        trust=trust or Trust(insecure if isinstance(insecure, bool) else frozenset(map(str.lower, insecure))),
        retry=retry or Retry(retries=retries),
        unix_socket=unix_socket,
        environ=os.environ if environ is None else environ,
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    def redirected(self, status: int, location: str, *, insecure: bool) -> _Request:
        """Return the request that follows a redirect; what is secret stays with its host."""
        from urllib.parse import urljoin

        url = urljoin(self.url, location)
        if not url.startswith(("http://", "https://")):
            raise MalformedError(
                f"redirected to {faults.redact(url)!r}, which is not http", faults.redact(self.url)
            )
        if self.url.startswith("https://") and url.startswith("http://") and not insecure:
            raise DeniedError(
                "redirected from https to http", faults.redact(self.url), "allow it with --insecure"
            )
        headers = self.headers
        if _origin(url) != _origin(self.url):
            headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
        if status == 303 or (status in {301, 302} and self.method == "POST"):  # noqa: PLR2004 - RFC 9110, 15.4
            return _Request("HEAD" if self.method == "HEAD" else "GET", url, headers, None)
        return _Request(self.method, url, headers, self.body)


@dataclass(eq=False)
class Client:
    """Sends requests; made by `client`."""

    pace: Pace
    trust: Trust
    retry: Retry
    unix_socket: str
    environ: Mapping[str, str]
    clock: Callable[[], float]
    _managers: dict[tuple[str, str, bool], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wires: weakref.WeakSet[Wire] = field(default_factory=weakref.WeakSet)
    _over: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Cut what is open, and open nothing more; from any thread. Who waits for an answer gets a `StoppedError`."""
        self._over.set()
        with self._lock:
            wires = list(self._wires)
        for one in wires:
            one.cut()

    def wait(self, seconds: float) -> None:
        """Wait, as before another attempt. Raises `StoppedError` where `stop` is called meanwhile."""
        if self.retry.sleep is time.sleep:
            self._over.wait(seconds)
        else:
            self.retry.sleep(seconds)
        self._heed()

    def _heed(self, error: Exception | None = None) -> None:
        if self._over.is_set():
            raise StoppedError("stopped") from error

    def _add(self, one: Wire) -> None:
        with self._lock:
            self._wires.add(one)

    def open(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        ok: Container[int] = (200,),
        follow: bool = True,
        repeat: bool | None = None,
        retries: int | None = None,
    ) -> Response:
        """Return the response, its body not read yet; use it in a `with`.

        url: http or https; user and password in it become basic authentication.
        ok: statuses that are returned; all others are raised. follow: redirects are followed,
            Authorization and Cookie going to the first host only.
        repeat: whether sending it twice does no harm, whatever the method says.
        retries: in place of the client's.
        A request is sent again after a broken connection (unless the method has effects that
        might double) and on 408, 429, 502, 503 and 504, as `Retry` says.
        Raises `DeniedError` on 401, 403 and 407, `UnavailableError` on no connection, other
        statuses and whatever ran out of time, `MalformedError` for what is not HTTP, `StoppedError` after `stop`.
        """
        self._heed()
        request = _request(method, url, headers, body)
        repeatable = method in faults.REPEATABLE if repeat is None else repeat
        retries = self.retry.retries if retries is None else retries
        for attempt in range(retries + 1):
            last = attempt == retries
            try:
                response = self._follow(request) if follow else self._send(request)
            except faults.caught() as error:
                self._heed(error)
                if last or not faults.worth_another(error, attempt, repeatable=repeatable):
                    raise faults.translated(error, request.url) from error
                wait_s = self.retry.wait_s(attempt)
            else:
                if response.status in ok:
                    return response
                wait_s = -1.0 if last else self._wait_for(response, attempt, repeatable=repeatable)
                if wait_s < 0:
                    raise response.error()
                response.discard()
            self.wait(wait_s)
        raise AssertionError("the last attempt returns or raises")

    def is_insecure(self, url: str) -> bool:
        """Tell whether the certificate of that host may be any; `url` may also be `host` or `host:port`."""
        if isinstance(self.trust.insecure, bool):
            return self.trust.insecure
        _, host, port = _origin(url if "://" in url else f"https://{url}")
        bare = f"[{host}]" if ":" in host else host
        return not self.trust.insecure.isdisjoint({bare, f"{bare}:{port}"})

    def _wait_for(self, response: Response, attempt: int, *, repeatable: bool) -> float:
        """Return how long to wait before another attempt; -1 if there should be none."""
        if response.status not in (_TRY_AGAIN if repeatable else _NOTHING_DONE):
            return -1.0
        asked = faults.retry_after_s(response.headers)
        if asked is None:
            return self.retry.wait_s(attempt)
        return asked if asked <= self.retry.max_wait_s else -1.0

    def _follow(self, request: _Request) -> Response:
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(request)
            location = response.headers.get("Location", "")
            if response.status not in _REDIRECTS or not location:
                return response
            response.discard()
            request = request.redirected(response.status, location, insecure=self.is_insecure(request.url))
        raise UnavailableError(f"more than {MAX_REDIRECTS} redirects", faults.redact(request.url))

    def _send(self, request: _Request) -> Response:
        from urllib3.util import Timeout

        headers = {"User-Agent": "lading", "Accept-Encoding": "identity", **request.headers}
        body: bytes | io.BytesIO | None = request.body
        if request.body is not None and len(request.body) > _SEND_BYTES:
            # Sent in pieces, each with its own time limit; at once, a slow line would run out of time.
            body = io.BytesIO(request.body)
            headers["Content-Length"] = str(len(request.body))
        raw = self._manager(request.url).urlopen(
            request.method,
            request.url,
            headers=headers,
            body=body,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=Timeout(connect=self.pace.timeout_s, read=self.pace.timeout_s),
        )
        return Response(raw, request, self._heed)

    def _manager(self, url: str) -> Any:  # noqa: ANN401 - urllib3's PoolManager, imported late
        """Return the pools for the scheme and proxy of `url`; TLS is set up with the first https."""
        scheme = url.partition("://")[0]
        proxy = "" if self.unix_socket else wire.proxy(url, self.environ)
        key = (scheme, proxy, scheme == "https" and self.is_insecure(url))
        with self._lock:
            if key not in self._managers:
                self._managers[key] = self._new_manager(*key)
            return self._managers[key]

    def _new_manager(self, scheme: str, proxy: str, insecure: bool) -> Any:  # noqa: ANN401, FBT001 - as above
        import urllib3

        if insecure:
            # The user asked for it; a warning with each request would say nothing new.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        tls = wire.tls(self.trust, self.environ, insecure=insecure) if scheme == "https" else None
        options: dict[str, Any] = {"maxsize": 8, "ssl_context": tls}
        if not proxy:
            manager: urllib3.PoolManager = urllib3.PoolManager(**options)
        else:
            address, credentials = _split_user(proxy)
            headers = {"Proxy-Authorization": credentials} if credentials else None
            to_proxy = (
                wire.tls(self.trust, self.environ, insecure=False) if proxy.startswith("https:") else None
            )
            try:
                manager = urllib3.ProxyManager(
                    address, proxy_headers=headers, proxy_ssl_context=to_proxy, **options
                )
            except ValueError as error:
                raise UsageError(
                    "not an http or https proxy",
                    faults.redact(proxy),
                    "check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY",
                ) from error
        manager.pool_classes_by_scheme = wire.pools(self.pace, self.clock, self.unix_socket, self._add)
        return manager


class Response:
    """A response whose body is read as it comes; a context manager.

    status: the number. headers: names in any case. url: where it came from, after redirects;
    not fit to be shown (see `faults.redact`).
    """

    def __init__(self, raw: Any, request: _Request, heed: Callable[[Exception | None], None]) -> None:  # noqa: ANN401 - urllib3's, imported late
        self._raw = raw
        self._heed = heed
        self._wire: Wire | None = getattr(raw.connection, "wire", None)
        self.status: int = raw.status
        self.headers: Mapping[str, str] = raw.headers
        self.url = request.url
        self._method = request.method

    def read(self, n: int = 64 * 2**10) -> bytes:
        """Return the next 1 to `n` bytes of the body, as sent; empty at its end.

        Raises `UnavailableError` if the line is cut, or too slow, `StoppedError` if the client was stopped.
        """
        if self._wire is not None:
            self._wire.allowance = n + wire.MAX_OVERHEAD_BYTES
        try:
            piece: bytes = self._raw.read1(n) or b""
        except faults.caught() as error:
            self._heed(error)
            raise faults.translated(error, self.url) from error
        if not piece:  # where no length is given, a line that is cut looks like the end
            self._heed(None)
        return piece

    def read_all(self, max_bytes: int) -> bytes:
        """Return the rest of the body. Raises `LimitError` if that is over `max_bytes`."""
        chunks = []
        left = max_bytes
        while chunk := self.read(min(left + 1, 2**18)):
            left -= len(chunk)
            if left < 0:
                raise LimitError(f"the answer has more than {max_bytes} bytes", faults.redact(self.url))
            chunks.append(chunk)
        return b"".join(chunks)

    def error(self, hint: str = "") -> LadingError:
        """Return the error that the status means, with what the body says of it; closes the response."""
        with self:
            try:
                body = self.read_all(MAX_ERROR_BODY_BYTES)
            except LadingError:
                body = b""
        reason = faults.reason(body, self.headers.get("Content-Type", ""))
        where = faults.redact(self.url)
        text = f"HTTP {self.status}" + (f": {reason}" if reason else "")
        match self.status:
            case 401 | 403:
                return DeniedError(f"access denied ({text})", where, hint or "check the credentials")
            case 407:
                return DeniedError(f"the proxy wants a password ({text})", where, hint)
            case 404 | 410:
                return UnavailableError(f"not found ({text})", where, hint or "check the name")
            case 429:
                return UnavailableError(f"too many requests ({text})", where, hint or _later(self.headers))
            case status if status >= 500:  # noqa: PLR2004 - server errors, RFC 9110
                return UnavailableError(f"the server failed ({text})", where, hint or "try again later")
        return UnavailableError(f"the server refused the request ({text})", where, hint)

    def discard(self) -> None:
        """Close it, reading what little is left so that the connection can be used again."""
        with self:
            try:
                self.read_all(MAX_ERROR_BODY_BYTES)
            except LadingError:
                return

    def close(self) -> None:
        """Give the connection back if the body was read to its end, else end it."""
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _request(method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> _Request:
    url, credentials = _split_user(url)
    own = dict(headers or {})
    if credentials and not any(name.lower() == "authorization" for name in own):
        own["Authorization"] = credentials
    if not url.startswith(("http://", "https://")) or not url.partition("://")[2]:
        raise UsageError(f"not an http or https URL: {faults.redact(url)!r}")
    return _Request(method, url, own, body)


def _split_user(url: str) -> tuple[str, str]:
    """Return the URL without user and password, and the basic authentication that they mean, or empty."""
    scheme, slashes, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    if not at:
        return url, ""
    from base64 import b64encode
    from urllib.parse import unquote

    credentials = b64encode(unquote(user).encode()).decode()
    return f"{scheme}{slashes}{host}{rest[len(authority) :]}", f"Basic {credentials}"


def _origin(url: str) -> tuple[str, str, int]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _later(headers: Mapping[str, str]) -> str:
    asked = faults.retry_after_s(headers)
    return "try again later" if asked is None else f"try again in {asked:.0f} s"


def _chance() -> float:
    import random

    return random.SystemRandom().random()
