"""Credentials that docker and podman have stored: config.json, auth.json, and helper programs.

Looked at, in order: the file in REGISTRY_AUTH_FILE, or else podman's own
(`$XDG_RUNTIME_DIR/containers/auth.json`, `$XDG_CONFIG_HOME/containers/auth.json`); then docker's
(`$DOCKER_CONFIG/config.json`, `~/.docker/config.json`). In each, the longest key that fits counts
(`host/team/app`, `host/team`, `host`), helpers before what is written in the file.
Formats: containers-auth.json(5), and docker-credential-helpers' README.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError
from lading.oci.reference import DOCKER_HUB

MAX_BYTES = 4 * 2**20
HELPER_TIMEOUT_S = 30.0
_HUB_SERVER = "https://index.docker.io/v1/"
_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_TOKEN_USER = "<token>"  # noqa: S105 - what helpers write in place of a user for an identity token
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}", re.ASCII)


class Credential(msgspec.Struct, frozen=True):
    """What proves who we are. Its text form shows no secret.

    user, secret: for basic authentication. identity_token: to be changed for access tokens.
    registry_token: an access token itself. source: the file or helper that it comes from.
    """

    user: str = ""
    secret: str = ""
    identity_token: str = ""
    registry_token: str = ""
    source: str = ""

    def __repr__(self) -> str:
        return f"Credential(user={self.user!r}, source={self.source!r})"


class Found(msgspec.Struct, frozen=True):
    """A credential, or None; problem: why there may be none, one line, for whom is denied access."""

    credential: Credential | None = None
    problem: str = ""


Lookup = Callable[[str], Found]


class _Auth(msgspec.Struct):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""
    registrytoken: str = ""


class _File(msgspec.Struct):
    auths: dict[str, _Auth | None] | None = None
    creds_store: str | None = msgspec.field(default=None, name="credsStore")
    cred_helpers: dict[str, str] | None = msgspec.field(default=None, name="credHelpers")


class _HelperAnswer(msgspec.Struct):
    username: str = msgspec.field(default="", name="Username")
    secret: str = msgspec.field(default="", name="Secret")


def anonymous(_name: str) -> Found:
    """Return no credential: a `Lookup` for who wants none to be used."""
    return Found()


def fixed(user: str, secret: str) -> Lookup:
    """Return a `Lookup` that gives this one for every name; a user `<token>` has an identity token."""
    return lambda _name: Found(_from_pair(user, secret, "given"))


def stored(environ: Mapping[str, str], home: Path) -> Lookup:
    """Return a `Lookup` in the files that `environ` and `home` lead to.

    It takes `host[:port]/repository`, reads the files with each call, and runs a helper with a time
    limit. It raises `MalformedError` for a file that is not what it should be; what a helper or a
    file's permissions deny becomes `Found.problem`.
    """

    def look(name: str) -> Found:
        problem = ""
        for path in paths(environ, home):
            found = _in_file(path, name, environ)
            if found.credential is not None:
                return found
            problem = problem or found.problem
        return Found(None, problem)

    return look


def paths(environ: Mapping[str, str], home: Path) -> list[Path]:
    """Return the files that are looked at, in order; not all need exist."""
    own = environ.get("REGISTRY_AUTH_FILE")
    docker = Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if own:
        return [Path(own), docker] if environ.get("DOCKER_CONFIG") else [Path(own)]
    runtime = environ.get("XDG_RUNTIME_DIR")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    first = [Path(runtime) / "containers" / "auth.json"] if runtime else []
    return [*first, config / "containers" / "auth.json", docker]


def _in_file(path: Path, name: str, environ: Mapping[str, str]) -> Found:
    try:
        file = _read(path)
    except DeniedError as error:
        return Found(None, str(error))
    if file is None:
        return Found()
    problem = ""
    helper = _helper(file, name)
    if helper:
        try:
            credential = _ask(helper, name.partition("/")[0], environ)
        except LadingError as error:
            problem = str(error)
        else:
            if credential is not None:
                return Found(credential)
    auths = {_normal(key): auth for key, auth in (file.auths or {}).items() if auth is not None}
    for key in _keys(name):
        if (auth := auths.get(key)) is not None and (credential := _from_auth(auth, path, key)) is not None:
            return Found(credential)
    return Found(None, problem)


def _read(path: Path) -> _File | None:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DeniedError(f"cannot be read: {error.strerror}", str(path)) from error
    if len(raw) > MAX_BYTES:
        raise LimitError(f"more than {MAX_BYTES} bytes", str(path))
    try:
        return msgspec.json.decode(raw or b"{}", type=_File)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(
            f"not a file of registry credentials: {error}", str(path), "log in again, or mend the file"
        ) from error


def _keys(name: str) -> Iterator[str]:
    """Yield the keys that fit a name, from the longest to the host alone."""
    while True:
        yield name
        name, slash, _ = name.rpartition("/")
        if not slash:
            return


def _normal(key: str) -> str:
    """Return a key without what docker's older versions put around the host."""
    bare = re.sub(r"\Ahttps?://", "", key)
    if bare != key or re.search(r"/v[12]/?\Z", bare):
        bare = bare.partition("/")[0]
    host, slash, path = bare.rstrip("/").partition("/")
    return (DOCKER_HUB if host in _HUB_NAMES else host) + slash + path


