"""Debian's docker-registry on a loopback port, with and without authentication, and tools that speak to it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import imaging
import needs
from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import Image, Layer
from loopback import Exchange, Seen

NEEDS = needs.tool("docker-registry", "skopeo", "openssl")
TREES = [{"etc/hello": b"hello"}, {"usr/big": bytes(range(256)) * 4000}]
USER, PASSWORD = "lad", "pass:word"
# Of that password, by bcrypt.
_HTPASSWD = f"{USER}:$2y$04$abcdefghijklmnopqrstuu7govE5p0NSk1WUEk5C2Qm3hpPC6VJ66\n"
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


@contextlib.contextmanager
def registry(folder: Path, **sections: object) -> Iterator[str]:
    """Run a registry; give its host and port. sections: of its configuration, over the defaults."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "version": "0.1",
        "log": {"level": "info"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "store")}},
        "http": {"addr": "127.0.0.1:0", "secret": "test"},
        **sections,
    }
    file = folder / "config.json"
    file.write_text(json.dumps(settings))  # which is YAML, too
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(["docker-registry", "serve", str(file)], stdout=stream, stderr=stream)
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(500):
        found = _LISTENING.search(log.read_text())
        if found:
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"docker-registry did not start: {log.read_text()}")


def htpasswd(folder: Path) -> dict[str, object]:
    """Return the configuration section for basic authentication."""
    file = folder / "htpasswd"
    file.write_text(_HTPASSWD)
    return {"htpasswd": {"realm": "test", "path": str(file)}}


