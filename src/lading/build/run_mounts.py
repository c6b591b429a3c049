"""`RUN --mount=...`: what each asks for, with the defaults of its type.

https://docs.docker.com/reference/dockerfile/#run---mount
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

import msgspec

from lading.build.plan import ContextSource, Source
from lading.dockerfile import mount
from lading.dockerfile.mount import Mount
from lading.errors import MalformedError

_SHARING = ("shared", "private", "locked")
_COMMON = frozenset({"type", "target"})
_OWNED = frozenset({"id", "required", "mode", "uid", "gid"})
_ALLOWED = {
    "bind": _COMMON | {"from", "source", "readonly", "readwrite"},
    "cache": _COMMON | {"from", "source", "readonly", "readwrite", "id", "sharing", "mode", "uid", "gid"},
    "tmpfs": _COMMON | {"size"},
    "secret": _COMMON | _OWNED | {"env", "source"},
    "ssh": _COMMON | _OWNED,
}
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_MAX_MODE = 0o7777
_MAX_DIGITS = 18


class Bind(msgspec.Struct, frozen=True, tag=True):
    """Files of a source, at `path` in it. writable: what is written is lost."""

    target: str
    source: Source
    path: str
    writable: bool = False


class Cache(msgspec.Struct, frozen=True, tag=True):
    """A directory that outlives the build. source: what it begins with, at `path`; None for nothing."""

    target: str
    id: str
    sharing: str = "shared"
    readonly: bool = False
    source: Source | None = None
    path: str = "/"
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


class Tmpfs(msgspec.Struct, frozen=True, tag=True):
    """Memory. size: in bytes; 0 for the system's limit."""

    target: str
    size: int = 0


class Secret(msgspec.Struct, frozen=True, tag=True):
    """A secret, in a file at `target`, or a variable, or both; either may be empty."""

    id: str
    target: str
    variable: str = ""
    required: bool = False
    mode: int = 0o400
    uid: int = 0
    gid: int = 0


class Ssh(msgspec.Struct, frozen=True, tag=True):
    """The socket of an SSH agent."""

    id: str
    target: str
    required: bool = False
    mode: int = 0o600
    uid: int = 0
    gid: int = 0


RunMount = Bind | Cache | Tmpfs | Secret | Ssh


def read(text: str, directory: str, sources: Mapping[str, Source], number: int) -> RunMount:
    """Return the mount that the value of a `--mount` describes, variables replaced.

    directory: targets are relative to it. sources: what each `from` means. number: of the SSH mounts before.
    Raises `MalformedError` for what its type does not have, or needs.
    """
    given = mount.parse(text)
    allowed = _ALLOWED.get(given.type)
    if allowed is None:
        raise MalformedError(
            f"no mount type is called {given.type[:80]!r}", hint=f"one of {', '.join(_ALLOWED)}"
        )
    wrong = [*given.unknown, *(set(given.options) - allowed - set(given.unknown))]
    if wrong:
        raise MalformedError(
            f"a mount of type {given.type} has no {', '.join(sorted(wrong))[:200]}",
            hint=f"it takes {', '.join(sorted(allowed))}",
        )
    return _READERS[given.type](given, directory, sources, number)


def _bind(given: Mount, directory: str, sources: Mapping[str, Source], _: int) -> RunMount:
    named = given.options.get("from") or ""
    source = sources[named] if named else ContextSource()
    writable = _switch(given, "readwrite") and not _switch(given, "readonly")
    return Bind(_target(given, directory), source, given.options.get("source") or "/", writable)


def _cache(given: Mount, directory: str, sources: Mapping[str, Source], _: int) -> RunMount:
    target = _target(given, directory)
    sharing = given.options.get("sharing") or "shared"
    if sharing not in _SHARING:
        raise MalformedError(f"sharing is one of {', '.join(_SHARING)}, not {sharing[:80]!r}")
    named = given.options.get("from") or ""
    return Cache(
        target=target,
        id=given.options.get("id") or target,
        sharing=sharing,
        readonly=_switch(given, "readonly"),
        source=sources[named] if named else None,
        path=given.options.get("source") or "/",
        mode=_mode(given, 0o755),
        uid=_whole(given, "uid"),
        gid=_whole(given, "gid"),
    )


def _tmpfs(given: Mount, directory: str, _: Mapping[str, Source], __: int) -> RunMount:
    text = (given.options.get("size") or "0").lower().removesuffix("b")
    digits = text.rstrip("kmgt")
    if not _is_whole(digits) or text[len(digits) :] not in _UNITS:
        raise MalformedError(f"size is a number of bytes, or with k, m or g behind it, not {text[:80]!r}")
    return Tmpfs(_target(given, directory), int(digits) * _UNITS[text[len(digits) :]])


def _secret(given: Mount, directory: str, _: Mapping[str, Source], __: int) -> RunMount:
    target = given.options.get("target") or ""
    # `src` is what Docker's own examples have for `id`.
    name = given.options.get("id") or given.options.get("source") or posixpath.basename(target)
    if not name:
        raise MalformedError("a secret needs an id, or a target")
    variable = given.options.get("env") or ""
    if not target and not variable:
        target = f"/run/secrets/{posixpath.basename(name)}"
    return Secret(
        id=name,
        target=_joined(target, directory) if target else "",
        variable=variable,
        required=_switch(given, "required"),
        mode=_mode(given, 0o400),
        uid=_whole(given, "uid"),
        gid=_whole(given, "gid"),
    )


def _ssh(given: Mount, directory: str, _: Mapping[str, Source], number: int) -> RunMount:
    return Ssh(
        id=given.options.get("id") or "default",
        target=_joined(given.options.get("target") or f"/run/buildkit/ssh_agent.{number}", directory),
        required=_switch(given, "required"),
        mode=_mode(given, 0o600),
        uid=_whole(given, "uid"),
        gid=_whole(given, "gid"),
    )


def _target(given: Mount, directory: str) -> str:
    target = given.options.get("target") or ""
    if not target:
        raise MalformedError(f"a mount of type {given.type} needs a target")
    joined = _joined(target, directory)
    if joined == "/":
        raise MalformedError("a mount cannot take the place of the root")
    return joined


def _joined(path: str, directory: str) -> str:
    return "/" + posixpath.normpath(posixpath.join(directory, path)).lstrip("/")


def _switch(given: Mount, name: str) -> bool:
    if name not in given.options:
        return False
    value = given.options[name]
    if value is not None and value.lower() not in {"true", "false", "1", "0"}:
        raise MalformedError(f"{name} is true or false, not {value[:80]!r}")
    return value is None or value.lower() in {"true", "1"}


def _mode(given: Mount, default: int) -> int:
    text = given.options.get("mode")
    if not text:
        return default
    try:
        mode = int(text, 8) if len(text) < _MAX_DIGITS else -1
    except ValueError:
        mode = -1
    if not 0 <= mode <= _MAX_MODE:
        raise MalformedError(f"mode is an octal number such as 0400, not {text[:80]!r}")
    return mode


def _whole(given: Mount, name: str) -> int:
    text = given.options.get(name) or "0"
    if not _is_whole(text):
        raise MalformedError(f"{name} is a number, not {text[:80]!r}")
    return int(text)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


_READERS: dict[str, Callable[[Mount, str, Mapping[str, Source], int], RunMount]] = {
    "bind": _bind,
    "cache": _cache,
    "tmpfs": _tmpfs,
    "secret": _secret,
    "ssh": _ssh,
}
