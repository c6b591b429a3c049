"""A web server on a loopback port or a unix socket, whose answers are a function of the test."""

from __future__ import annotations

import contextlib
import http.server
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Exchange(http.server.BaseHTTPRequestHandler):
    """A request, and the means to answer it."""

    protocol_version = "HTTP/1.1"
    server: Any

    def body(self) -> bytes:
        """Return the body of the request."""
        return self.content

    def reply(
        self, status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None, length: int = -1
    ) -> None:
        """Answer. length: what Content-Length says, if not the truth."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if length > len(body):
            self.cut()

    def raw(self, data: bytes) -> None:
        """Send these bytes, whatever they are."""
        self.wfile.write(data)
        self.wfile.flush()

    def cut(self) -> None:
        """End the connection."""
        self.close_connection = True

    def stall(self) -> None:
        """Send nothing until the test is over."""
        self.server.over.wait(600)
        self.cut()

    def drip(self, data: bytes = b"x", pause_s: float = 0.02) -> None:
        """Send a little now and then, until the other side has had enough."""
        while not self.server.over.wait(pause_s):
            self.raw(data)

    def handle_one_request(self) -> None:
        # The other side gives up in the middle: that is what is tested.
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            super().handle_one_request()
            return
        self.close_connection = True

    def address_string(self) -> str:
        return "test"

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        self.content = self._read_body()
        served: Served = self.server.served
        self.seen = Seen(self.command, self.path, dict(self.headers.items()), self.content)
        served.log.append(self.seen)
        self.server.answer(self)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = _serve  # noqa: N815 - as http.server wants


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A running server. url: without a slash at its end. log: what came, in order."""

    url: str
    host: str
    log: list[Seen] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return method and path of what came."""
        return [f"{seen.method} {seen.path}" for seen in self.log]


class _Tcp(http.server.ThreadingHTTPServer):
    daemon_threads = True


class _Unix(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    server_name = "unix"
    server_port = 0


@contextlib.contextmanager
def serve(
    answer: Callable[[Exchange], None], *, certificate: Path | None = None, socket: Path | None = None
) -> Iterator[Served]:
    """Serve with `answer` for each request. certificate: PEM with key, for https. socket: a unix one."""
    server: Any = _Unix(str(socket), Exchange) if socket else _Tcp(("127.0.0.1", 0), Exchange)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake belongs into the thread of the request, where its failure is nobody else's.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    server.answer = answer
    server.over = threading.Event()
    server.handle_error = lambda *_: None
    host = f"127.0.0.1:{server.server_address[1]}" if not socket else "unix"
    server.served = Served(f"{scheme}://{host}", host)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.served
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path, name: str = "127.0.0.1") -> Path:
    """Return a PEM file with key and self-signed certificate for an address."""
    made = folder / f"{name}.pem"
    key = folder / f"{name}.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{name}"]
    command += ["-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    made.write_bytes(made.read_bytes() + key.read_bytes())
    return made
