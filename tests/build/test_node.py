from __future__ import annotations

from lading.build.node import Changes, Item, Node, sorted_items

IN_ORDER = ["", "a", "a/b", "a/b/c", "a/\udcff", "a!", "a-b", "b", "é"]


def test_parents_come_first_and_names_are_sorted_by_bytes() -> None:
    items = [Item(Node(path=path)) for path in IN_ORDER[::-1]]
    assert [item.node.path for item in sorted_items(items)] == IN_ORDER


def test_changes_of_nothing_are_false() -> None:
    assert not Changes()
    assert Changes(whiteouts=("etc/x",))
    assert Changes(opaque=("etc",))
    assert Changes(items=(Item(Node(path="etc")),))