def _helper(file: _File, name: str) -> str:
    helpers = {_normal(key): helper for key, helper in (file.cred_helpers or {}).items()}
    return next((helpers[key] for key in _keys(name) if key in helpers), file.creds_store or "")


def _ask(helper: str, host: str, environ: Mapping[str, str]) -> Credential | None:
    """Return what a helper program has for a host; None if it says that it has nothing."""
    import shutil
    import subprocess

    program = f"docker-credential-{helper}"
    found = shutil.which(program, path=environ.get("PATH")) if _HELPER_NAME.fullmatch(helper) else None
    if found is None:
        raise UnavailableError("this credential helper is not installed", program[:100])
    server = _HUB_SERVER if host == DOCKER_HUB else host
    try:
        done = subprocess.run(  # noqa: S603 - a program that the user's own configuration names
            [found, "get"],
            input=server.encode(),
            capture_output=True,
            timeout=HELPER_TIMEOUT_S,
            env=dict(environ),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"no answer after {HELPER_TIMEOUT_S:g} s", program) from error
    except OSError as error:
        raise UnavailableError(f"cannot be run: {error.strerror}", program) from error
    if done.returncode:
        said = (done.stdout or done.stderr)[:200].decode("utf-8", "replace").strip()
        if "credentials not found" in said:
            return None
        shown = "".join(char if char.isprintable() else "?" for char in said)
        raise UnavailableError(f"failed with status {done.returncode}: {shown}", program)
    try:
        answer = msgspec.json.decode(done.stdout[:MAX_BYTES], type=_HelperAnswer)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError("its answer is not the JSON that it should be", program) from error
    return _from_pair(answer.username, answer.secret, program)


def _from_auth(auth: _Auth, path: Path, key: str) -> Credential | None:
    source = str(path)
    if auth.registrytoken:
        return Credential(registry_token=auth.registrytoken, source=source)
    user, secret = auth.username, auth.password
    if auth.auth:
        try:
            pair = base64.b64decode(auth.auth, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise MalformedError(f"auth of {key!r} is not base64 of user:password", source) from error
        user, _, secret = pair.partition(":")
        secret = secret.rstrip("\0")  # docker's old versions pad with it
    if auth.identitytoken:
        return Credential(user, identity_token=auth.identitytoken, source=source)
    return _from_pair(user, secret, source) if user or secret else None


def _from_pair(user: str, secret: str, source: str) -> Credential:
    if user == _TOKEN_USER:
        return Credential(identity_token=secret, source=source)
    return Credential(user, secret, source=source)
