"""package-lock.json and npm-shrinkwrap.json: what npm installs.

Version 1 has a tree of `dependencies` by name; 2 and 3 have `packages` by path, where
`node_modules/a/node_modules/b` is a package and any other path is the project's own. An alias has
the real name in `name` (2, 3) or as `npm:real@1.2.3` in `version` (1).
Specification: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import LimitError
from lading.inventory.content import data_of, fields, json_members, json_object, json_value, text
from lading.inventory.node_package import licenses
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "node/npm-lock"
MAX_DEPTH = 200


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of the lock file, with scope `dev` or `optional`; raises `MalformedError`."""
    if is_own(file.path):
        yield from packages(file, "npm", _NAME, _pins(file))


def _pins(file: TreeFile) -> Iterator[Pin]:
    document = json_object(data_of(file), file.path)
    by_path = json_members(document.get("packages"))
    for path, raw in by_path.items():
        entry = fields(json_value(raw))
        if "node_modules/" in path and entry.get("link") is not True:
            name = text(entry.get("name")) or path.rpartition("node_modules/")[2]
            yield _pin(name, text(entry.get("version")), entry)
    if not by_path:
        yield from _tree(fields(json_value(document.get("dependencies"))), file.path)


def _tree(dependencies: dict[str, object], where: str, depth: int = 0) -> Iterator[Pin]:
    if depth > MAX_DEPTH:
        raise LimitError("dependencies nested too deeply", where)
    for name, value in dependencies.items():
        entry = fields(value)
        version = text(entry.get("version"))
        if version.startswith("npm:"):
            real, _, version = version[4:].rpartition("@")
            yield _pin(real, version, entry)
        elif version and ":" not in version:
            yield _pin(name, version, entry)
        yield from _tree(fields(entry.get("dependencies")), where, depth + 1)


def _pin(name: str, version: str, entry: dict[str, object]) -> Pin:
    # `devOptional`: development needs it, and so does something optional.
    scope = next((scope for scope in ("dev", "optional") if entry.get(scope) is True), "")
    scope = scope or ("optional" if entry.get("devOptional") is True else "")
    return Pin(name, version, scope=scope, licenses=licenses(entry.get("license")))


NPM_LOCK = FileReader(
    name=_NAME, paths=("**/package-lock.json", "**/npm-shrinkwrap.json"), read=read, max_bytes=MAX_LOCK_BYTES
)
