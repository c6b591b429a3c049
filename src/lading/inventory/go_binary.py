"""Go programs: the modules they were built from, and the standard library.

The module information is lines of fields parted by tabs: `path` (of the main package), `mod` (the
main module: path, version, sum), `dep` (likewise), `=>` (what replaces the `dep` above it) and,
since Go 1.18, `build` (a setting `key=value`). `go version -m` prints the same.
Specification: https://pkg.go.dev/runtime/debug#BuildInfo, https://go.dev/ref/mod#go-version-m

What is reported, and why:
- A replaced module is the module that replaces it; a local directory in its place keeps the path
  that was replaced and the version `(devel)`, since nobody knows what is in that directory.
- The standard library is `stdlib`, as the Go vulnerability database names it; the release
  `go1.21rc2` is written `1.21.0-rc.2` there. The go command itself is also `toolchain`.
- The main module often has no version, `(devel)`. Then a version that the linker was told to put
  into a variable (`-ldflags "-X main.version=1.2.3"`) is taken if it is the only one. `(devel)` is
  no version: it orders nowhere, so no advisory applies by it.
- A commit after a tag has a version such as `v1.9.2-0.20250812085420-df5de8219b41`, from the highest tag before it
  that the path of the module allows: Grafana 12 has no tags but `v1.9.1` for Go. What the linker was told is right.
- A main module built in a clone without tags has a version such as `v0.0.0-20240102150405-0123456789ab`,
  below every release, whatever the code is. It is `(devel)` too: nearly every advisory would apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.errors import LadingError, MalformedError
from lading.inventory import elf, go_buildinfo, window
from lading.model.package import Location, Package
from lading.oci.reader import FileReader, TreeFile

DEVEL = "(devel)"
_NAME = "go/binary"
_MAX_MODULES = 100_000
_UNTAGGED = re.compile(r"v\d+\.0\.0-\d{14}-[0-9a-f]{12}(?:\+.*)?", re.ASCII)
# Of a commit, which is none of a tag: https://go.dev/ref/mod#pseudo-versions
_PSEUDO = re.compile(r"v\d+\.\d+\.\d+-(?:[^+]{0,200}\.)?0\.\d{14}-[0-9a-f]{12}(?:\+.*)?", re.ASCII)
_RELEASE = re.compile(
    r"go(\d+)\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?(?:b\d+)?(?:[-+ ](?!devel).*)?", re.ASCII
)
# `-X main.version=1.2.3` and its like, as they stand in the recorded flags.
_STAMP = re.compile(r"-X[= ]\s*['\"]?([^\s'\"=]{1,512})=([^\s'\"]{1,256})", re.ASCII)
_STAMPED_NAMES = frozenset({"version", "gitversion", "buildversion", "appversion", "semver"})
_SEMVER = re.compile(r"v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)", re.ASCII)


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the main module, the modules in it in the order of their paths, and `stdlib`.

    Nothing for a file that no Go toolchain made. Raises `MalformedError` or `LimitError` where
    there is build information that cannot be read.
    """
    try:
        found = go_buildinfo.find(window.of(file))
        if found is None:
            return
        yield from _packages(file, found)
    except LadingError as error:
        raise type(error)(error.message, where=file.path) from error


def stdlib_version(go_version: str) -> str:
    """Return a toolchain's version as the Go vulnerability database writes it.

    `go1.21rc2` is `1.21.0-rc.2`, `go1.22.1 X:boringcrypto` is `1.22.1`. What is no release
    (`devel go1.23-...`, `go1.26-devel_...`) is given back as it is: the fixes of 1.26.0 may be missing in it.
    """
    release = _RELEASE.fullmatch(go_version)
    if release is None:
        return go_version
    major, minor, patch, stage, number = release.groups()
    version = f"{major}.{minor}.{patch or 0}"
    return f"{version}-{stage}.{number}" if stage else version


def _packages(file: TreeFile, found: go_buildinfo.Strings) -> Iterator[Package]:
    if not found.go_version:
        raise MalformedError("Go build information without the toolchain's version")
    main_package, main, modules, settings = _parse(found.modules)
    if main is not None and main[0]:
        yield _package(file, main[0], _main_version(main, settings))
    for path, version in sorted({module for module in modules if module[0]}):
        yield _package(file, path, version)
    release = stdlib_version(found.go_version)
    yield _package(file, "stdlib", release)
    if main_package == "cmd/go":
        yield _package(file, "toolchain", release)


def _parse(text: str) -> tuple[str, tuple[str, str] | None, list[tuple[str, str]], dict[str, str]]:
    """Return the main package, the main module, the modules, the build settings."""
    main_package, main = "", None
    modules: list[tuple[str, str]] = []
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        kind, *fields = line.split("\t")
        if kind == "path" and fields:
            main_package = fields[0]
        elif kind == "mod" and fields:
            main = _module(fields)
        elif kind == "dep" and fields:
            modules.append(_module(fields))
        elif kind == "=>" and fields and modules:
            modules[-1] = _replaced(modules[-1], _module(fields))
        elif kind == "build" and fields:
            key, _, value = fields[0].partition("=")
            settings[key] = _unquoted(value)
        if len(modules) > _MAX_MODULES:
            raise MalformedError(f"Go program with more than {_MAX_MODULES} modules")
    return main_package, main, modules, settings


def _module(fields: list[str]) -> tuple[str, str]:
    return fields[0], (fields[1] if len(fields) > 1 and fields[1] else DEVEL)


def _replaced(old: tuple[str, str], new: tuple[str, str]) -> tuple[str, str]:
    """Return `new`, or the old path without a version if `new` is a directory."""
    return (old[0], DEVEL) if new[1] == DEVEL else new


def _unquoted(value: str) -> str:
    """Return a setting's value without the quotes that Go puts around one with odd characters."""
    if len(value) > 1 and value[0] == value[-1] == "`":
        return value[1:-1]
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _main_version(main: tuple[str, str], settings: dict[str, str]) -> str:
    path, version = main
    known = "" if version == DEVEL or _UNTAGGED.fullmatch(version) else version
    if known and not _PSEUDO.fullmatch(known):
        return known
    return _stamped(path, settings.get("-ldflags", "")) or known or DEVEL


def _stamped(main_path: str, ldflags: str) -> str:
    """Return the one version that the linker was told to set, or nothing if none or several."""
    versions = set()
    for variable, value in _STAMP.findall(ldflags):
        owner, _, name = variable.rpartition(".")
        semver = _SEMVER.fullmatch(value)
        # Other modules' variables may tell those modules' versions.
        own = owner in {"main", main_path} or owner.startswith(f"{main_path}/")
        if own and semver and name.lower() in _STAMPED_NAMES:
            versions.add(f"v{semver[1]}")
    return versions.pop() if len(versions) == 1 else ""


def _package(file: TreeFile, path: str, version: str) -> Package:
    return Package(type="golang", name=path, version=version, locations=(Location(file.path),), reader=_NAME)


GO_BINARY = FileReader(name=_NAME, read=read, magic=elf.MAGIC, max_bytes=2 * 2**30, version=2)
