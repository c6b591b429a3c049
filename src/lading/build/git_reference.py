"""Git repositories as build contexts and ADD name them: `https://host/repo.git?branch=b&subdir=d`, or `...#ref:dir`.

An http(s) URL is a repository only if its path ends in `.git`; `git://`, `ssh://` and `user@host:path` always are.
https://docs.docker.com/build/concepts/context/#git-repositories
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from lading import faults
from lading.build import paths
from lading.errors import MalformedError

_SCHEMES = ("http", "https", "ssh", "git")
_SCHEME = re.compile(r"([A-Za-z0-9]+)://", re.ASCII)
# What scp takes for a host and a path on it.
_SCP = re.compile(r"[\w-]+@[\w.-]+:([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.ASCII | re.DOTALL)
_SWITCHES = ("submodules", "keep-git-dir", "fetch-by-commit")
_NAMES = ("ref", "tag", "branch", "subdir", "checksum", "commit", "mtime")
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")
_CHECKSUM = re.compile(r"[0-9a-f]{1,64}", re.ASCII)


class GitReference(msgspec.Struct, frozen=True, kw_only=True):
    """A commit of a repository, and a directory in it.

    remote: what the git program fetches from. ref: branch, tag or commit; empty for what the remote takes as its
    own. folder: relative; empty for all. checksum: what the commit's hash begins with. keep_git: whether `.git`
    stays, None where it is not said.
    """

    remote: str
    ref: str = ""
    folder: str = ""
    checksum: str = ""
    keep_git: bool | None = None
    submodules: bool = True

    @property
    def shown(self) -> str:
        """The remote, fit to be shown."""
        return faults.redact(self.remote)


def parse(text: str) -> GitReference | None:
    """Return the repository that a text names; None if it names something else.

    Raises `MalformedError` for one with a query that means nothing.
    """
    if text.startswith("github.com/"):
        # Docker takes it for a repository where it is a context, and for a path elsewhere.
        return None
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _by_url(text) if scheme[1].lower() in _SCHEMES else None
    found = _SCP.fullmatch(text)
    if found is None:
        return None
    return _made(re.split("[?#]", text, maxsplit=1)[0], found[2] or "", found[3] or "")


def short(text: str) -> GitReference | None:
    """Return the repository that `github.com/owner/name` is, which is so only for a context."""
    return _by_url(f"https://{text}", any_path=True) if text.startswith("github.com/") else None


def local(path: str, fragment: str) -> GitReference:
    """Return a repository of this machine. fragment: behind `#`, as in a URL."""
    return _made(path, "", fragment)


def _by_url(text: str, *, any_path: bool = False) -> GitReference | None:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise MalformedError(f"not a URL: {faults.redact(text)}") from error
    if parts.scheme in {"http", "https"} and not (any_path or unquote(parts.path).endswith(".git")):
        return None
    remote = SplitResult(parts.scheme, parts.netloc, parts.path, "", "").geturl()
    return _made(remote, parts.query, unquote(parts.fragment))


def _made(remote: str, query: str, fragment: str) -> GitReference:
    asked = _asked(query, faults.redact(remote))
    ref, _, folder = fragment.partition(":")
    refs = {ref, asked.get("ref", ref)} - {""}
    for kind, prefix in (("tag", "refs/tags/"), ("branch", "refs/heads/")):
        if kind in asked:
            refs.add(prefix + asked[kind].removeprefix(prefix))
    folders = {paths.clean(folder), paths.clean(asked.get("subdir", folder))} - {""}
    if len(refs) > 1 or len(folders) > 1:
        raise MalformedError(
            f"{faults.redact(remote)} is asked for in two ways: {', '.join(sorted(refs if len(refs) > 1 else folders))}"
        )
    ref = next(iter(refs), "")
    if ref.startswith("-") or any(char <= " " or char == "\x7f" for char in ref):
        raise MalformedError(f"not a branch, tag or commit: {ref[:80]!r}", faults.redact(remote))
    checksum = asked.get("checksum", asked.get("commit", ""))
    return GitReference(
        remote=remote,
        ref=ref,
        folder=next(iter(folders), ""),
        checksum=checked(checksum) if checksum else "",
        keep_git=_switch(asked, "keep-git-dir", faults.redact(remote)),
        submodules=_switch(asked, "submodules", faults.redact(remote)) is not False,
    )


def checked(checksum: str) -> str:
    """Return what a commit's hash is to begin with. Raises `MalformedError` if it is no such thing."""
    if not _CHECKSUM.fullmatch(checksum):
        raise MalformedError(
            f"not the hash of a commit: {checksum[:80]!r}",
            hint="write its first digits, or all of them, in lower case",
        )
    return checksum


def _asked(query: str, where: str) -> dict[str, str]:
    asked: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in {*_SWITCHES, *_NAMES}:
            raise MalformedError(
                f"a repository has no {name[:80]!r}", where, f"known are {', '.join((*_NAMES, *_SWITCHES))}"
            )
        if name in asked:
            raise MalformedError(f"{name} is given twice", where)
        if not value and name not in _SWITCHES:
            raise MalformedError(f"{name} has no value", where)
        asked[name] = value
    if asked.get("mtime", "commit") not in {"commit", "checkout"}:
        raise MalformedError(f"mtime is commit or checkout, not {asked['mtime'][:80]!r}", where)
    return asked


def _switch(asked: dict[str, str], name: str, where: str) -> bool | None:
    value = asked.get(name)
    if value is None:
        return None
    if value not in {"", *_TRUE, *_FALSE}:
        raise MalformedError(f"{name} is true or false, not {value[:80]!r}", where)
    return value not in _FALSE
