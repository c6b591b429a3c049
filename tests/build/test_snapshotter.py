from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imaging
import needs
from lading.build.chain import LayerRef
from lading.build.snapshotter import Snapshotter
from lading.errors import UnavailableError
from lading.oci.image import OCI_LAYER, Layer
from lading.oci.store import Store

BELOW: imaging.Tree = {
    "etc": None,
    "etc/a": b"1",
    "etc/b": b"2",
    "lib": ("->", "usr/lib"),
    "usr": None,
    "usr/lib": None,
}
ABOVE: imaging.Tree = {"etc": None, "etc/.wh.b": b"", "lib/x": b"3", "etc/a": b"new"}


def _reference(store: Store, layer: Layer) -> LayerRef:
    path = store.new_blob()
    path.write_bytes(layer.open().read(-1))
    store.adopt(path, layer.digest)
    return LayerRef(digest=layer.digest, diff_id=layer.diff_id, size=layer.size, media_type=OCI_LAYER)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "images")


@pytest.fixture
def layers(store: Store) -> list[LayerRef]:
    with store.lease():
        return [_reference(store, imaging.layer(imaging.tar(tree))) for tree in (BELOW, ABOVE)]


def _opened(store: Store) -> list[str]:
    """Return what is asked of the store from now on."""
    asked: list[str] = []
    real = store.open_blob

    def open_blob(digest: str) -> object:
        asked.append(digest)
        return real(digest)

    store.open_blob = open_blob  # type: ignore[method-assign,assignment]  # it only looks on
    return asked


def test_trees_and_directories(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    asked = _opened(store)
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease():
        below, above = snapshotter.directories(layers)
        tree = snapshotter.tree(layers)
        assert [node.path for node in tree.walk()] == [
            "",
            "etc",
            "etc/a",
            "lib",
            "usr",
            "usr/lib",
            "usr/lib/x",
        ]
        assert [tree.origin(path) for path in ("etc/a", "usr/lib/x", "usr/lib")] == [1, 1, 0]
        assert (below / "etc/b").read_bytes() == b"2"
        assert (above / "usr/lib/x").read_bytes() == b"3"
        assert (above / "etc/b").is_char_device() or os.geteuid() != 0
        assert asked == [layer.digest for layer in layers]
        again = Snapshotter(tmp_path / "files", store)
        assert again.directories(layers) == (below, above)
        assert [node.path for node in again.tree(layers[:1]).walk()][-1] == "usr/lib"
        assert len(asked) == 2


def test_a_tree_alone_is_read_without_unpacking(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease():
        assert snapshotter.tree(layers).get("etc/b") is None
        assert snapshotter.tree([]).get("etc") is None
    assert not (tmp_path / "files" / "layers").exists()


def test_all_in_one_directory(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    target = tmp_path / "flat"
    target.mkdir()
    Snapshotter(tmp_path / "files", store).flat(layers, target)
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*")) == [
        "etc", "etc/a", "lib", "usr", "usr/lib", "usr/lib/x",
    ]  # fmt: skip
    assert (target / "etc/a").read_bytes() == b"new"


def test_many_threads_make_each_directory_once(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    asked = _opened(store)
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease(), ThreadPoolExecutor(8) as pool:
        found = {pool.submit(snapshotter.directories, layers).result() for _ in range(8)}
    assert len(found) == 1
    assert len(asked) == 2


def test_what_a_run_left_is_taken(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    asked = _opened(store)
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease(), snapshotter.scratch() as folder:
        snapshotter.directories(layers[:1])
        (folder / "upper").mkdir()
        (folder / "upper" / "mine").write_bytes(b"x")
        snapshotter.adopt(layers, folder / "upper")
        assert (snapshotter.directories(layers)[1] / "mine").read_bytes() == b"x"
    assert asked == [layers[0].digest]
    assert not folder.exists()


def test_what_is_not_used_is_pruned(tmp_path: Path, store: Store, layers: list[LayerRef]) -> None:
    snapshotter = Snapshotter(tmp_path / "files", store)
    assert snapshotter.prune() == 0
    with snapshotter.lease():
        below, above = snapshotter.directories(layers)
        (tmp_path / "files" / "tmp" / "left").mkdir()
        os.utime(above.parent / "used", (0, 0))
    assert snapshotter.prune(older_than_s=3600) == 1
    assert (below.exists(), above.exists()) == (True, False)
    assert list((tmp_path / "files" / "tmp").iterdir()) == []
    assert snapshotter.prune() == 1
    assert not list((tmp_path / "files" / "layers").iterdir())


def test_nothing_is_pruned_under_a_build(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lading.build.snapshotter._PATIENCE_S", 0.1)
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease(), pytest.raises(UnavailableError, match="in use"):
        snapshotter.prune()


def test_a_real_image(tmp_path: Path, store: Store) -> None:
    from lading import net
    from lading.oci.open import Access, open_image, recognise

    image = open_image(recognise(str(needs.images() / "alpine-310.tar.gz")), Access(client=net.client))
    store.put(image, ["alpine"])
    layer = image.layers[0]
    reference = LayerRef(digest=layer.digest, diff_id=layer.diff_id, size=layer.size, media_type=OCI_LAYER)
    snapshotter = Snapshotter(tmp_path / "files", store)
    with snapshotter.lease():
        (directory,) = snapshotter.directories([reference])
        tree = snapshotter.tree([reference])
    on_disk = {str(path.relative_to(directory)) for path in directory.rglob("*")}
    assert on_disk == {node.path for node in tree.walk()} - {""}


def test_what_killed_builds_have_left_goes_with_the_next(tmp_path: Path, store: Store) -> None:
    snapshotter = Snapshotter(tmp_path / "files", store)
    for name in ("tmp/tmp1", "probe-1/native"):
        (tmp_path / "files" / name).mkdir(parents=True)
    with snapshotter.lease():
        assert sorted(path.name for path in (tmp_path / "files").iterdir()) == [".lease", "tmp"]
        (tmp_path / "files" / "probe-2").mkdir()
        with Snapshotter(tmp_path / "files", store).lease():
            assert (tmp_path / "files" / "probe-2").is_dir()
