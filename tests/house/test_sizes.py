"""Files stop at 500 lines, functions at 60 with their docstring, positional parameters at 5."""

from __future__ import annotations

import ast

import pytest

import source_tree
from source_tree import Module

MAX_FILE_LINES = 500
AIM_FILE_LINES = 150
MAX_FUNCTION_LINES = 60
MAX_POSITIONAL = 5

MODULES = pytest.mark.parametrize("module", source_tree.modules(), ids=lambda module: module.name)


def long_functions(module: Module) -> list[str]:
    return [
        f"{module.place(node)}: {node.name} has {lines} lines"
        for node in source_tree.functions(module.tree)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def crowded_functions(module: Module) -> list[str]:
    return [
        f"{module.place(node)}: {node.name} takes {count} positional parameters"
        for node in source_tree.functions(module.tree)
        if (count := _positional(node.args)) > MAX_POSITIONAL
    ]


def _positional(arguments: ast.arguments) -> int:
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


@MODULES
def test_file_length(module: Module) -> None:
    lines = module.text.count("\n")
    assert lines <= MAX_FILE_LINES, f"{module.path.name} has {lines} lines: cut it where its subject divides"


@MODULES
def test_function_length(module: Module) -> None:
    assert long_functions(module) == []


@MODULES
def test_positional_parameters(module: Module) -> None:
    assert crowded_functions(module) == [], "make the rest keyword-only, or hand in a record"


def test_half_of_the_files_are_near_the_aim() -> None:
    sizes = sorted(module.text.count("\n") for module in source_tree.modules())
    over = sum(size > AIM_FILE_LINES for size in sizes)
    # The aim is reported, only the limit above is held.
    print(f"{over} of {len(sizes)} files are over {AIM_FILE_LINES} lines")  # noqa: T201 - a report
    assert sizes[len(sizes) // 2] <= 2 * AIM_FILE_LINES


@pytest.mark.parametrize(
    ("text", "long", "crowded"),
    [
        pytest.param("def f(a, b, c, d, e):\n" + "    x\n" * 59, 0, 0, id="at-the-limits"),
        pytest.param("def f():\n" + "    x\n" * 60, 1, 0, id="a-line-more"),
        pytest.param("class A:\n    def f(self, a, b, c, d, e): ...\n", 0, 0, id="self-is-free"),
        pytest.param("def f(a, b, /, c, d, e, g): ...\n", 0, 1, id="six"),
        pytest.param("def f(a, *, b, c, d, e, g): ...\n", 0, 0, id="keywords-are-free"),
        pytest.param("def f():\n    async def g():\n" + "        x\n" * 60, 2, 0, id="nested"),
    ],
)
def test_the_rules_themselves(text: str, long: int, crowded: int) -> None:
    module = source_tree.made(text)
    assert (len(long_functions(module)), len(crowded_functions(module))) == (long, crowded)
