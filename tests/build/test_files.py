from __future__ import annotations

from pathlib import Path

import pytest

from lading.build import files
from lading.build.directory_files import DirectoryFiles
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
    assert files.resolve(TREE.get, path) == real


def test_resolve_below_a_base() -> None:
    assert files.resolve(TREE.get, "up/x", base="a") == "a/b/x"
    assert files.resolve(TREE.get, "../..", base="a") == "a"
    assert files.resolve(TREE.get, "up", base="a", follow_last=False) == "a/up"


def test_loops_end() -> None:
    with pytest.raises(MalformedError, match="too many symlinks"):
        files.resolve(TREE.get, "loop")


@pytest.mark.parametrize(
    ("path", "short"), [("/a//b/./c/..", "a/b"), ("../../x", "x"), ("", ""), ("/..", "")]
)
def test_clean(path: str, short: str) -> None:
    assert files.clean(path) == short


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("app.go", "did you mean App.go?"),
        ("src/mian.go", "did you mean src/main.go?"),
        ("scr/main.go", "did you mean src?"),
        ("src/main.go/x", "did you mean src/main.go?"),
        ("nothing-like-it", ""),
        ("x" * 5000, ""),
    ],
)
def test_near_names(tmp_path: Path, wanted: str, hint: str) -> None:
    (tmp_path / "App.go").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.go").write_text("")
    error = files.missing(DirectoryFiles(tmp_path), wanted)
    assert str(error) == f"there is no {wanted[-80:]} in the build context"
    assert error.hint == hint


@pytest.mark.parametrize("wanted", ["link", "link/below"])
def test_a_link_to_nowhere_is_called_one(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "link").symlink_to("../outside")
    error = files.missing(DirectoryFiles(tmp_path), wanted)
    assert error.message == f"there is no {wanted} in {DirectoryFiles(tmp_path).title}"
    assert error.hint == "link is a link to ../outside, which is not there"
