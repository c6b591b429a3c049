"""No names that say nothing, and no blocks that hide imports."""

from __future__ import annotations

import ast

import pytest

import source_tree
from source_tree import Module

# Grab-bags, and words that would fit any module (design.md, "The house").
BANNED = frozenset(
    {
        "base",
        "common",
        "config",
        "constants",
        "context",
        "controllers",
        "core",
        "engine",
        "enums",
        "framework",
        "handlers",
        "helper",
        "helpers",
        "interfaces",
        "legacy",
        "manager",
        "managers",
        "misc",
        "models",
        "pipeline",
        "plugins",
        "protocols",
        "service",
        "services",
        "state",
        "types",
        "util",
        "utils",
    }
)


def banned_parts(name: str) -> list[str]:
    return [part for part in name.split(".")[1:] if part.strip("_") in BANNED]


def hidden_imports(module: Module) -> list[str]:
    """Return the places where `TYPE_CHECKING` is used or imported."""
    return [
        module.place(node)
        for node in ast.walk(module.tree)
        if "TYPE_CHECKING"
        in {getattr(node, "id", ""), getattr(node, "attr", "")}
        | {alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)}
    ]


def test_no_banned_module_names() -> None:
    found = [module.name for module in source_tree.modules() if banned_parts(module.name)]
    assert found == [], "name the thing that is in it, or leave it beside its only user"


def test_no_type_checking_blocks() -> None:
    found = [place for module in source_tree.modules() for place in hidden_imports(module)]
    assert found == [], "import what you name; a knot in the imports is to be untied, not hidden"


def test_every_module_says_what_it_is() -> None:
    assert [module.name for module in source_tree.modules() if not _documented(module)] == []


def _documented(module: Module) -> bool:
    return bool(ast.get_docstring(module.tree))


def test_annotations_are_lazy() -> None:
    """`from __future__ import annotations` stands in every module that annotates anything."""
    found = [
        module.name
        for module in source_tree.modules()
        if any(True for _ in source_tree.functions(module.tree))
        and not any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in module.tree.body
        )
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lading.utils", ["utils"]),
        ("lading.oci._helpers.x", ["_helpers"]),
        ("lading.oci.contextual", []),
        ("lading.report.core", ["core"]),
    ],
)
def test_the_rule_on_names_itself(name: str, found: list[str]) -> None:
    assert banned_parts(name) == found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: import x\n", 2),
        ("import typing\nif typing.TYPE_CHECKING: import x\n", 1),
        ("import typing\n", 0),
    ],
)
def test_the_rule_on_imports_itself(text: str, count: int) -> None:
    assert len(hidden_imports(source_tree.made(text))) == count
