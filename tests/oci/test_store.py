from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
import zstandard

import imaging
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError
from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import OCI_INDEX, OCI_LAYER, Descriptor, Image, Platform
from lading.oci.store import Store
from lading.oci.stream import LayerStream

LAYERS = [imaging.tar({"etc/os-release": b"ID=test\n"}), imaging.tar({"app": b"2" * 3000})]


def source(
    folder: Path, *, layers: list[bytes] = LAYERS, architecture: str = "amd64", **config: object
) -> Image:
    imaging.write_layout(folder, layers, "test", architecture=architecture, **config)
    return layout.open_image(folder, "", None, "source")


def content(image: Image) -> list[bytes]:
    out = []
    for layer in image.layers:
        with LayerStream(layer, "layer") as stream:
            out.append(b"".join(stream.chunks()))
    return out


def names(store: Store) -> list[str]:
    return sorted(entry.name for entry in store.images())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "images")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return source(tmp_path / "source")


def test_what_is_put_is_found(store: Store, image: Image) -> None:
    digest = store.put(image, ["alpine:3.20"])
    assert digest == image.digest
    for name in ("alpine:3.20", "docker.io/library/alpine:3.20", f"alpine@{digest}", f"alpine:3.20@{digest}", f"x@{digest}",
                 digest, digest[7:], digest[7:13], digest[:14], image.config_digest, image.config_digest[7:20]):  # fmt: skip
        found = store.open_image(name)
        assert (found.digest, found.config, found.target) == (image.digest, image.config, name)
        assert found.names == ("docker.io/library/alpine:3.20",)
        assert content(found) == LAYERS
        assert [layer.tar_bytes for layer in found.layers] == [len(data) for data in LAYERS]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("alpine", UnavailableError, "no such image in the store"),
        ("alpine:3.2", UnavailableError, "no such image in the store"),
        ("quay.io/library/alpine:3.20", UnavailableError, "no such image in the store"),
        ("sha256:" + "0" * 64, UnavailableError, "no such image in the store"),
        ("00000", UnavailableError, "no such image in the store"),
        ("A B", MalformedError, "not an image reference"),
        ("", MalformedError, "not an image reference"),
    ],
)
def test_what_is_not_there(
    store: Store, image: Image, name: str, error: type[LadingError], message: str
) -> None:
    with pytest.raises(error, match=message):
        store.open_image(name)
    store.put(image, ["alpine:3.20"])
    with pytest.raises(error, match=message):
        store.open_image(name)


def test_a_list(store: Store, image: Image, tmp_path: Path) -> None:
    assert store.images() == []
    store.put(source(tmp_path / "new", created="2024-01-01T00:00:00Z"), ["new"])
    store.put(image, ["a", "b"])
    first, *rest = store.images()
    assert (first.name, first.created, first.layers) == (
        "docker.io/library/new:latest",
        "2024-01-01T00:00:00Z",
        2,
    )
    assert first.bytes == sum(layer.size for layer in image.layers) + len(store.open_image("new").config)
    assert (first.tar_bytes, first.platform) == (sum(map(len, LAYERS)), "linux/amd64")
    assert [entry.name for entry in rest] == ["docker.io/library/a:latest", "docker.io/library/b:latest"]


def test_a_name_goes_to_the_newest(store: Store, image: Image, tmp_path: Path) -> None:
    store.put(image, ["app"])
    other = source(tmp_path / "other", layers=LAYERS[:1])
    store.put(other, ["app"])
    assert store.open_image("app").digest == other.digest
    assert names(store) == ["", "docker.io/library/app:latest"]
    assert store.open_image(image.digest).digest == image.digest
    assert store.tag(image.digest, ["app"])
    assert names(store) == ["", "docker.io/library/app:latest"]
    assert store.open_image("app").digest == image.digest
    store.tag(image.digest, ["app"])  # once more changes nothing
    store.put(other, ["also:1", "also:1"])
    assert names(store) == ["docker.io/library/also:1", "docker.io/library/app:latest"]
    assert not store.tag("sha256:" + "0" * 64, ["app"])
    assert not store.tag("./No Name", ["app"])
    with pytest.raises(MalformedError, match="not an image reference"):
        store.tag(image.digest, ["x", "A"])


