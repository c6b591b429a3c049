from __future__ import annotations

import pytest

from lading.build import paths
from lading.build.node import DIRECTORY, SYMLINK, Node
from lading.errors import MalformedError

TREE = {
    "a": Node(path="a", kind=DIRECTORY),
    "a/up": Node(path="a/up", kind=SYMLINK, link="../../../b"),
    "a/abs": Node(path="a/abs", kind=SYMLINK, link="/b"),
    "loop": Node(path="loop", kind=SYMLINK, link="loop"),
    "a/file": Node(path="a/file"),
}


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("a/up/x", "b/x"),
        ("a/abs", "b"),
        ("a/./file", "a/file"),
        ("../..", ""),
        ("a/none/../../x", "x"),
        ("a/abs/../file", "file"),
    ],
)
def test_resolve(path: str, real: str) -> None:
    assert paths.resolve(TREE.get, path) == real


def test_resolve_below_a_base() -> None:
    assert paths.resolve(TREE.get, "up/x", base="a") == "a/b/x"
    assert paths.resolve(TREE.get, "../..", base="a") == "a"
    assert paths.resolve(TREE.get, "up", base="a", follow_last=False) == "a/up"


def test_loops_end() -> None:
    with pytest.raises(MalformedError, match="too many symlinks"):
        paths.resolve(TREE.get, "loop")


@pytest.mark.parametrize(
    ("path", "short"), [("/a//b/./c/..", "a/b"), ("../../x", "x"), ("", ""), ("/..", "")]
)
def test_clean(path: str, short: str) -> None:
    assert paths.clean(path) == short
