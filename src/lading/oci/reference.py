"""References to images: `[host[:port]/]path[:tag][@digest]`.

Grammar: the distribution project's reference package, and the distribution specification, "Pulling
manifests". Short names are completed as Docker does it: a first part without dot or port that is
not `localhost` is no host, so `alpine` is `docker.io/library/alpine:latest`.
"""

from __future__ import annotations

import re

from lading.errors import MalformedError
from lading.model.digest import Digest
from lading.oci import digest as digests
from lading.record import Record

DOCKER_HUB = "docker.io"
MAX_REPOSITORY_CHARS = 255
_MAX_CHARS = 1024
_MAX_PORT = 65535
_HEX_DIGITS = 64
_HINT = "write it as [host[:port]/]path[:tag][@sha256:...]"

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
# Between two letters or digits there may be one dot, one or two underscores, or any number of dashes.
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*", re.ASCII)
# Seldom needed, and so compiled only then.
_HOST = r"(?a)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_IPV6 = r"(?a)\[[0-9a-fA-F:]{2,39}\]"
_HEX64 = r"[0-9a-f]{64}"


class Reference(Record):
    """Where an image is.

    host: with port if there is one; `docker.io` for Docker Hub. repository: the path on it.
    tag, digest: empty if there is none; one of both is set. With both, the digest counts.
    """

    host: str
    repository: str
    tag: str = ""
    digest: Digest | str = ""

    @property
    def name(self) -> str:
        """Host and repository."""
        return f"{self.host}/{self.repository}"

    @property
    def wanted(self) -> str:
        """What is asked of the registry: the digest, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """Return the reference that `text` stands for; without tag and digest the tag is `latest`.

    Raises `MalformedError` that says which part is wrong.
    """
    if len(text) > _MAX_CHARS:
        raise MalformedError(f"a reference has at most {_MAX_CHARS} characters", _shown(text), _HINT)
    rest, at, digest_text = text.partition("@")
    digest = digests.parse(digest_text, _shown(text)) if at else ""
    rest, tag = _tag_apart(rest)
    if tag is not None and not _TAG.fullmatch(tag):
        raise _wrong(f"{tag!r} is not a tag: letters, digits, and _ . - after the first, at most 128", text)
    host, repository = _host_apart(rest)
    _check_host(host, text)
    _check_repository(rest, repository, text)
    return Reference(host, repository, tag or ("" if digest else "latest"), digest)


def familiar(name: str) -> str:
    """Return a whole name as people write it: without what is added to a short one, but with the tag."""
    host, _, path = name.partition("/")
    if host != DOCKER_HUB:
        return name
    return path.removeprefix("library/") if path.count("/") == 1 else path


def _tag_apart(text: str) -> tuple[str, str | None]:
    """Return name and tag; a colon before a slash belongs to a port."""
    name, colon, tag = text.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (text, None)


def _host_apart(name: str) -> tuple[str, str]:
    first, slash, path = name.partition("/")
    is_host = slash and (first == "localhost" or "." in first or ":" in first or first.lower() != first)
    host, path = (first, path) if is_host else (DOCKER_HUB, name)
    if host in {"index.docker.io", DOCKER_HUB}:
        host = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    return host, path


def _check_host(host: str, text: str) -> None:
    bare, colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    bare = bare if colon else host
    if host != DOCKER_HUB and not (re.fullmatch(_HOST, bare) or re.fullmatch(_IPV6, bare)):
        raise _wrong(f"{host!r} is not a host", text)
    if colon and not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) <= _MAX_PORT):  # noqa: PLR2004 - digits of the largest port
        raise _wrong(f"{port!r} is not a port", text)


def _check_repository(typed: str, repository: str, text: str) -> None:
    if not (typed and repository) or repository.endswith("/"):
        raise _wrong("there is no name in it", text)
    if len(repository) > MAX_REPOSITORY_CHARS:
        raise _wrong(f"a repository's path has at most {MAX_REPOSITORY_CHARS} characters", text)
    if len(typed) == _HEX_DIGITS and re.fullmatch(_HEX64, typed):
        raise _wrong("64 hexadecimal digits are an image ID, which a registry does not know", text)
    for component in repository.split("/"):
        if component != component.lower():
            raise _wrong(f"{component!r} must be in lower case", text)
        if not _COMPONENT.fullmatch(component):
            raise _wrong(
                f"{component!r} must be lower-case letters and digits, with . _ __ or - between", text
            )


def _wrong(message: str, text: str) -> MalformedError:
    return MalformedError(f"not an image reference: {message}", _shown(text), _HINT)


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:120]) or "(empty)"