def test_a_name_has_an_image_for_each_platform(store: Store, image: Image, tmp_path: Path) -> None:
    arm = source(tmp_path / "arm", architecture="arm64")
    store.put(image, ["app"])
    store.put(arm, ["app"])
    assert store.open_image("app", Platform("linux", "amd64")).digest == image.digest
    assert store.open_image("app", Platform("linux", "arm64")).digest == arm.digest
    with pytest.raises(
        UnavailableError, match="no image for linux/riscv64; there is linux/amd64, linux/arm64"
    ):
        store.open_image("app", Platform("linux", "riscv64"))
    with pytest.raises(UnavailableError, match="not for linux/riscv64"):
        store.open_image(arm.digest, Platform("linux", "riscv64"))
    assert len(store.images()) == 2
    newer = source(tmp_path / "newer", architecture="arm64", layers=LAYERS[:1])
    store.put(newer, ["app"])
    assert store.open_image("app", Platform("linux", "arm64")).digest == newer.digest
    assert store.open_image("app", Platform("linux", "amd64")).digest == image.digest
    assert store.remove("app") == ["docker.io/library/app:latest"]
    assert names(store) == [""]


def test_remove(store: Store, image: Image) -> None:
    store.put(image, ["a", "b:1"])
    with pytest.raises(UsageError, match=r"has 2 names: docker\.io/library/a:latest, docker\.io/library/b:1"):
        store.remove(image.digest[7:19])
    assert store.remove("a") == ["docker.io/library/a:latest"]
    assert names(store) == ["docker.io/library/b:1"]
    assert store.remove(image.config_digest[7:19]) == ["docker.io/library/b:1"]
    assert store.images() == []
    with pytest.raises(UnavailableError, match="no such image"):
        store.remove("a")
    store.put(image)
    assert store.remove(image.digest) == [image.digest]
    store.put(image, ["a", "b:1"])
    assert store.remove(image.digest, force=True) == ["docker.io/library/a:latest", "docker.io/library/b:1"]


def blobs(store: Store) -> set[str]:
    return {f"sha256:{path.name}" for path in store.path.glob("blobs/sha256/*")}


