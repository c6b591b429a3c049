from __future__ import annotations

import json
from pathlib import Path

import imaging
from lading.build import assemble
from lading.build.chain import Chain, LayerRef
from lading.build.image_config import State
from lading.oci.image import OCI_LAYER, Platform
from lading.oci.store import Store


def test_an_image_of_a_chain(tmp_path: Path) -> None:
    store = Store(tmp_path)
    layer = imaging.layer(imaging.tar({"a": b"1"}))
    with store.lease():
        path = store.new_blob()
        path.write_bytes(layer.open().read(-1))
        store.adopt(path, layer.digest)
        notes = {"dev.lading.dockerfile.line": "3", "dev.lading.dockerfile.stage": "one"}
        reference = LayerRef(
            digest=layer.digest,
            diff_id=layer.diff_id,
            size=layer.size,
            media_type=OCI_LAYER,
            annotations=notes,
        )
        chain = Chain(State(Platform("linux", "arm64", "v8"), {"User": "x"}), "k").then(
            "l", {"created_by": "COPY a"}, reference
        )
        chain = chain.then("m", {"created_by": "USER x"})
        made = assemble.image(chain, store, created="2026-01-01T00:00:00Z", target="t")
        assert assemble.image(chain, store, created="2026-01-01T00:00:00Z", target="t").digest == made.digest
        store.put(made, ["name"])
    image = store.open_image("name")
    assert image.digest == made.digest
    assert [(one.line, one.stage, one.created_by) for one in image.layers] == [(3, "one", "COPY a")]
    assert json.loads(image.config) == {
        "created": "2026-01-01T00:00:00Z", "architecture": "arm64", "os": "linux", "variant": "v8", "config": {"User": "x"},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        "history": [{"created_by": "COPY a"}, {"created_by": "USER x", "empty_layer": True}],
    }  # fmt: skip


def test_an_image_of_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = assemble.image(Chain(State(Platform("linux", "amd64")), "k"), store, created="", target="t")
    store.put(made, ["empty"])
    assert store.open_image("empty").layers == ()
