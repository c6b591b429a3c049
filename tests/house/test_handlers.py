"""There is exactly one broad `except`: around a reader, in the walk."""

from __future__ import annotations

import ast

import pytest

import source_tree
from source_tree import Module

THE_ONE = "lading.oci.walk"
_BROAD = {"Exception", "BaseException"}


def broad_handlers(module: Module) -> list[str]:
    """Return the places of handlers that take anything; one that ends in a bare `raise` only cleans up."""
    return [
        module.place(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _takes_all(node) and not _raises_again(node)
    ]


def _takes_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in _BROAD for one in types)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def suppressing_all(module: Module) -> list[str]:
    """Return the places of `suppress(Exception)`, a broad handler in other clothes."""
    return [
        module.place(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "suppress"
        and any(isinstance(one, ast.Name) and one.id in _BROAD for one in node.args)
    ]


def test_there_is_one_at_most_and_it_is_in_the_walk() -> None:
    places = {module.name: broad_handlers(module) for module in source_tree.modules()}
    found = {name: handlers for name, handlers in places.items() if handlers}
    assert list(found) in ([], [THE_ONE]), f"broad handlers outside {THE_ONE}: {found}"
    assert sum(map(len, found.values())) <= 1


def test_nothing_is_suppressed_wholesale() -> None:
    assert [place for module in source_tree.modules() for place in suppressing_all(module)] == []


@pytest.mark.parametrize(
    ("handler", "broad"),
    [
        ("except:\n    pass", True),
        ("except Exception:\n    pass", True),
        ("except (ValueError, BaseException) as error:\n    x = 1", True),
        ("except Exception:\n    x = 1\n    raise", False),
        ("except Exception as error:\n    raise ValueError from error", True),
        ("except ValueError:\n    pass", False),
    ],
)
def test_the_rule_itself(handler: str, *, broad: bool) -> None:
    assert bool(broad_handlers(source_tree.made(f"try:\n    f()\n{handler}\n"))) is broad


def test_the_rule_on_suppress_itself() -> None:
    assert suppressing_all(source_tree.made("with contextlib.suppress(OSError, Exception): f()"))
    assert not suppressing_all(source_tree.made("with suppress(OSError): f()"))
