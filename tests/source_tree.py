"""Lading's own sources as syntax trees, for the tests that hold the rules of the house."""

from __future__ import annotations

import ast
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import needs

PACKAGE = needs.ROOT / "src" / "lading"


@dataclass(frozen=True)
class Module:
    """A module of Lading. name: as imported. path: of its file, from the root. text: its source."""

    name: str
    path: Path
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        """The part directly below `lading` that it belongs to; empty for `lading` itself."""
        return "".join(self.name.split(".")[1:2])

    def place(self, node: ast.AST) -> str:
        """Return file and line of a node, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def made(text: str, name: str = "lading.made") -> Module:
    """Return a module that does not exist, to try a rule on."""
    return Module(name, Path("made.py"), text)


@functools.cache
def modules() -> tuple[Module, ...]:
    """Return every module of Lading, packages included, sorted by name."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if not any(part.startswith(".") for part in parts):
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path.relative_to(needs.ROOT), path.read_text("utf-8")))
    return tuple(sorted(found, key=lambda module: module.name))


def direct_children() -> set[str]:
    """Return the names of packages and modules directly below `lading`, dunder files left out."""
    return {module.package for module in modules()} - {""}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield all functions and methods, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@functools.cache
def pyproject() -> dict[str, object]:
    """Return pyproject.toml."""
    return tomllib.loads((needs.ROOT / "pyproject.toml").read_text("utf-8"))
