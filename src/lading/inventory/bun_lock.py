"""bun.lock: what Bun installs. JSON that may have trailing commas and comments.

`packages` has one list per package; its first item is `name@1.0.0`, its key the place in
node_modules (`a/b`: b below a). `workspaces` are the project's own, and the roots of the graph.
Specification: https://bun.sh/docs/install/lockfile
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.inventory.content import fields, items, json_object, json_value, text, text_of
from lading.inventory.lock_graph import reachable
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "node/bun-lock"
_RUN = ("dependencies", "optionalDependencies", "peerDependencies")
# A string is matched whole, so that nothing inside it is taken for a comma or comment; an open one too,
# since trying again at each further quotation mark takes quadratic time.
_LOOSE = re.compile(r'("(?:[^"\\]|\\.)*+"?)|//[^\n]*+|,(?=\s*+[}\]])')


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of the lock file, with scope `dev` or none; raises `MalformedError`."""
    if is_own(file.path):
        yield from packages(file, "npm", _NAME, _pins(file))


def _pins(file: TreeFile) -> Iterator[Pin]:
    strict = _LOOSE.sub(r"\1", text_of(file))
    document = json_object(strict.encode(), file.path)
    entries = fields(json_value(document.get("packages")))
    product = _product(entries, fields(json_value(document.get("workspaces"))))
    for key, entry in entries.items():
        described = text(next(iter(items(entry)), ""))
        name, _, version = described.rpartition("@")
        if not version.startswith("workspace:"):
            yield Pin(name, version.removeprefix("npm:"), scope="" if key in product else "dev")


def _product(entries: dict[str, object], workspaces: dict[str, object]) -> set[str]:
    """Return the keys of the entries that follow from what the workspaces need to run."""

    def needs(owner: str, tables: dict[str, object]) -> Iterator[str]:
        for kind in _RUN:
            for name in fields(tables.get(kind)):
                found = _resolved(owner, name, entries)
                if found:
                    yield found

    def follow(key: str) -> Iterator[str]:
        for part in items(entries[key]):
            yield from needs(key, fields(part))

    roots = [key for workspace in workspaces.values() for key in needs("", fields(workspace))]
    return reachable(roots, follow)


def _resolved(owner: str, name: str, entries: dict[str, object]) -> str:
    """Return the key of the nearest `name` as seen from `owner`, as Node would look for it."""
    while owner:
        if f"{owner}/{name}" in entries:
            return f"{owner}/{name}"
        owner = owner.rpartition("/")[0]
        if owner.rpartition("/")[2].startswith("@"):  # half of a scoped name
            owner = owner.rpartition("/")[0]
    return name if name in entries else ""


BUN_LOCK = FileReader(name=_NAME, paths=("**/bun.lock",), read=read, max_bytes=MAX_LOCK_BYTES)
