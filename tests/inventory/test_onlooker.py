from __future__ import annotations

from pathlib import Path

import pytest

import imaging
from lading import inventory
from lading.errors import MalformedError
from lading.inventory.onlooker import LayerOnlooker
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.walk import walk_layer

APK = b"P:musl\nV:1.2.3-r4\nL:MIT\n\n"
TREE = {
    "lib": None,
    "lib/apk": None,
    "lib/apk/db": None,
    "lib/apk/db/installed": APK,
    "etc/.wh.gone": b"",
    "x": ("->", "lib"),
}


def test_what_is_seen_is_what_is_read_later(tmp_path: Path) -> None:
    dispatch = Dispatch(inventory.READERS)
    data = imaging.tar(TREE)
    onlooker = LayerOnlooker(dispatch, tmp_path / "layers.sqlite")
    onlooker.observe(iter([data[at : at + 700] for at in range(0, len(data), 700)]))
    layer = imaging.layer(data)
    onlooker.keep(layer.diff_id)
    with FactCache(tmp_path / "layers.sqlite", dispatch.version) as cache:
        assert cache.get(layer.diff_id) == walk_layer(layer, dispatch)


def test_a_layer_that_is_broken(tmp_path: Path) -> None:
    onlooker = LayerOnlooker(Dispatch(inventory.READERS), tmp_path / "layers.sqlite")
    with pytest.raises(MalformedError, match="the new layer"):
        onlooker.observe(iter([b"x" * 1024]))


def test_a_cache_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    onlooker = LayerOnlooker(Dispatch(inventory.READERS), tmp_path / "file" / "layers.sqlite")
    onlooker.observe(iter([imaging.tar(TREE)]))
    onlooker.keep("sha256:" + "0" * 64)
    assert "layers are not cached" in caplog.text
