from __future__ import annotations

import io

import pytest

from lading.build import mode_change
from lading.build.layer_index import of_changes
from lading.build.node import DIRECTORY, FILE, HARDLINK, SYMLINK, Node
from lading.build.placing import Owned, Placing, Source
from lading.build.tree import Tree
from lading.errors import MalformedError

SOURCE = Source(lambda path: io.BytesIO(path.encode()), lambda _: None, 0)


def _tree(*nodes: Node) -> Tree:
    tree = Tree()
    for node in nodes:
        tree.add(node, 0)
    return tree


def _folder(path: str, mode: int = 0o755, uid: int = 0, mtime_ns: int = 0) -> Node:
    return Node(path=path, kind=DIRECTORY, mode=mode, uid=uid, mtime_ns=mtime_ns)


def test_folders_get_owner_and_time() -> None:
    placing = Placing(_tree(_folder("a", mode=0o700, uid=5)))
    placing.folders("a/b/c", Owned(owner=(1, 2), time_ns=7))
    items = placing.changes().items
    assert [
        (one.node.path, one.node.mode, one.node.uid, one.node.gid, one.node.mtime_ns) for one in items
    ] == [
        ("a/b", 0o755, 1, 2, 7),
        ("a/b/c", 0o755, 1, 2, 7),
    ]


def test_a_file_in_the_way() -> None:
    placing = Placing(_tree(Node(path="a")))
    with pytest.raises(MalformedError, match="/a is no directory"):
        placing.folders("a/b", Owned())


def test_a_directory_merges_and_its_like_is_left_out() -> None:
    tree = _tree(
        _folder("d", mode=0o700), _folder("d/same", mtime_ns=3), _folder("d/other"), Node(path="d/old")
    )
    placing = Placing(tree)
    entries = [
        ("", _folder("s", mode=0o755, mtime_ns=1)),
        ("other", _folder("s/other", mode=0o711)),
        ("same", _folder("s/same", mtime_ns=3)),
        ("same/new", Node(path="s/same/new")),
    ]
    placing.merge([(entry, False) for entry in entries], "d", SOURCE, Owned())
    items = placing.changes().items
    assert [(one.node.path, one.node.mode) for one in items] == [("d/other", 0o711), ("d/same/new", 0o644)]
    assert items[0].open is None
    assert items[1].open is not None
    assert items[1].open().read() == b"s/same/new"


@pytest.mark.parametrize(
    ("there", "new", "words"),
    [
        (_folder("d/x"), Node(path="s/x"), "/d/x is a directory, and cannot be replaced by the file s/x"),
        (Node(path="d/x"), _folder("s/x"), "/d/x is a file, and cannot be replaced by the directory s/x"),
        (
            Node(path="d/x", kind=SYMLINK, link="/"),
            _folder("s/x"),
            "/d/x is a symlink, and cannot be replaced by the directory s/x",
        ),
    ],
)
def test_what_cannot_be_replaced(there: Node, new: Node, words: str) -> None:
    placing = Placing(_tree(_folder("d"), there))
    with pytest.raises(MalformedError) as caught:
        placing.merge([(("", _folder("s")), False), (("x", new), False)], "d", SOURCE, Owned())
    assert str(caught.value) == words


def test_a_symlink_is_replaced_by_a_file_and_not_followed() -> None:
    placing = Placing(_tree(_folder("d"), Node(path="d/x", kind=SYMLINK, link="/etc/passwd")))
    placing.merge([(("", _folder("s")), False), (("x", Node(path="s/x")), False)], "d", SOURCE, Owned())
    assert [(one.node.path, one.node.kind) for one in placing.changes().items] == [("d/x", FILE)]


def test_modes_and_owners() -> None:
    owned = Owned(owner=(1, 2), mode=mode_change.parse("u=rwX,go="))
    assert owned.node(Node(path="a", mode=0o644, uid=9), "b") == Node(path="b", mode=0o600, uid=1, gid=2)
    assert owned.node(_folder("a"), "b").mode == 0o700
    assert owned.node(Node(path="a", kind=SYMLINK, mode=0o755, link="x"), "b").mode == 0o777


def _twins(placing: Placing, names: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    for path, twin in names:
        placing.put(Node(path=path, size=3), lambda: io.BytesIO(b"abc"), twin or None)
    return [(one.node.path, one.node.kind, one.node.link) for one in placing.changes().items]


def test_names_of_one_file_become_hard_links() -> None:
    placing = Placing(Tree())
    assert _twins(placing, [("b", "1"), ("a", "1"), ("c", "2"), ("d", ""), ("e", "")]) == [
        ("a", FILE, ""),
        ("b", HARDLINK, "a"),
        ("c", FILE, ""),
        ("d", FILE, ""),
        ("e", FILE, ""),
    ]
    assert of_changes(placing.changes()).nodes[1].size == 0


def test_a_name_that_is_overwritten_is_no_hard_link_any_more() -> None:
    assert _twins(Placing(Tree()), [("a", "1"), ("b", "1"), ("a", "")]) == [("a", FILE, ""), ("b", FILE, "")]


def test_a_directory_that_comes_back_hides_what_was_in_it() -> None:
    """As in an archive that has the directory as a file first, and as a directory again later."""
    tree = _tree(_folder("d"), Node(path="d/old"), _folder("d/sub"), Node(path="d/sub/old"))
    placing = Placing(tree)
    placing.put(Node(path="d/sub/new"))
    placing.put(Node(path="d"))
    placing.put(_folder("d"))
    placing.put(_folder("d/sub"))
    changes = placing.changes()
    assert [one.node.path for one in changes.items] == ["d", "d/sub"]
    assert changes.opaque == ("d", "d/sub")
    after = tree.copy()
    after.apply(of_changes(changes), 1)
    assert [node.path for node in after.walk()] == ["", "d", "d/sub"]
    assert len(tree) == 5


def test_what_was_placed_is_seen() -> None:
    placing = Placing(Tree())
    placing.put(Node(path="link", kind=SYMLINK, link="made"))
    assert placing.resolve("link/x") == "made/x"
    assert placing.is_new("link")
    assert not placing.is_new("made")
