"""How connections are made and read: pace, proxies, certificates, unix sockets.

What `net` builds on; nobody else imports it. urllib3 and ssl are imported with the first request.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lading.errors import LimitError, UsageError

# What a server may send before the body begins, or around a piece of it (chunk sizes, trailers).
MAX_OVERHEAD_BYTES = 2**20
# How the message of a `TimeoutError` begins that `Wire` raises: the server sends, but not enough.
TOO_SLOW = "too slow: "


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a server may be, in seconds of waiting for it; time that the caller takes is not counted.

    timeout_s: to connect, for each read, and for all headers together.
    min_bytes_per_s: a body that comes more slowly than this, over `timeout_s` of waiting, is given up.
    deadline_s: for one response as a whole; None for no such limit.
    """

    timeout_s: float = 30.0
    min_bytes_per_s: int = 256
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom TLS trusts and who we are.

    insecure: certificates are not checked, at all or for these hosts, as in `host` or `host:port`;
        there a redirect may lead from https to http, too.
    ca_file: a file or directory of certificates, in place of the environment's and the system's.
    certificate, key: PEM files by which we identify ourselves; empty for none.
    """

    insecure: bool | frozenset[str] = False
    ca_file: str = ""
    certificate: str = ""
    key: str = ""


class Wire(io.RawIOBase):
    """The receiving end of a connection, for one response: holds `Pace` and counts what comes.

    allowance: bytes that may still come before the reader gets something; it stops headers,
    trailers and interim responses without end.
    """

    def __init__(self, raw: io.RawIOBase, pace: Pace, clock: Callable[[], float]) -> None:
        self._raw = raw
        self._pace = pace
        self._clock = clock
        self._waited_s = 0.0
        self._window_s = 0.0
        self._window_bytes = 0
        self.in_head = True
        self.allowance = MAX_OVERHEAD_BYTES

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401 - as in io.RawIOBase
        """Receive into `buffer`. Raises `TimeoutError`, or `LimitError` when the allowance is used up."""
        started = self._clock()
        count = self._raw.readinto(buffer)
        waited_s = self._clock() - started
        self._waited_s += waited_s
        self._window_s += waited_s
        self._window_bytes += count or 0
        self.allowance -= count or 0
        if self.allowance < 0:
            raise LimitError(f"more than {MAX_OVERHEAD_BYTES} bytes of HTTP headers, trailers or chunk sizes")
        self._check_pace()
        return count

    def _check_pace(self) -> None:
        if self._pace.deadline_s is not None and self._waited_s > self._pace.deadline_s:
            raise TimeoutError(f"{TOO_SLOW}not done after {self._pace.deadline_s:g} s")
        if self._window_s < self._pace.timeout_s:
            return
        if self.in_head or self._window_bytes < self._pace.min_bytes_per_s * self._window_s:
            raise TimeoutError(f"{TOO_SLOW}{self._window_bytes} bytes in {self._window_s:.0f} s")
        self._window_s, self._window_bytes = 0.0, 0

    def body_begins(self) -> None:
        """Measure the body apart from the wait for the headers."""
        self.in_head = False
        self._window_s, self._window_bytes = 0.0, 0

    def cut(self) -> None:
        """End the connection, from any thread: who waits for it finds that nothing more comes."""
        import socket

        with (
            contextlib.suppress(OSError, ValueError),
            socket.socket(fileno=os.dup(self._raw.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


def pools(
    pace: Pace, clock: Callable[[], float], unix_socket: str, made: Callable[[Wire], None]
) -> dict[str, Any]:
    """Return urllib3's pools by scheme, over connections that read through a `Wire`. made: gets each of these."""
    import http.client
    import socket

    from urllib3 import connection, connectionpool, exceptions

    class Paced(connection.HTTPConnection):
        wire: Wire | None = None

        def response_class(  # type: ignore[override]  # http.client calls it, as it would a class
            self, sock: socket.socket, debuglevel: int = 0, method: str | None = None
        ) -> http.client.HTTPResponse:
            response = http.client.HTTPResponse(sock, debuglevel=debuglevel, method=method)
            self.wire = Wire(response.fp.detach(), pace, clock)
            made(self.wire)
            response.fp = io.BufferedReader(self.wire, 2**16)
            return response

        def getresponse(self) -> Any:  # noqa: ANN401 - as in urllib3
            response = super().getresponse()
            if self.wire is not None:
                self.wire.body_begins()
            return response

        def _new_conn(self) -> socket.socket:
            if not unix_socket:
                return super()._new_conn()
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(pace.timeout_s)
            try:
                sock.connect(unix_socket)
            except OSError as error:
                sock.close()
                raise exceptions.NewConnectionError(self, str(error)) from error
            return sock

    class PacedTls(Paced, connection.HTTPSConnection):
        pass

    class Pool(connectionpool.HTTPConnectionPool):
        ConnectionCls = Paced

    class TlsPool(connectionpool.HTTPSConnectionPool):
        ConnectionCls = PacedTls

    return {"http": Pool, "https": TlsPool}


def tls(trust: Trust, environ: Mapping[str, str], *, insecure: bool) -> Any:  # noqa: ANN401 - an SSLContext
    """Return the TLS context for `trust`: with its certificates, else the environment's, else the system's.

    insecure: any certificate will do. Raises `UsageError` for a file that cannot be read or holds none.
    """
    import ssl

    own = trust.ca_file or environ.get("SSL_CERT_FILE") or environ.get("REQUESTS_CA_BUNDLE") or ""
    named = own
    try:
        if Path(own).is_dir():
            context = ssl.create_default_context(capath=own)
        else:
            context = ssl.create_default_context(cafile=own or None)
        if trust.certificate:
            named = trust.certificate
            context.load_cert_chain(trust.certificate, trust.key or None)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no certificates can be read: {error}", named, "check SSL_CERT_FILE and REQUESTS_CA_BUNDLE"
        ) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def proxy(url: str, environ: Mapping[str, str]) -> str:
    """Return the URL of the proxy to be used for `url`, or empty.

    Looks at https_proxy or http_proxy by the scheme, all_proxy and no_proxy, in either case
    (HTTP_PROXY in lower case only where there is REQUEST_METHOD: under CGI a client sets it).
    As container tools do, loopback addresses never go to a proxy.
    """
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if _bypassed(host, port, _variable(environ, "no_proxy")):
        return ""
    chosen = _variable(environ, f"{parts.scheme}_proxy") or _variable(environ, "all_proxy")
    return chosen if not chosen or "://" in chosen else f"http://{chosen}"


def _variable(environ: Mapping[str, str], name: str) -> str:
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        return environ.get(name, "").strip()
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _bypassed(host: str, port: int, no_proxy: str) -> bool:
    """Say whether no_proxy names the host, its parent domain or its network; loopback always is."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed leaves it out

    address = _network(host)
    loopback = host == "localhost" or host.endswith(".localhost")
    if loopback or (address is not None and address.is_loopback):
        return True
    items = no_proxy.replace(",", " ").split()
    if "*" in items:
        return True
    names = ",".join(item.removeprefix("*") for item in items)
    if proxy_bypass_environment(f"{host}:{port}", {"no": names}):
        return True
    networks = (_network(item.strip("[]")) for item in items)
    return address is not None and any(
        network is not None and network.version == address.version and address.subnet_of(network)
        for network in networks
    )


def _network(text: str) -> Any:  # noqa: ANN401 - an IPv4Network or IPv6Network, imported late
    """Return the network that `text` names, an address being the smallest; None if it names none."""
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
