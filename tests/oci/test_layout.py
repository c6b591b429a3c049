from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import imaging
import needs
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import layout
from lading.oci.image import Image, Platform
from lading.oci.stream import LayerStream

LAYERS = [imaging.tar({"etc/os-release": b"ID=test\n"}), imaging.tar({"app": b"2" * 3000})]


def open_image(folder: Path, tag: str = "", platform: Platform | None = None) -> Image:
    return layout.open_image(folder, tag, platform, "oci:test")


def content(image: Image) -> list[bytes]:
    out = []
    for layer in image.layers:
        with LayerStream(layer, "layer") as stream:
            out.append(b"".join(stream.chunks()))
    return out


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entry = imaging.write_layout(tmp_path, LAYERS)
    image = open_image(tmp_path)
    assert (image.digest, image.architecture, image.os) == (entry.digest, "amd64", "linux")
    assert [layer.created_by for layer in image.layers] == ["RUN step 0", "RUN step 1"]
    assert content(image) == LAYERS
    assert layout.is_layout(tmp_path)


def test_tags(tmp_path: Path) -> None:
    one = imaging.write_layout(tmp_path, LAYERS[:1], "one")
    two = imaging.write_layout(tmp_path, LAYERS, "two")
    assert open_image(tmp_path, "one").digest == one.digest
    assert open_image(tmp_path, two.digest).digest == two.digest
    with pytest.raises(UnavailableError, match="there are 2 images: one, two"):
        open_image(tmp_path)
    with pytest.raises(UnavailableError, match="tagged 'three'; there is: one, two"):
        open_image(tmp_path, "three")
    imaging.write_layout(tmp_path, LAYERS, "one")  # takes the name over
    assert open_image(tmp_path, "one").digest == two.digest


def index_of(folder: Path, entries: list[dict[str, object]]) -> str:
    raw = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
    digest = digests.of(raw)
    (folder / "blobs" / digest.replace(":", "/")).write_bytes(raw)
    return json.dumps({
        "schemaVersion": 2,
        "manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": len(raw)}],
    })  # fmt: skip


def entry_of(folder: Path, tag: str, architecture: str, variant: str = "") -> dict[str, object]:
    entry = imaging.write_layout(folder, LAYERS, tag, architecture=architecture)
    platform = {"os": "linux", "architecture": architecture, "variant": variant}
    return {"mediaType": entry.media_type, "digest": entry.digest, "size": entry.size, "platform": platform}


def test_platforms(tmp_path: Path) -> None:
    entries = [
        entry_of(tmp_path, "a", "amd64"),
        entry_of(tmp_path, "b", "arm", "v6"),
        entry_of(tmp_path, "c", "arm", "v7"),
    ]
    attestation = {**entries[0], "platform": {"os": "unknown", "architecture": "unknown"}}
    (tmp_path / "index.json").write_text(index_of(tmp_path, [attestation, *entries]))
    assert open_image(tmp_path, platform=Platform("linux", "arm", "v7")).digest == entries[2]["digest"]
    assert open_image(tmp_path, platform=Platform("linux", "arm")).digest == entries[1]["digest"]
    with pytest.raises(
        UnavailableError, match="no image for linux/s390x; there is linux/amd64, linux/arm/v6"
    ):
        open_image(tmp_path, platform=Platform("linux", "s390x"))


def test_indexes_within_indexes_end(tmp_path: Path) -> None:
    entries = [entry_of(tmp_path, "a", "amd64")]
    index = ""
    for _ in range(6):
        index = index_of(tmp_path, entries)
        entries = json.loads(index)["manifests"]
    (tmp_path / "index.json").write_text(index)
    with pytest.raises(LimitError, match="indexes within indexes"):
        open_image(tmp_path)


def damage(folder: Path, what: str) -> None:
    """Spoil one thing of a good layout."""
    index = json.loads((folder / "index.json").read_text())
    manifest_path = folder / "blobs" / index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(manifest_path.read_text())
    layer = folder / "blobs" / manifest["layers"][0]["digest"].replace(":", "/")
    if what == "missing-layer":
        layer.unlink()
    elif what == "pipe":
        layer.unlink()
        os.mkfifo(layer)
    elif what == "changed-layer":
        layer.write_bytes(layer.read_bytes()[:-20] + b"x" * 20)
    elif what == "changed-manifest":
        manifest_path.write_bytes(manifest_path.read_bytes() + b" ")
    elif what == "missing-manifest":
        manifest_path.unlink()
    else:
        _rewrite(folder, index, manifest, what)


