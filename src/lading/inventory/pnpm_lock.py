"""pnpm-lock.yaml: what pnpm installs.

`packages` has one key per package: `/name/1.0.0_peers` (version 5), `/name@1.0.0(peers)` (6),
`name@1.0.0` (9). Up to 6 `dev: true` marks what only development needs; since 9 that follows from
the graph: `importers` are the roots, `snapshots` the edges.
Specification: https://github.com/pnpm/spec/tree/master/lockfile
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.inventory.content import fields, text, yaml_documents
from lading.inventory.lock_graph import reachable
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_NAME = "node/pnpm-lock"
_RUN = ("dependencies", "optionalDependencies")


def read(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of the lock file, with scope `dev` or `optional`; raises `MalformedError`."""
    if is_own(file.path):
        yield from packages(file, "npm", _NAME, _pins(file))


def _pins(file: TreeFile) -> Iterator[Pin]:
    for document in yaml_documents(file):
        yield from _document(fields(document))


def _document(document: dict[str, object]) -> Iterator[Pin]:
    slashed = text(document.get("lockfileVersion")).startswith("5")
    product = _product(document) if "snapshots" in document else None
    snapshots = fields(document.get("snapshots")).items()
    optional = {_bare(key) for key, entry in snapshots if fields(entry).get("optional") == "true"}
    optional -= {_bare(key) for key, entry in snapshots if fields(entry).get("optional") != "true"}
    for key, value in fields(document.get("packages")).items():
        entry = fields(value)
        if fields(entry.get("resolution")).get("type") == "directory":  # the project's own
            continue
        name, version = _by_slash(key) if slashed else _by_at(key)
        scope = next((scope for scope in ("dev", "optional") if entry.get(scope) == "true"), "")
        if product is not None:
            scope = ("optional" if key in optional else "") if key in product else "dev"
        yield Pin(text(entry.get("name")) or name, text(entry.get("version")) or version, scope=scope)


def _by_slash(key: str) -> tuple[str, str]:
    """Split `/@scope/name/1.0.0_peers`, or `registry/name/1.0.0`."""
    parts = key.split("/")[1:]
    count = 2 if parts and parts[0].startswith("@") else 1
    version = parts[count] if len(parts) > count else ""
    return "/".join(parts[:count]), version.partition("_")[0]


def _by_at(key: str) -> tuple[str, str]:
    """Split `@scope/name@1.0.0(peers)`, with or without `/` before it."""
    name, _, version = key.removeprefix("/").partition("(")[0].rpartition("@")
    return name, "" if ":" in version else version


def _product(document: dict[str, object]) -> set[str]:
    """Return the keys of `packages` that follow from the dependencies of the importers."""
    snapshots = fields(document.get("snapshots"))
    roots: set[str] = set()
    for importer in map(fields, fields(document.get("importers")).values()):
        for kind in _RUN:
            for name, wanted in fields(importer.get(kind)).items():
                roots.add(_key(name, text(fields(wanted).get("version")), snapshots))

    def follow(key: str) -> Iterator[str]:
        snapshot = fields(snapshots.get(key))
        for kind in _RUN:
            for name, version in fields(snapshot.get(kind)).items():
                yield _key(name, text(version), snapshots)

    return {_bare(key) for key in reachable(roots, follow)}


def _bare(key: str) -> str:
    """Return the key without the peers, which make several snapshots of one package."""
    return key.partition("(")[0]


def _key(name: str, version: str, snapshots: dict[str, object]) -> str:
    """Return the key that a dependency stands for: an alias has the real name in its version."""
    return version if version in snapshots else f"{name}@{version}"


PNPM_LOCK = FileReader(name=_NAME, paths=("**/pnpm-lock.yaml",), read=read, max_bytes=MAX_LOCK_BYTES)
