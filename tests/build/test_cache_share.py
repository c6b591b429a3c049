from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import imaging
from lading.build import cache_share
from lading.build.cache_share import Shared
from lading.build.chain import LayerRef, key_of
from lading.build.step_cache import Record, StepCache
from lading.errors import MalformedError, UsageError
from lading.oci import layout
from lading.oci.image import OCI_LAYER, Image, Platform
from lading.oci.store import Store

AMD64 = Platform("linux", "amd64")
LAYER = imaging.layer(imaging.tar({"a": b"content"}))
REFERENCE = LayerRef(digest=LAYER.digest, diff_id=LAYER.diff_id, size=LAYER.size, media_type=OCI_LAYER)
STEPS = {
    key_of("one"): Record(REFERENCE, "2026"),
    key_of("two"): Record(None, "2026"),
    key_of("three"): Record(REFERENCE, "2026"),
}


@pytest.fixture
def written(tmp_path: Path) -> Image:
    """Return a cache that went through a layout."""
    store = Store(tmp_path / "there")
    with store.lease():
        path = store.new_blob()
        path.write_bytes(LAYER.open().read(-1))
        store.adopt(path, LAYER.digest)
    layout.write_images(tmp_path / "cache", [cache_share.image_of(STEPS, store, AMD64, target="t")], "c")
    return layout.open_image(tmp_path / "cache", "c", None, "t")


def test_a_cache_comes_back_whole(written: Image) -> None:
    assert cache_share.steps_of(written) == STEPS
    assert [layer.digest for layer in written.layers] == [LAYER.digest]


def test_layers_are_brought_when_they_are_needed(written: Image, tmp_path: Path) -> None:
    store, cache = Store(tmp_path / "here"), StepCache(tmp_path / "steps")
    own = Record(None, "own")
    cache.keep_step(key_of("two"), own)
    shared = Shared([written], cache)
    assert dict(cache.steps()) == {**STEPS, key_of("two"): own}
    assert not store.has(LAYER.digest)
    with store.lease():
        assert shared.bring(REFERENCE, store)
        assert store.has(LAYER.digest)
        other = LayerRef(
            digest="sha256:" + "0" * 64, diff_id="sha256:" + "0" * 64, size=1, media_type=OCI_LAYER
        )
        assert not shared.bring(other, store)


def test_a_layer_that_lies(written: Image, tmp_path: Path) -> None:
    lying = replace(written, layers=(replace(written.layers[0], open=imaging.opener(b"something else")),))
    store = Store(tmp_path / "here")
    with store.lease(), pytest.raises(MalformedError, match="t: layer"):
        Shared([lying], StepCache(tmp_path / "steps")).bring(REFERENCE, store)
    assert not store.has(LAYER.digest)
    assert list((tmp_path / "here" / ".tmp").iterdir()) == []


def test_what_is_no_cache(written: Image) -> None:
    for config in (b"{}", b"[]", b'{"dev.lading.build.steps": [1]}', b"\xff"):
        with pytest.raises(MalformedError, match="t: not a build cache"):
            cache_share.steps_of(replace(written, config=config))


def test_steps_that_the_cache_has_no_layers_of_are_left_out(written: Image) -> None:
    document = json.loads(written.config)
    document[cache_share.MEMBER]["../../etc"] = {"layer": None, "created": "x"}
    kept = cache_share.steps_of(replace(written, config=json.dumps(document).encode(), layers=()))
    assert kept == {key_of("two"): Record(None, "2026")}


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("registry.example/app:cache", "registry.example/app:cache"),
        ("oci:dir", "oci:dir"),
        ("type=registry,ref=registry.example/app:cache", "docker://registry.example/app:cache"),
        ("type=local,dest=dir", "oci:dir"),
    ],
)
def test_targets(text: str, target: str) -> None:
    assert cache_share.target_of(text, writes=True) == target


@pytest.mark.parametrize("text", ["type=gha", "type=registry", "type=local,src=dir", "type=s3,bucket=x"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(UsageError, match="no cache is"):
        cache_share.target_of(text, writes=True)
