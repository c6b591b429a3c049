"""Every error derives from LadingError, is raised somewhere, and survives pickling."""

from __future__ import annotations

import ast
import builtins
import pickle

import pytest

import source_tree
from lading import errors
from lading.errors import LadingError
from source_tree import Module

_BUILTIN_ERRORS = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
CHILDREN = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, LadingError) and value is not LadingError
]


def error_classes(module: Module) -> dict[str, list[str]]:
    """Return the classes of a module that are errors by their name or bases, with their bases' names."""
    found = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            bases = [getattr(base, "attr", getattr(base, "id", "")) for base in node.bases]
            if node.name.endswith("Error") or any(
                base.endswith("Error") or base in _BUILTIN_ERRORS for base in bases
            ):
                found[node.name] = bases
    return found


def raised_names(module: Module) -> set[str]:
    """Return the names that a module raises, or makes to be raised by others (`return UsageError(...)`)."""
    return {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
    } | {
        node.exc.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name)
    }


def _all_classes() -> dict[str, list[str]]:
    return {name: bases for module in source_tree.modules() for name, bases in error_classes(module).items()}


def test_every_error_derives_from_the_root() -> None:
    classes = _all_classes()
    known = {"LadingError"}
    while grown := {name for name, bases in classes.items() if known & set(bases)} - known:
        known |= grown
    assert sorted(set(classes) - known) == []


def test_every_error_is_raised() -> None:
    raised = {name for module in source_tree.modules() for name in raised_names(module)}
    assert sorted(set(_all_classes()) - raised - {"LadingError"}) == [], (
        "a class is born with its first raise"
    )


def test_the_root_is_never_raised() -> None:
    found = [module.name for module in source_tree.modules() if "LadingError" in raised_names(module)]
    assert found == []


@pytest.mark.parametrize("kind", CHILDREN, ids=lambda kind: kind.__name__)
def test_errors_pickle(kind: type[LadingError]) -> None:
    error = kind("what", "where", "hint")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.message, copy.where, copy.hint, str(copy)) == ("what", "where", "hint", "where: what")


@pytest.mark.parametrize("kind", CHILDREN, ids=lambda kind: kind.__name__)
def test_exit_status(kind: type[LadingError]) -> None:
    assert kind.exit_status in {2, 3}
    assert f"{kind.__name__} " in (errors.__doc__ or "")


def test_the_rules_themselves() -> None:
    module = source_tree.made(
        "class AError(LadingError): ...\nclass B(ValueError): ...\nclass C: ...\n"
        "def f():\n    raise AError('x')\ndef g():\n    raise B\n"
    )
    assert error_classes(module) == {"AError": ["LadingError"], "B": ["ValueError"]}
    assert raised_names(module) == {"AError", "B"}