class TokenServer:
    """A token server as the registry's documentation describes it, with a key of its own.

    lifetime_s: of the tokens. field: the name under which a token is given. refresh: the identity
    token that it takes by POST; user and password are taken by GET.
    """

    def __init__(self, folder: Path, *, lifetime_s: int = 300, field: str = "token") -> None:
        self.lifetime_s = lifetime_s
        self.field = field
        self.refresh = "an identity token"
        self.anonymous_pull = False
        self.asked: list[Seen] = []
        self._key, self._certificate = folder / "token.key", folder / "token.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=t"]
        command += ["-keyout", str(self._key), "-out", str(self._certificate)]
        subprocess.run(command, check=True, capture_output=True)

    def section(self, realm: str) -> dict[str, object]:
        """Return the registry's configuration section for it."""
        bundle = str(self._certificate)
        return {"token": {"realm": realm, "service": "svc", "issuer": "iss", "rootcertbundle": bundle}}

    def answer(self, exchange: Exchange) -> None:
        """Answer a request for a token."""
        self.asked.append(exchange.seen)
        query = parse_qs(exchange.body().decode() or urlsplit(exchange.path).query)
        user = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        known = exchange.headers.get("Authorization") == f"Basic {user}"
        known |= exchange.command == "POST" and query.get("refresh_token") == [self.refresh]
        if not known and (exchange.headers.get("Authorization") or not self.anonymous_pull):
            exchange.reply(401, b'{"details":"incorrect username or password"}')
            return
        scopes = [scope for text in query.get("scope", []) for scope in text.split()]
        token = self._token(scopes, pull_only=not known)
        answer = {self.field: token, "expires_in": self.lifetime_s}
        exchange.reply(body=json.dumps(answer).encode())

    def _token(self, scopes: list[str], *, pull_only: bool) -> str:
        now = int(time.time())
        parts = [scope.split(":") for scope in scopes]
        access = [
            {"type": kind, "name": name, "actions": ["pull"] if pull_only else actions.split(",")}
            for kind, name, actions in parts
        ]
        # A registry lets tokens live a minute longer than they say: those that are over are long over.
        end = now + self.lifetime_s if self.lifetime_s > 0 else now - 3600
        claims = {
            "iss": "iss",
            "sub": USER,
            "aud": "svc",
            "exp": end,
            "nbf": now - 7200,
            "iat": now,
            "jti": "1",
        }
        der = self._certificate.read_text().split("-----")[2].replace("\n", "")
        head = _base64url(json.dumps({"typ": "JWT", "alg": "RS256", "x5c": [der]}).encode())
        body = _base64url(json.dumps({**claims, "access": access}).encode())
        command = ["openssl", "dgst", "-sha256", "-sign", str(self._key)]
        signed = subprocess.run(command, input=f"{head}.{body}".encode(), capture_output=True, check=True)
        return f"{head}.{body}.{_base64url(signed.stdout)}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def skopeo(*arguments: str, home: Path | None = None) -> str:
    """Run skopeo and return its output; no credentials but those in `home` are known to it."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home or "/nonexistent"), "TMPDIR": "/var/tmp"}
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Built by `.ci/run`: Debian has no package of it.
CRANE = shutil.which("crane", path=f"{needs.ROOT / '.cache/tools/bin'}{os.pathsep}{os.environ['PATH']}")
NEEDS_CRANE = needs.tool("docker-registry", CRANE or "crane")


def crane(*arguments: str) -> str:
    """Run crane, the tool of go-containerregistry, and return its output."""
    assert CRANE is not None
    environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = subprocess.run([CRANE, *arguments], capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def push(folder: Path, name: str, *options: str) -> None:
    """Copy the image in a layout to a registry with skopeo. name: `host/path:tag`."""
    skopeo("copy", "-q", "--dest-tls-verify=false", *options, f"oci:{folder}:test", f"docker://{name}")


class FakeRegistry:
    """A registry made of a dictionary, for what no real one does: its blobs and manifests may be anything.

    content: by path below `/v2/app/`. Tests put their own behaviour into `special`, by the same path.
    """

    def __init__(self, layers: tuple[bytes, ...] = (b"",)) -> None:
        self.layers = [imaging.tar({"file": layer}) for layer in layers]
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [digests.of(layer) for layer in self.layers]},
            }
        ).encode()
        self.content: dict[str, bytes] = {}
        self.special: dict[str, Any] = {}
        self.types: dict[str, str] = {}
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self.blob(config, "application/vnd.oci.image.config.v1+json"),
            "layers": [self.blob(layer, "application/vnd.oci.image.layer.v1.tar") for layer in self.layers],
        }
        self.manifest = json.dumps(manifest).encode()
        self.put("latest", self.manifest, "application/vnd.oci.image.manifest.v1+json")

    def blob(self, data: bytes, media_type: str) -> dict[str, object]:
        """Add a blob and return its descriptor."""
        digest = digests.of(data)
        self.content[f"blobs/{digest}"] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def put(self, tag: str, raw: bytes, media_type: str) -> None:
        """Add a manifest by tag and digest."""
        for name in (tag, digests.of(raw)):
            self.content[f"manifests/{name}"] = raw
            self.types[f"manifests/{name}"] = media_type

    def answer(self, exchange: Exchange) -> None:
        """Answer a request."""
        place = exchange.path.removeprefix("/v2/app/")
        if place in self.special:
            self.special[place](exchange)
        elif place in self.content:
            exchange.reply(body=self.content[place], headers={"Content-Type": self.types.get(place, "")})
        else:
            exchange.reply(200 if exchange.path == "/v2/" else 404)


def read(image: Image) -> list[bytes]:
    """Return the stored bytes of all layers, checked."""
    return [_read_layer(layer) for layer in image.layers]


def _read_layer(layer: Layer) -> bytes:
    stream = digests.Verified(layer.open(), layer.digest, layer.digest, layer.size)
    try:
        return b"".join(iter(lambda: stream.read(50_000), b""))
    finally:
        stream.close()


def same(found: Image, folder: Path) -> bool:
    """Tell whether an image is the one in a layout, to the last byte."""
    original = layout.open_image(folder, "test", None, "original")
    return (found.digest, found.config, read(found)) == (original.digest, original.config, read(original))
