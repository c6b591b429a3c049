from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.build.compress import GZIP
from lading.build.layer_make import LayerMaker
from lading.build.node import DIRECTORY, Changes, Item, Node
from lading.build.snapshotter import Snapshotter
from lading.errors import StoppedError
from lading.oci.store import Store

CHANGES = Changes(
    items=(
        Item(Node(path="etc", kind=DIRECTORY, mode=0o755)),
        Item(Node(path="etc/x", size=3, mtime_ns=5 * 10**9), lambda: io.BytesIO(b"abc")),
    ),
    whiteouts=("gone",),
)


class Seen:
    """An onlooker that keeps what it was shown."""

    def __init__(self) -> None:
        self.data = b""
        self.kept: list[str] = []

    def observe(self, chunks: Iterator[bytes]) -> None:
        self.data = b"".join(chunks)

    def keep(self, diff_id: str) -> None:
        self.kept.append(diff_id)


def test_a_layer_is_in_the_store_and_known(tmp_path: Path) -> None:
    store, seen = Store(tmp_path / "images"), Seen()
    snapshotter = Snapshotter(tmp_path / "files", store)
    maker = LayerMaker(store, snapshotter, GZIP, onlooker=lambda: seen)
    with store.lease(), snapshotter.lease():
        layer = maker.make(CHANGES)
        assert layer is not None
        with store.open_blob(layer.digest) as blob, tarfile.open(fileobj=blob) as archive:
            assert sorted(archive.getnames()) == [".wh.gone", "etc", "etc/x"]
        assert seen.kept == [layer.diff_id]
        with tarfile.open(fileobj=io.BytesIO(seen.data)) as archive:
            assert archive.getnames() == [".wh.gone", "etc", "etc/x"]
            assert archive.getmember("etc/x").mtime == 5
        tree = snapshotter.tree([layer])
        assert [node.path for node in tree.walk()] == ["", "etc", "etc/x"]
        assert maker.make(Changes()) is None
        assert list((tmp_path / "images" / ".tmp").iterdir()) == []


def test_a_time_for_everything(tmp_path: Path) -> None:
    store = Store(tmp_path / "images")
    snapshotter = Snapshotter(tmp_path / "files", store)
    maker = LayerMaker(store, snapshotter, GZIP, mtime_s=1)
    with store.lease(), snapshotter.lease():
        layer = maker.make(CHANGES)
        assert layer is not None
        with store.open_blob(layer.digest) as blob, tarfile.open(fileobj=blob) as archive:
            assert {member.mtime for member in archive} == {1}
        node = snapshotter.tree([layer]).get("etc/x")
    assert node is not None
    assert node.mtime_ns == 10**9


def test_giving_up_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "images")
    maker = LayerMaker(store, Snapshotter(tmp_path / "files", store), GZIP, stopped=lambda: True)
    with store.lease(), pytest.raises(StoppedError):
        maker.make(CHANGES)
    assert [
        path for path in tmp_path.rglob("*") if path.is_file() and path.name not in {".lease", ".index"}
    ] == []
