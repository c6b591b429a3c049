"""Installed Node packages: `package.json`.

What a package is, is decided by the place of the file:
- `node_modules/NAME` and `node_modules/@SCOPE/NAME`, at any depth, is where Node looks for
  packages, `usr/share/nodejs/NAME` likewise on Debian. The file counts there whenever it has a name
  and a version.
- Deeper inside such a package lie parts of it (`{"type": "module"}`), test data (some of it broken
  on purpose), and copies of others: the file counts where its directory is called like the package
  in it, and no directory of tests or examples is above.
- Elsewhere (an application, yarn in `/opt`) it counts unless it is `private`: nothing private was
  ever published, so an advisory that names it means another.
- An extension of VS Code (`engines` has `vscode`) is of another registry, and has a name of that: the `pug` 1.0.0
  in code-server colours templates. It counts only where npm has put it.
Specification: https://docs.npmjs.com/cli/configuring-npm/package-json
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lading.errors import MalformedError
from lading.inventory.content import fields, json_object, json_value
from lading.inventory.pins import stated
from lading.model.package import Location, Package
from lading.oci.reader import MIB, FileReader, TreeFile

_NAME = "node/package"
_TESTS = frozenset(
    ("test", "tests", "__tests__", "fixtures", "__fixtures__", "spec", "example", "examples", "mocks")
)


_DEBIAN_ROOTS = ("usr/share/nodejs/", "usr/lib/nodejs/")


class _Package(msgspec.Struct):
    name: object = None
    version: object = None
    private: object = None
    engines: object = None
    license: object = None
    licenses: object = None


_FAST = msgspec.json.Decoder(_Package)


def read(file: TreeFile) -> Iterator[Package]:
    """Yield the package, if the file is one; its `key` is the directory.

    Raises `MalformedError` for what is not JSON, where a package should be.
    """
    yield from packages(file, _NAME)


def packages(file: TreeFile, reader: str) -> Iterator[Package]:
    """Yield what `read` yields, found by the reader of this name."""
    directory = file.path.removesuffix("/package.json")
    inner = _below_root(directory)
    depth = inner.count("/") - inner.startswith("@") if inner else -1
    if depth > 0 and not _TESTS.isdisjoint(inner.split("/")):
        return
    try:
        package = _decoded(file)
    except MalformedError:
        if depth > 0:
            return
        raise
    name, version = stated(package.name), stated(package.version).lstrip("=v")
    if not (name and version) or (depth and _is_of_no_registry(package)):
        return
    if depth > 0 and directory.rpartition("/")[2] != name.rpartition("/")[2]:
        return
    yield Package(
        type="npm",
        name=name,
        version=version,
        licenses=licenses(package.license, package.licenses),
        locations=(Location(file.path),),
        key=directory,
        reader=reader,
    )


def _is_of_no_registry(package: _Package) -> bool:
    """Tell whether a package that npm has not installed cannot be one of npm's."""
    return package.private is True or "vscode" in fields(package.engines)


def _below_root(directory: str) -> str:
    """Return the part of the path below the innermost directory where Node looks for packages."""
    outer, found, inner = directory.rpartition("node_modules/")
    if found and (not outer or outer[-1] == "/"):
        return inner
    return next((directory[len(root) :] for root in _DEBIAN_ROOTS if directory.startswith(root)), "")


def _decoded(file: TreeFile) -> _Package:
    try:
        return _FAST.decode(file.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # One field that cannot be represented must not cost the others.
        members = json_object(file.data, file.path)
        return _Package(**{name: json_value(members.get(name)) for name in _Package.__struct_fields__})


def licenses(*stated_forms: object) -> tuple[str, ...]:
    """Return the licences named by the fields `license` and `licenses`, in any form they ever had.

    A name, `{"type": name, "url": ...}`, or a list of either.
    """
    names: dict[str, None] = {}
    for form in stated_forms:
        for entry in form if isinstance(form, list) else [form]:
            named = entry.get("type") or entry.get("name") if isinstance(entry, dict) else entry
            if isinstance(named, str) and named.strip():
                names[named.strip()] = None
    return tuple(names)


PACKAGE = FileReader(name=_NAME, paths=("**/package.json",), read=read, max_bytes=4 * MIB, version=2)
