from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import imaging
from lading.build import tree as trees
from lading.build.layer_index import MAX_PATH_BYTES, LayerIndex, from_tar
from lading.build.node import DIRECTORY, FILE, HARDLINK, SYMLINK, Node, order
from lading.build.tree import NO_LAYER, Tree
from lading.errors import LadingError, LimitError, MalformedError


def index(layer: imaging.Tree) -> LayerIndex:
    return from_tar(iter([imaging.tar(layer)]), "layer")


def tree_of(*layers: imaging.Tree) -> Tree:
    tree = Tree()
    for number, layer in enumerate(layers):
        tree.apply(index(layer), number)
    return tree


def shown(tree: Tree) -> dict[str, tuple[str, int]]:
    """Return the kind of everything but the root, and its layer."""
    return {node.path: (node.kind, tree.origin(node.path)) for node in tree.walk() if node.path}


BASE: imaging.Tree = {
    "etc": None,
    "etc/passwd": b"root",
    "etc/group": b"root",
    "usr": None,
    "usr/lib": None,
    "usr/lib/a.so": b"a",
    "lib": ("->", "usr/lib"),
}


@pytest.mark.parametrize(
    ("layer", "changed"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"etc/new": b""}, {"etc/new": (FILE, 1)}, id="new-file"),
        pytest.param({"etc": None}, {"etc": (DIRECTORY, 1)}, id="directory-again-keeps-what-is-in-it"),
        pytest.param({"etc": b""}, {"etc": (FILE, 1), "etc/passwd": None, "etc/group": None}, id="file-for-directory"),
        pytest.param({"etc/passwd/x": None}, MalformedError, id="below-a-file"),
        pytest.param({"etc/passwd": None}, {"etc/passwd": (DIRECTORY, 1)}, id="directory-for-file"),
        pytest.param({"lib/b.so": b""}, {"usr/lib/b.so": (FILE, 1)}, id="through-a-symlink"),
        pytest.param({"lib": None}, {"lib": (DIRECTORY, 1)}, id="directory-for-symlink"),
        pytest.param({"lib": None, "lib/b": b""}, {"lib": (DIRECTORY, 1), "lib/b": (FILE, 1)}, id="in-its-place"),
        pytest.param({"lib/b/c": b""}, {"usr/lib/b": (DIRECTORY, 1), "usr/lib/b/c": (FILE, 1)}, id="parents-are-made"),
        pytest.param({"etc/.wh.passwd": b""}, {"etc/passwd": None}, id="whiteout"),
        pytest.param({".wh.etc": b""}, {"etc": None, "etc/passwd": None, "etc/group": None}, id="whiteout-of-directory"),
        pytest.param({"lib/.wh.a.so": b""}, {"usr/lib/a.so": None}, id="whiteout-through-a-symlink"),
        pytest.param({".wh.lib": b""}, {"lib": None}, id="whiteout-of-a-symlink"),
        pytest.param({".wh.none": b"", "no/.wh.thing": b""}, {}, id="whiteout-of-nothing"),
        pytest.param({"etc/.wh..wh..opq": b""}, {"etc/passwd": None, "etc/group": None}, id="opaque"),
        pytest.param({"lib/.wh..wh..opq": b""}, {"usr/lib/a.so": None}, id="opaque-through-a-symlink"),
        pytest.param({"etc/passwd": b"2", "etc/.wh..wh..opq": b""}, {"etc/passwd": (FILE, 1), "etc/group": None}, id="opaque-comes-late"),
        pytest.param({"etc/passwd": b"2", "etc/.wh.passwd": b""}, {"etc/passwd": (FILE, 1)}, id="whiteout-comes-late"),
        pytest.param({".wh.etc": b"", "etc/x": b""}, {"etc": (DIRECTORY, 1), "etc/passwd": None, "etc/group": None, "etc/x": (FILE, 1)}, id="whiteout-and-made-anew"),
        pytest.param({"etc/.wh..wh.aufs": b"", ".wh..wh.plnk/1": b""}, {}, id="bookkeeping"),
        pytest.param({"hard": ("=", "etc/passwd")}, {"hard": (FILE, 1)}, id="hard-link-to-a-lower-layer"),
        pytest.param({"hard": ("=", "lib/a.so")}, {"hard": (FILE, 1)}, id="hard-link-through-a-symlink"),
        pytest.param({"hard": ("=", "lib")}, {"hard": (SYMLINK, 1)}, id="hard-link-to-a-symlink"),
        pytest.param({"hard": ("=", "none")}, MalformedError, id="hard-link-to-nothing"),
        pytest.param({"hard": ("=", "etc")}, MalformedError, id="hard-link-to-a-directory"),
        pytest.param({"etc/passwd": ("=", "etc/passwd")}, MalformedError, id="hard-link-to-itself"),
        pytest.param({"": b""}, MalformedError, id="root-that-is-a-file"),
    ],
)  # fmt: skip
def test_apply(layer: imaging.Tree, changed: dict[str, tuple[str, int] | None] | type[LadingError]) -> None:
    tree = tree_of(BASE)
    if isinstance(changed, type):
        with pytest.raises(changed):
            tree.apply(index(layer), 1)
        return
    expected = shown(tree)
    tree.apply(index(layer), 1)
    for path, what in changed.items():
        if what is None:
            del expected[path]
        else:
            expected[path] = what
    assert shown(tree) == expected
    for path in expected:
        assert path.rpartition("/")[2] in tree.children(path.rpartition("/")[0])


