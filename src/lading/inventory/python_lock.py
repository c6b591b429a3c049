"""Lock files of Python in TOML: poetry.lock, uv.lock, pdm.lock, pylock.toml.

All four are a list of tables, `[[package]]` or (pylock) `[[packages]]`, with `name` and `version`.
They differ in how they tell what only development needs:
- Poetry 1 `category = "dev"`, `optional`; Poetry 2 and PDM `groups`, with `main` or `default` for the
  product; - uv: nothing but the graph, which starts at the packages of the workspace.
Specifications: https://packaging.python.org/en/latest/specifications/pylock-toml/ ,
https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lading.inventory.content import fields, items, text, text_of, toml_of
from lading.inventory.lock_graph import reachable
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.inventory.pypi_name import normal
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_Table = dict[str, object]

_PRODUCT = frozenset(("main", "default"))
_DEVELOPMENT = frozenset(
    ("dev", "develop", "development", "test", "tests", "testing", "lint", "doc", "docs", "typing", "ci")
)
_OWN_SOURCES = ("virtual", "editable", "directory")


def read(reader: str, file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of the lock file, each at the line of its table.

    Raises `MalformedError` for what is not TOML.
    """
    if is_own(file.path):
        yield from packages(file, "pypi", reader, _pins(file))


def _pins(file: TreeFile) -> Iterator[Pin]:
    document = toml_of(file)
    key = "packages" if "packages" in document else "package"
    tables = [fields(entry) for entry in items(document.get(key))]
    product = _product(tables) if file.path.endswith("uv.lock") else None
    for table, line in zip(tables, _lines(text_of(file), f"[[{key}]]", len(tables)), strict=True):
        if _is_own(table):
            continue
        scope = _scope(table) if product is None or _id(table) in product else "dev"
        yield Pin(normal(text(table.get("name"))), text(table.get("version")), line, scope)


def _lines(content: str, header: str, count: int) -> list[int]:
    """Return the lines of the tables; 0 for all where a header is written otherwise."""
    found = [number for number, line in enumerate(content.split("\n"), 1) if line.strip() == header]
    return found if len(found) == count else [0] * count


def _is_own(table: _Table) -> bool:
    """True for what is the project itself: uv's workspace, a directory beside it."""
    source = fields(table.get("source"))
    if any(kind in source for kind in _OWN_SOURCES) or source.get("type") == "directory":
        return True
    return any(fields(part).get("editable") is True for part in (table, table.get("directory")))


def _scope(table: _Table) -> str:
    groups = {text(group) for group in items(table.get("groups"))}
    if table.get("category") == "dev" or (groups and groups <= _DEVELOPMENT):
        return "dev"
    has_product = not groups or bool(groups & _PRODUCT)
    return "" if has_product and table.get("optional") is not True else "optional"


def _id(table: _Table) -> str:
    return f"{normal(text(table.get('name')))} {text(table.get('version'))}"


def _product(tables: list[_Table]) -> set[str] | None:
    """Return what the workspace needs to run, extras included; None if no table is the workspace."""
    versions: dict[str, list[str]] = {}
    edges: dict[str, _Table] = {}
    for table in tables:
        versions.setdefault(normal(text(table.get("name"))), []).append(_id(table))
        edges[_id(table)] = table

    def follow(node: str) -> Iterator[str]:
        table = edges[node]
        extras = fields(table.get("optional-dependencies")).values()
        for group in (table.get("dependencies"), *extras):
            for dependency in map(fields, items(group)):
                name, version = normal(text(dependency.get("name"))), text(dependency.get("version"))
                yield from [f"{name} {version}"] if f"{name} {version}" in edges else versions.get(name, ())

    roots = [_id(table) for table in tables if _is_own(table)]
    return reachable(roots, follow) if roots else None


def _reader(tool: str, *paths: str) -> FileReader:
    name = f"python/{tool}"
    return FileReader(name=name, paths=paths, read=functools.partial(read, name), max_bytes=MAX_LOCK_BYTES)


POETRY = _reader("poetry-lock", "**/poetry.lock")
UV = _reader("uv-lock", "**/uv.lock")
PDM = _reader("pdm-lock", "**/pdm.lock")
PYLOCK = _reader("pylock", "**/pylock.toml", "**/pylock.*.toml")
