"""Images that a Docker engine holds: `docker-daemon:`.

The engine gives an image as the archive that `docker save` writes (`GET /images/NAME/get`), over a
unix socket, or over TCP with or without TLS, as DOCKER_HOST or the current docker context says.
API: https://docs.docker.com/reference/api/engine/
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote

import msgspec

from lading import net
from lading.errors import DeniedError, LadingError, MalformedError, UnavailableError, UsageError
from lading.oci import archive
from lading.oci.image import Image, Platform
from lading.oci.reference import parse
from lading.wire import Trust

DEFAULT_HOST = "unix:///var/run/docker.sock"
# The engine may have to collect the layers before the first byte comes.
TIMEOUT_S = 300.0
_MAX_CONTEXT_BYTES = 2**20
_PIECE = 2**20
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{6,64}", re.ASCII)


class _DockerConfig(msgspec.Struct):
    current_context: str = msgspec.field(default="", name="currentContext")


class _Endpoint(msgspec.Struct):
    host: str = msgspec.field(default="", name="Host")


class _Context(msgspec.Struct):
    endpoints: dict[str, _Endpoint] = msgspec.field(default_factory=dict, name="Endpoints")


def open_image(
    name: str,
    *,
    platform: Platform | None = None,
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Image:
    """Return the image that the engine knows by `name`: a reference, or an image ID or its beginning.

    It is copied to a temporary file without a name, which goes with the image. environ: where
    DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH are looked up.
    Raises `UnavailableError` if there is no engine, no such image or no room, `DeniedError` if the
    socket may not be used.
    """
    environ = os.environ if environ is None else environ
    where = f"docker-daemon:{name}"
    client, base = _engine(environ, home or Path.home())
    query = f"?platform={quote(msgspec.json.encode(_fields(platform)).decode())}" if platform else ""
    for known in _names(name):
        url = f"{base}/images/{quote(known, safe='/:@')}/get{query}"
        try:
            response = client.open("GET", url, ok=(200, 404), retries=1)
        except UnavailableError as error:
            raise UnavailableError(
                f"the Docker engine does not give it: {error.message}",
                where,
                "start the engine, or say with DOCKER_HOST where there is one",
            ) from error
        with response:
            if response.status == 200:  # noqa: PLR2004 - OK
                return archive.open_file(_spooled(response, where), "", platform, where)
    raise UnavailableError(
        "the Docker engine has no such image", where, f"see `docker images`, or `docker pull {name}`"
    )


def _names(name: str) -> list[str]:
    """Return what `name` may mean to the engine; without a tag it would give all tags of a repository."""
    by_id = [name] if _ID.fullmatch(name) else []
    try:
        return [str(parse(name)), *by_id]
    except MalformedError:
        if by_id:
            return by_id
        raise


def _fields(platform: Platform) -> dict[str, str]:
    return {key: value for key, value in msgspec.to_builtins(platform).items() if value}


def _spooled(response: net.Response, where: str) -> BinaryIO:
    file: BinaryIO = tempfile.TemporaryFile(prefix="lading-")  # noqa: SIM115 - the image keeps it
    try:
        while piece := response.read(_PIECE):
            file.write(piece)
        file.seek(0)
    except OSError as error:
        file.close()
        raise UnavailableError(
            f"no room to copy it: {error.strerror}", where, "set TMPDIR to a folder with more room"
        ) from error
    except LadingError:
        file.close()
        raise
    return file


def _engine(environ: Mapping[str, str], home: Path) -> tuple[net.Client, str]:
    """Return a client for the engine and the URL that its paths follow."""
    host = environ.get("DOCKER_HOST") or _context_host(environ, home) or DEFAULT_HOST
    scheme, _, address = host.partition("://")
    # A proxy is for the way out, not for the engine.
    if scheme == "unix":
        path = address if address.startswith("/") else f"/{address}"
        return net.client(unix_socket=path, timeout_s=TIMEOUT_S, environ={}), "http://docker"
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if scheme in {"tcp", "http", "https"}:
        secure = verify or scheme == "https"
        trust = _trust(environ, home) if secure else None
        client = net.client(trust=trust, timeout_s=TIMEOUT_S, environ={})
        return client, f"{'https' if secure else 'http'}://{address.rstrip('/')}"
    hint = "forward its socket with `ssh -L`, and name that" if scheme == "ssh" else "it is unix:// or tcp://"
    raise UsageError(f"no way to an engine at {host[:100]!r}", "DOCKER_HOST", hint)


def _trust(environ: Mapping[str, str], home: Path) -> Trust:
    folder = Path(environ.get("DOCKER_CERT_PATH") or environ.get("DOCKER_CONFIG") or home / ".docker")
    paths = [str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem")]
    ca, certificate, key = (path if Path(path).exists() else "" for path in paths)
    return Trust(ca_file=ca, certificate=certificate, key=key)


def _context_host(environ: Mapping[str, str], home: Path) -> str:
    """Return the engine's address in docker's current context; empty for the default one."""
    from hashlib import sha256

    folder = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    name = environ.get("DOCKER_CONTEXT") or _read(folder / "config.json", _DockerConfig()).current_context
    if name in {"", "default"}:
        return ""
    meta = folder / "contexts" / "meta" / sha256(name.encode()).hexdigest() / "meta.json"
    host = _read(meta, _Context()).endpoints.get("docker", _Endpoint()).host
    if not host:
        raise UsageError(f"docker's context {name!r} names no engine", str(meta), "see `docker context ls`")
    return host


_T = TypeVar("_T", _DockerConfig, _Context)


def _read(path: Path, default: _T) -> _T:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_CONTEXT_BYTES)
        return msgspec.json.decode(raw, type=type(default))
    except (FileNotFoundError, NotADirectoryError):
        return default
    except OSError as error:
        raise DeniedError(f"cannot be read: {error.strerror}", str(path)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not a file of docker's: {error}", str(path)) from error
