from __future__ import annotations

from pathlib import Path

import pytest

import disk
from lading.build import content, selection, transfer
from lading.build.accounts import Accounts
from lading.build.files import Files
from lading.build.layer_index import LayerIndex
from lading.build.node import DIRECTORY, FILE, HARDLINK, SYMLINK, Node
from lading.build.transfer_request import Request
from lading.build.tree import Tree
from lading.build.tree_files import TreeFiles
from lading.errors import UnavailableError

LAYERS = [
    LayerIndex(
        entries=(
            Node(path="app", kind=DIRECTORY, mode=0o750, uid=1, gid=2),
            Node(path="app/old", size=3),
            Node(path="app/kept", mode=0o4755, uid=3, size=4),
            Node(path="app/same", kind=HARDLINK, link="app/kept"),
            Node(path="bin", kind=SYMLINK, link="app"),
        )
    ),
    LayerIndex(
        entries=(
            Node(path="app/new", size=3),
            Node(path="app/old", size=6),
            Node(path="app/out", kind=SYMLINK, link="../../../../etc/passwd"),
        )
    ),
]


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> TreeFiles:
    for number, contents in enumerate(
        [{"old": "old", "kept": "kept", "same": "kept"}, {"new": "new", "old": "newer!"}]
    ):
        (tmp_path / str(number) / "app").mkdir(parents=True)
        for name, text in contents.items():
            (tmp_path / str(number) / "app" / name).write_text(text)
    tree = Tree()
    for number, index in enumerate(LAYERS):
        tree.apply(index, number)
    return TreeFiles(tree, lambda: [tmp_path / "0", tmp_path / "1"], title="the stage")


def _read(files: Files, path: str) -> bytes:
    with files.open(path) as file:
        return file.read()


def test_content_comes_from_the_layer_that_brought_it(files: TreeFiles) -> None:
    assert [_read(files, f"app/{name}") for name in ("new", "old", "kept", "same")] == [
        b"new",
        b"newer!",
        b"kept",
        b"kept",
    ]
    assert [node.path for node in files.children("app")] == [
        "app/kept",
        "app/new",
        "app/old",
        "app/out",
        "app/same",
    ]
    assert files.children("none") == []


def test_digests(files: TreeFiles, tmp_path: Path) -> None:
    before = files.digest("app")
    assert files.digest("app/same") == files.digest("app/kept") != files.digest("app/new")
    (tmp_path / "1/app/new").write_text("NEW")
    assert files.digest("app") != before


def test_twins(files: TreeFiles) -> None:
    assert files.twin("app/kept") == files.twin("app/same") is not None
    assert files.twin("app/old") is None


@pytest.mark.parametrize("path", ["app/none", "app/out", "app", "bin/old"])
def test_no_content(files: TreeFiles, path: str) -> None:
    with pytest.raises(UnavailableError, match="in the stage"):
        files.open(path)


def test_a_symlink_is_not_followed_on_the_disk(files: TreeFiles, tmp_path: Path) -> None:
    """Whatever a layer's directory has there: the tree says that it is a file."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "1/app/new").unlink()
    (tmp_path / "1/app/new").symlink_to(tmp_path / "secret")
    with pytest.raises(UnavailableError, match="app/new in the stage cannot be read"):
        files.open("app/new")


def test_layers_are_unpacked_only_for_content() -> None:
    tree = Tree()
    tree.apply(LAYERS[0], 0)
    asked = []

    def directories() -> list[Path]:
        asked.append(1)
        raise UnavailableError("not now")

    files = TreeFiles(tree, directories, title="the stage")
    assert len(list(content.walk(files, ""))) == 6
    assert [pick.path for pick in selection.picks(files, "bin/*", None, parents=False)] == [
        "app/kept", "app/old", "app/same",
    ]  # fmt: skip
    assert asked == []
    with pytest.raises(UnavailableError, match="not now"):
        files.open("app/kept")


def test_copied_as_they_are(files: TreeFiles) -> None:
    """Owners stay, names of one file stay one, symlinks in the source are followed in the stage only."""
    plan = transfer.plan(Request(name="COPY", sources=("bin",), target="x"), files, disk.nowhere())
    changes = plan.make(Tree(), Accounts)
    assert [(one.node.path, one.node.kind, one.node.mode, one.node.uid) for one in changes.items] == [
        ("x", DIRECTORY, 0o755, 0),
        ("x/kept", FILE, 0o4755, 3),
        ("x/new", FILE, 0o644, 0),
        ("x/old", FILE, 0o644, 0),
        ("x/out", SYMLINK, 0o777, 0),
        ("x/same", HARDLINK, 0o4755, 3),
    ]
    with pytest.raises(UnavailableError, match="there is no etc/passwd in the stage"):
        transfer.plan(Request(name="COPY", sources=("app/out",), target="x"), files, disk.nowhere())