def test_an_entry_takes_the_place_of_the_metadata() -> None:
    tree = tree_of(BASE)
    tree.add(Node(path="etc", kind=DIRECTORY, mode=0o700, uid=7), 1)
    node = tree.get("etc")
    assert node is not None
    assert (node.mode, node.uid, tree.children("etc")) == (0o700, 7, ["group", "passwd"])


def test_a_hard_link_is_the_file_under_another_name() -> None:
    tree = Tree()
    file = Node(path="b", mode=0o4755, uid=3, size=9, mtime_ns=5, xattrs=(("user.x", b"1"),))
    tree.apply(LayerIndex((file, Node(path="a", kind=HARDLINK, link="b"))), 0)
    tree.add(Node(path="c", kind=HARDLINK, link="a"), 0)
    assert tree.get("a") == Node(path="a", mode=0o4755, uid=3, size=9, mtime_ns=5, xattrs=(("user.x", b"1"),))
    assert [tree.names(path) for path in ("a", "b", "c")] == [["a", "b", "c"]] * 3
    copy = tree.copy()
    tree.whiteout("b", 1)
    assert tree.names("a") == ["a", "c"]
    assert copy.names("a") == ["a", "b", "c"]
    assert (tree.get("b"), tree.names("b")) == (None, ["b"])


def test_a_hard_link_to_a_lower_layer_is_a_copy() -> None:
    tree = tree_of({"a": b"x"}, {"b": ("=", "a")})
    assert (tree.names("a"), tree.names("b")) == (["a"], ["b"])
    assert tree.origin("b") == 1


@pytest.mark.parametrize(
    ("path", "target", "unfollowed"),
    [
        ("", "", ""), ("etc/passwd", "etc/passwd", "etc/passwd"), ("lib", "usr/lib", "lib"),
        ("lib/a.so", "usr/lib/a.so", "usr/lib/a.so"), ("/lib/", "usr/lib", "usr/lib"),
        ("lib/.", "usr/lib", "usr/lib"), ("lib/..", "usr", "usr"), ("../../etc", "etc", "etc"),
        ("up", "etc", "up"), ("up/passwd", "etc/passwd", "etc/passwd"), ("out", "etc", "out"),
        ("abs", "usr/lib", "abs"), ("none/x", "none/x", "none/x"), ("lib/none/../x", "usr/lib/x", "usr/lib/x"),
        ("dangling", "no/where", "dangling"), ("dangling/x", "no/where/x", "no/where/x"),
        ("chain", "usr/lib", "chain"), ("etc/passwd/x", "etc/passwd/x", "etc/passwd/x"),
        ("root/etc", "etc", "etc"), ("root", "", "root"),
    ],
)  # fmt: skip
def test_resolve(path: str, target: str, unfollowed: str) -> None:
    links = {
        "up": "./etc",
        "out": "../../../etc",
        "abs": "/usr/lib/",
        "dangling": "no/where",
        "chain": "abs",
        "root": "/",
    }
    tree = tree_of(BASE, {name: ("->", link) for name, link in links.items()})
    assert tree.resolve(path) == target
    assert tree.resolve(path, follow_last=False) == unfollowed


def test_loops_and_endless_expansions_end() -> None:
    tree = tree_of({"a": ("->", "b"), "b": ("->", "a"), "self": ("->", "self/x")})
    for path in ("a", "a/x", "self"):
        with pytest.raises(MalformedError, match="too many symlinks"):
            tree.resolve(path)
    assert tree.resolve("a", follow_last=False) == "a"
    chain = tree_of({f"l{number}": ("->", f"l{number + 1}") for number in range(60)})
    assert chain.resolve("l20") == "l60"
    with pytest.raises(MalformedError, match="too many symlinks"):
        chain.resolve("l19")


