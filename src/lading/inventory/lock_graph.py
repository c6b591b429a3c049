"""Which entries of a lock file the product needs, and which only its development."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def reachable(roots: Iterable[str], edges: Callable[[str], Iterable[str]]) -> set[str]:
    """Return `roots` and all that follows from them by `edges`; cycles are fine."""
    found = set(roots)
    todo = list(found)
    while todo:
        for neighbour in edges(todo.pop()):
            if neighbour not in found:
                found.add(neighbour)
                todo.append(neighbour)
    return found
