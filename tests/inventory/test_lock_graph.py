from __future__ import annotations

import pytest

from lading.inventory.lock_graph import reachable

EDGES = {"app": ["a", "b"], "a": ["c"], "b": ["c"], "c": ["a"], "dev": ["c", "d"]}


@pytest.mark.parametrize(
    ("roots", "found"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(["app"], "a app b c", id="diamond-and-cycle"),
        pytest.param(["dev"], "a c d dev", id="other-root"),
        pytest.param(["c", "gone"], "a c gone", id="unknown-root"),
    ],
)
def test_reachable(roots: list[str], found: str) -> None:
    assert sorted(reachable(roots, lambda node: EDGES.get(node, ()))) == found.split()


def test_a_long_chain_is_no_recursion() -> None:
    chain = reachable(["0"], lambda node: [str(int(node) + 1)] if int(node) < 50_000 else [])
    assert len(chain) == 50_001