def test_a_trap_made_of_links_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_MAX_FOLLOWED", 1000)
    tree = tree_of({"l": ("->", "a/" * 100)})
    with pytest.raises(LimitError, match="over 1000 names"):
        tree.apply(LayerIndex(tuple(Node(path=f"l/{number}") for number in range(20))), 1)


def test_paths_do_not_grow_through_links() -> None:
    part = "d" * 200
    tree = tree_of({"l": ("->", f"{part}/" * 15), f"l/{part}": None})
    with pytest.raises(MalformedError, match="longer than Linux takes"):
        tree.add(Node(path="l/" + "/".join([part] * 10)), 1)
    assert max(len(node.path) for node in tree.walk()) <= MAX_PATH_BYTES


def test_a_copy_is_independent() -> None:
    tree = tree_of(BASE)
    copy = tree.copy()
    before = shown(tree)
    copy.apply(index({"etc/x": b"", ".wh.usr": b""}), 1)
    assert shown(tree) == before
    assert tree.children("etc") == ["group", "passwd"]
    assert copy.children("etc") == ["group", "passwd", "x"]
    assert len(copy) == len(tree) + 1 - 3


def test_an_empty_tree_has_a_root_of_no_layer() -> None:
    tree = Tree()
    assert (len(tree), tree.children(""), tree.origin(""), tree.get("x")) == (1, [], NO_LAYER, None)
    tree.add(Node(path="", kind=DIRECTORY, mode=0o700), 4)
    assert (tree.origin(""), [node.mode for node in tree.walk()]) == (4, [0o700])


NAMES = ["a", "b", "a/b", "b/a", "a/b/c", "\udcff", "a-b", "\u00e9", "\U0001f600", "a/\udc80"]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(NAMES), max_size=10))
def test_walk_is_in_the_order_of_changes(paths: list[str]) -> None:
    tree = Tree()
    for path in paths:
        tree.add(Node(path=path, kind=DIRECTORY), 0)
    walked = [node.path for node in tree.walk()]
    assert walked == sorted(walked, key=order)
    assert len(walked) == len(tree)
    assert [node.path for node in tree.walk("a")] == [p for p in walked if p == "a" or p.startswith("a/")]


def entries(chance: random.Random) -> imaging.Tree:
    names = ["a", "b", "c", "a/b", "a/c", "b/a", "c/a", "a/b/c"]
    layer: dict[str, bytes | tuple[str, str] | None] = {}
    for path in chance.sample(names, chance.randrange(1, 6)):
        layer[path] = chance.choice([None, None, b"x", ("->", chance.choice(["a", "/b", "../c", "b/a"]))])
    return layer


def test_as_a_kernel_resolves(tmp_path: Path) -> None:
    chance = random.Random(11)
    checked = 0
    for round_ in range(150):
        root = tmp_path / str(round_)
        root.mkdir()
        tree = Tree()
        for path, value in entries(chance).items():
            node = _node(path, value)
            try:
                tree.add(node, 0)
            except MalformedError:
                continue
            _make(root, tree)
        for path in ["a", "b", "a/b", "a/b/c", "b/a", "c/a", "c/b/c", "a/c"]:
            try:
                real = os.path.realpath(root / path, strict=True)
            except OSError:
                continue
            if real.startswith(f"{root}/"):
                checked += 1
                assert f"{root}/{tree.resolve(path)}" == real
    assert checked > 200


def _node(path: str, value: bytes | tuple[str, str] | None) -> Node:
    if value is None:
        return Node(path=path, kind=DIRECTORY)
    if isinstance(value, tuple):
        return Node(path=path, kind=SYMLINK, link=value[1])
    return Node(path=path)


def _make(root: Path, tree: Tree) -> None:
    """Bring the disk to what the tree says, by the simplest means; absolute links lead to `root` there."""
    for path in sorted(root.rglob("*"), reverse=True):
        path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()
    for known in tree.walk():
        place = root / known.path
        if known.kind == DIRECTORY:
            place.mkdir(exist_ok=True)
        elif known.kind == SYMLINK:
            target = f"{root}{known.link}" if known.link.startswith("/") else known.link
            place.symlink_to(target)
        else:
            place.write_bytes(b"")
