"""Versions of Go modules: what `go install path@latest` would take.

As the go command: the highest release that is not retracted, else the highest pre-release, else what
`@latest` says. `+incompatible` versions count only if no lower version has a go.mod. The path may be a
package below a module: the longest part of it that is a module counts.
Protocol: https://go.dev/ref/mod#goproxy-protocol, retractions: https://go.dev/ref/mod#go-mod-file-retract
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import msgspec

from lading.errors import LadingError, MalformedError
from lading.faults import redact
from lading.lint.pins_fetch import Pinned, Unknown, each
from lading.lint.pins_index import Index
from lading.versions import semver

_MAX_BYTES = 8 * 2**20
_MAX_PARTS = 12
_PATH = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?(?:/[A-Za-z0-9._~!+-]+)*", re.ASCII)
_VERSION = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,100})?(?:\+incompatible)?", re.ASCII)
_MAJOR = re.compile(r"v[2-9]|v[1-9]\d+", re.ASCII)
_RETRACT_LINE = re.compile(r"retract\s+([^(\s].*)")
_INTERVAL = re.compile(r"\[\s*([^\s,]+)\s*,\s*([^\s,]+)\s*\]")
# Hosts whose repositories are the first parts of a path: shorter ones are no modules.
_REPOSITORY_PARTS = {"github.com": 3, "gitlab.com": 3, "bitbucket.org": 3, "golang.org": 3, "gopkg.in": 2}


class _Info(msgspec.Struct):
    version: str = msgspec.field(default="", name="Version")


def look(index: Index, names: tuple[str, ...]) -> Pinned:
    """Return the version of the module of each package path, or why there is none."""
    return each(names, lambda name: _version(index, name))


def _version(index: Index, path: str) -> str | Unknown:
    path = path.removesuffix("/...").rstrip("/")
    if len(path) > 300 or not _PATH.fullmatch(path):  # noqa: PLR2004 - longer than any module's
        return Unknown(f"not the path of a Go package from elsewhere: {path[:80]!r}", absent=True)
    found = index.fetch.remembered(f"go {index.bases.go} {path}", str, lambda: _of_module(index, path))
    return found or Unknown(f"no module for {path} on the proxy", absent=True)


def _of_module(index: Index, path: str) -> str | None:
    for module in _modules(path):
        url = f"{index.bases.go}/{_escaped(module)}"
        found = index.fetch.remembered(f"go {url}", str, partial(_latest, index, url, module))
        if found:
            return found
    return None


def _modules(path: str) -> Iterator[str]:
    """Yield the paths that may be the module's, longest first."""
    parts = path.split("/")[:_MAX_PARTS]
    least = _REPOSITORY_PARTS.get(parts[0], 1)
    for count in range(len(parts), min(least, len(parts)) - 1, -1):
        yield "/".join(parts[:count])


def _escaped(path: str) -> str:
    """Return a path as the proxy has it: `!` and the small letter for a capital."""
    return re.sub(r"[A-Z]", lambda found: f"!{found[0].lower()}", path)


def _latest(index: Index, url: str, module: str) -> str | None:
    listed = index.fetch.bytes(f"{url}/@v/list", _MAX_BYTES)
    versions = [one for one in (listed or b"").decode("utf-8", "replace").split() if _VERSION.fullmatch(one)]
    versions.sort(key=semver.key)
    if versions:
        chosen = _chosen(index, url, module, versions)
        if chosen:
            return chosen
    body = index.fetch.bytes(f"{url}/@latest", _MAX_BYTES)
    if body is None:
        return None
    try:
        version = msgspec.json.decode(body, type=_Info).version
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(f"not what a module proxy says: {error}", redact(url)) from error
    return version if _VERSION.fullmatch(version) else None


def _chosen(index: Index, url: str, module: str, versions: list[str]) -> str:
    """Return the version of a rising list that `latest` means; empty if all are retracted."""
    compatible = [one for one in versions if not one.endswith("+incompatible")]
    mod = _go_mod(index, url, _newest(compatible or versions))
    if compatible and mod.strip() != f"module {module}":  # the proxy's go.mod for what has none
        versions = compatible
    elif len(compatible) < len(versions):
        mod = _go_mod(index, url, _newest(versions))
    retracted = _retractions(mod)
    return _newest([one for one in versions if not _is_retracted(one, retracted)])


def _newest(versions: list[str]) -> str:
    """Return the last release of a rising list, else the last of all; empty if there is none."""
    releases = [one for one in versions if "-" not in one]
    return (releases or versions or [""])[-1]


def _go_mod(index: Index, url: str, version: str) -> str:
    body = index.fetch.bytes(f"{url}/@v/{version}.mod", _MAX_BYTES)
    return (body or b"").decode("utf-8", "replace")


def _retractions(go_mod: str) -> list[tuple[str, str]]:
    """Return first and last version of each `retract`, in lines of their own or in a block."""
    found: list[tuple[str, str]] = []
    within = False
    for raw in go_mod.splitlines():
        line = raw.partition("//")[0].strip()
        single = _RETRACT_LINE.fullmatch(line)
        if single:
            found += _interval(single[1])
        elif re.fullmatch(r"retract\s*\(", line):
            within = True
        elif line == ")":
            within = False
        elif within and line:
            found += _interval(line)
    return found


def _interval(text: str) -> list[tuple[str, str]]:
    both = _INTERVAL.fullmatch(text.strip())
    first, last = (both[1], both[2]) if both else (text.strip(), text.strip())
    return [(first.strip('"`'), last.strip('"`'))]


def _is_retracted(version: str, retracted: list[tuple[str, str]]) -> bool:
    key = semver.key(version)
    for first, last in retracted:
        try:
            if semver.key(first) <= key <= semver.key(last):
                return True
        except LadingError:
            continue
    return False