def test_what_gets_a_name_is_not_collected_meanwhile(
    store: Store, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.put(image)
    pruned: list[str] = []

    def find(name: str) -> tuple[Descriptor, ...]:
        found = Store.find(store, name)
        try:
            pruned.extend(Store(store.path).prune(patience_s=0).images)
        except UnavailableError as error:
            pruned.append(str(error))
        return found

    monkeypatch.setattr(store, "find", find)
    assert store.tag(digest, ["app"])
    assert [line.rpartition(": ")[2] for line in pruned] == ["it is in use at the moment"]
    assert content(store.open_image("app"))[0] == LAYERS[0]


def test_what_stays_is_asked_for_when_nobody_adds_to_it(store: Store, image: Image) -> None:
    store.put(image, ["app"])

    def keep() -> tuple[str, ...]:
        assert Store(store.path).collect() is None
        return ()

    assert store.prune(keep).blobs == 0
    collected = store.collect(keep)
    assert collected is not None
    assert collected.blobs == 0


def test_prune(store: Store, image: Image, tmp_path: Path) -> None:
    assert store.prune().blobs == 0
    store.put(image, ["app"])
    before = blobs(store)
    assert (store.prune().blobs, blobs(store)) == (0, before)
    other = source(tmp_path / "other", layers=[LAYERS[0], b"3" * 512])
    store.put(other, ["app"])
    assert store.prune(unnamed=False).images == ()
    kept = image.layers[1].digest
    freed = store.prune(keep=lambda: [kept])
    assert freed.images == (image.digest,)
    assert (freed.blobs, freed.bytes > 100) == (2, True)  # config and manifest; the other layer is shared
    assert before - blobs(store) == {image.digest, image.config_digest}
    assert content(store.open_image("app"))[0] == LAYERS[0]
    assert store.prune().blobs == 1
    store.remove("app")
    store.prune()
    assert blobs(store) == set()


def test_a_lease_keeps_blobs(store: Store, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"blob")
    digest = digests.of(b"blob")
    with store.lease():
        path = store.new_blob()
        path.write_bytes(b"blob")
        store.adopt(path, digest)
        assert store.has(digest)
        with pytest.raises(UnavailableError, match="in use"):
            store.prune(patience_s=0)
        with store.lease(), store.open_blob(digest) as stream:
            assert stream.read() == b"blob"
    store.prune()
    assert not store.has(digest)
    with pytest.raises(UnavailableError, match="no such file"):
        store.open_blob(digest)
    with pytest.raises(MalformedError, match="not a sha256"):
        store.has("sha256:../../x")


def test_a_broken_layer_does_not_come_in(store: Store, image: Image) -> None:
    wrong = dataclasses.replace(image.layers[1], open=lambda: io.BytesIO(b"x" * image.layers[1].size))
    with pytest.raises(MalformedError, match="content is"):
        store.put(dataclasses.replace(image, layers=(image.layers[0], wrong)), ["app"])
    assert store.images() == []
    assert blobs(store) <= {image.layers[0].digest}
    assert not any((store.path / ".tmp").iterdir())
    store.put(image, ["app"])
    assert content(store.open_image("app")) == LAYERS


def test_a_diff_id_that_lies(store: Store, image: Image) -> None:
    wrong = dataclasses.replace(image.layers[1], diff_id=digests.of(b"other"))
    with pytest.raises(MalformedError, match="content is"):
        store.put(dataclasses.replace(image, layers=(image.layers[0], wrong)), ["app"])


def test_the_index_is_a_layout(store: Store, image: Image) -> None:
    store.put(image, ["app"])
    index = json.loads((store.path / "index.json").read_text())
    assert (
        index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
        == "docker.io/library/app:latest"
    )
    assert index["manifests"][0]["platform"] == {"os": "linux", "architecture": "amd64"}
    assert layout.open_image(store.path, "docker.io/library/app:latest", None, "x").digest == image.digest


def test_a_layer_that_is_not_distributed_is_not_copied(store: Store, image: Image) -> None:
    foreign = dataclasses.replace(image.layers[0], foreign=True, open=lambda: io.BytesIO(b"never read"))
    store.put(dataclasses.replace(image, layers=(foreign, image.layers[1])), ["app"])
    assert blobs(store) == {image.layers[1].digest, image.config_digest, image.digest}
    assert store.images()[0].tar_bytes == -1
    assert [layer.tar_bytes for layer in store.open_image("app").layers] == [-1, len(LAYERS[1])]


def test_an_index_that_another_tool_wrote(store: Store, image: Image) -> None:
    """An image for several platforms is an index in the index; those that are not here are no loss."""
    store.put(image)
    other = {
        "mediaType": image.media_type,
        "digest": "sha256:" + "0" * 64,
        "size": 5,
        "platform": {"os": "linux", "architecture": "mips"},
    }
    ours = {
        "mediaType": image.media_type,
        "digest": image.digest,
        "size": len(image.manifest),
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [other, ours]}).encode()
    store.place(digests.of(raw)).write_bytes(raw)
    top = {
        "mediaType": OCI_INDEX,
        "digest": digests.of(raw),
        "size": len(raw),
        "annotations": {layout.REF_NAME: "several:1"},
    }
    store.index.write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
    assert store.open_image("several:1", Platform("linux", "amd64")).digest == image.digest
    before = blobs(store)
    store.prune()
    assert blobs(store) == before
    store.put(source(store.path.parent / "x", layers=LAYERS[:1]), ["several:1"])
    assert {entry.name for entry in store.images()} == {"docker.io/library/several:1", ""}


def test_the_same_layer_twice_and_in_another_compression(store: Store, image: Image, tmp_path: Path) -> None:
    twice = source(tmp_path / "twice", layers=[LAYERS[0], LAYERS[0], LAYERS[1]])
    store.put(twice, ["twice"])
    assert content(store.open_image("twice")) == [LAYERS[0], LAYERS[0], LAYERS[1]]
    stored = zstandard.ZstdCompressor().compress(LAYERS[0])
    zipped = imaging.layer(LAYERS[0], stored, media_type=OCI_LAYER + "+zstd")
    store.put(dataclasses.replace(image, manifest=b"", layers=(zipped, image.layers[1])), ["zstd"])
    assert content(store.open_image("zstd")) == LAYERS
