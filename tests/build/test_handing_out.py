from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from lading.build import handing_out
from lading.build.layer_index import LayerIndex
from lading.build.node import DIRECTORY, FIFO, HARDLINK, SYMLINK, Node
from lading.build.tree import Tree
from lading.build.tree_files import TreeFiles
from lading.errors import LadingError

OWNER = (os.geteuid(), os.getegid())
INDEX = LayerIndex(
    entries=(
        Node(path="", kind=DIRECTORY, mode=0o555, uid=9),
        Node(path="app", kind=DIRECTORY, mode=0o550, uid=1, gid=2, mtime_ns=5 * 10**9),
        Node(path="app/one", mode=0o4755, uid=3, size=4, mtime_ns=7 * 10**9, xattrs=(("security.capability", b"x"),)),
        Node(path="app/two", kind=HARDLINK, link="app/one"),
        Node(path="app/pipe", kind=FIFO),
        Node(path="bin", kind=SYMLINK, link="/app"),
    )
)  # fmt: skip


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> TreeFiles:
    layer = tmp_path / "layer"
    (layer / "app").mkdir(parents=True)
    (layer / "app" / "one").write_text("text")
    (layer / "app" / "two").hardlink_to(layer / "app" / "one")
    tree = Tree()
    tree.apply(INDEX, 0)
    return TreeFiles(tree, lambda: [layer], title="the image")


def test_a_directory(files: TreeFiles, tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    handing_out.to_directory(files, out, OWNER)
    one = (out / "app" / "one").stat()
    assert (one.st_uid, one.st_gid, one.st_mode & 0o7777, one.st_mtime) == (*OWNER, 0o4755, 7)
    assert one.st_ino == (out / "app" / "two").stat().st_ino
    assert os.listxattr(out / "app" / "one") == []
    assert (out / "app" / "one").read_text() == "text"
    assert (out / "app").stat().st_mode & 0o7777 == 0o550
    assert (out / "bin").readlink() == Path("/app")
    assert (out / "app" / "pipe").is_fifo()


def test_what_is_there_stays_and_what_has_the_name_is_replaced(files: TreeFiles, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "app").mkdir(parents=True, mode=0o700)
    (out / "kept").write_text("kept")
    (out / "app" / "one").write_text("old")
    (tmp_path / "elsewhere").mkdir()
    (out / "bin").symlink_to(tmp_path / "elsewhere")
    before = out.stat().st_mode
    handing_out.to_directory(files, out, OWNER)
    assert (out / "kept").read_text() == "kept"
    assert (out / "app" / "one").read_text() == "text"
    assert (out / "bin").readlink() == Path("/app")
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert out.stat().st_mode == before  # the directory itself is the user's


def test_a_place_that_cannot_be_written(files: TreeFiles, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LadingError, match="cannot be written"):
        handing_out.to_directory(files, tmp_path / "file" / "out", OWNER)


@pytest.mark.parametrize(("mtime_s", "shown"), [(None, 7), (3, 3)])
def test_a_tar(files: TreeFiles, mtime_s: int | None, shown: int) -> None:
    out = io.BytesIO()
    handing_out.to_tar(files, out, mtime_s)
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        found = {member.name: member for member in archive}
        assert list(found) == ["app", "app/one", "app/pipe", "app/two", "bin"]
        one = found["app/one"]
        assert (one.uid, one.mode, one.mtime, one.size) == (3, 0o4755, shown, 4)
        assert found["app/two"].linkname == "app/one"
        content = archive.extractfile("app/two")
        assert content is not None
        assert content.read() == b"text"