def _rewrite(
    folder: Path,
    index: dict[str, list[dict[str, object]]],
    manifest: dict[str, list[dict[str, object]]],
    what: str,
) -> None:
    if what == "lying-size":
        manifest["layers"][0]["size"] = 3
    elif what == "huge-size":
        manifest["layers"][0]["size"] = 10**12
    elif what == "too-few-layers":
        manifest["layers"].pop()
    elif what == "not-a-digest":
        manifest["layers"][0]["digest"] = "sha256:../../../etc/passwd"
    elif what == "negative-size":
        manifest["layers"][0]["size"] = -5
    raw = json.dumps(manifest).encode()
    (folder / "blobs" / digests.of(raw).replace(":", "/")).write_bytes(raw)
    index["manifests"][0] |= {"digest": digests.of(raw), "size": len(raw)}
    (folder / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing-layer", "there is no such file"), ("changed-layer", "content is sha256|broken gzip"),
        ("changed-manifest", "more than the|bytes that the manifest"), ("missing-manifest", "there is no such file"),
        ("lying-size", "more than the 3 bytes"), ("huge-size", "of the 1000000000000 bytes"),
        ("too-few-layers", "has 1 layers, the config 2"), ("not-a-digest", "not a sha256"),
        ("negative-size", "`int` >= 0 - at `\\$.layers"), ("pipe", "not a regular file"),
    ],
)  # fmt: skip
def test_damage_is_an_error_that_names_the_place(tmp_path: Path, what: str, message: str) -> None:
    imaging.write_layout(tmp_path, LAYERS)
    damage(tmp_path, what)
    with pytest.raises(LadingError, match=message) as caught:
        content(open_image(tmp_path))
    assert caught.value.where


@pytest.mark.parametrize(
    "index", [b"", b"{}", b"[]", b"{", b'{"manifests": 3}', b'{"manifests": []}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_broken_index(tmp_path: Path, index: bytes) -> None:
    imaging.write_layout(tmp_path, LAYERS)
    (tmp_path / "index.json").write_bytes(index)
    with pytest.raises(MalformedError, match="index"):
        open_image(tmp_path)


def test_a_huge_index_is_not_read(tmp_path: Path) -> None:
    imaging.write_layout(tmp_path, LAYERS)
    with (tmp_path / "index.json").open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(LimitError, match="over 4194304 bytes"):
        open_image(tmp_path)


def test_a_write_that_fails_leaves_the_old(tmp_path: Path) -> None:
    entry = imaging.write_layout(tmp_path, LAYERS)
    before = (tmp_path / "index.json").read_bytes()

    def broken() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        layout.write(tmp_path, {"sha256:" + "1" * 64: broken}, [])  # type: ignore[dict-item]  # fails when called
    assert (tmp_path / "index.json").read_bytes() == before
    assert open_image(tmp_path).digest == entry.digest
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


@needs.tool("skopeo")
def test_skopeo_reads_what_is_written(tmp_path: Path) -> None:
    entry = imaging.write_layout(tmp_path / "in", LAYERS)
    subprocess.run(
        ["skopeo", "copy", "-q", f"oci:{tmp_path}/in:test", f"oci:{tmp_path}/out:copy"], check=True
    )
    image = open_image(tmp_path / "out")
    assert (image.digest, content(image)) == (entry.digest, LAYERS)


@needs.tool("skopeo")
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_what_skopeo_writes_is_read(tmp_path: Path, compression: str) -> None:
    imaging.write_layout(tmp_path / "in", LAYERS)
    options = ["--dest-compress", f"--dest-compress-format={compression}"]
    subprocess.run(
        ["skopeo", "copy", "-q", *options, f"oci:{tmp_path}/in:test", f"oci:{tmp_path}/out:copy"], check=True
    )
    image = open_image(tmp_path / "out", "copy")
    assert content(image) == LAYERS
    assert all(layer.media_type.endswith(compression) for layer in image.layers)
