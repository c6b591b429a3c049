from __future__ import annotations

import pytest

from lading.lint import load
from lading.lint.page import page, title
from lading.record import replace


def test_a_page() -> None:
    rule = replace(load("DL3004"), title="T.", why="W.", bad=("FROM a\n",), good=("FROM b\n",))
    assert page(rule, "##") == (
        "## DL3004\n\nT.\n\nLevel: error. Fix: `--fix`.\n\nW.\n\n"
        "Found:\n\n```dockerfile\nFROM a\n```\n\nBetter:\n\n```dockerfile\nFROM b\n```\n"
    )


def test_a_fence_in_an_example_does_not_end_it() -> None:
    rule = replace(load("DL3004"), bad=("RUN ```\n",))
    assert "````dockerfile\nRUN ```\n````" in page(rule)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("DL3004", load("DL3004").title),
        ("DL1000", "The Dockerfile cannot be built as it is written."),
        ("SC2086", "The value of a variable is cut at spaces, and patterns in it are looked up."),
        ("SC2299", "ShellCheck's SC2299: https://www.shellcheck.net/wiki/SC2299"),
        ("XX1", "XX1"),
    ],
)
def test_titles(code: str, told: str) -> None:
    assert title(code) == told
