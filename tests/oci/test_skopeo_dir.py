from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest

import imaging
import needs
import registries
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError
from lading.oci import digest as digests
from lading.oci import layout, rootfs, skopeo_dir
from lading.oci.image import Image, Platform

SKOPEO = needs.tool("skopeo")


@pytest.fixture
def image(folder: Path) -> Image:
    return layout.open_image(folder, "test", None, "source")


def open_image(path: Path, platform: Platform | None = None) -> Image:
    return skopeo_dir.open_image(path, platform, "dir:test")


def test_what_is_written_is_read(tmp_path: Path, image: Image, folder: Path) -> None:
    assert skopeo_dir.write(tmp_path / "out", image) == image.digest
    assert skopeo_dir.is_one(tmp_path / "out")
    assert registries.same(open_image(tmp_path / "out"), folder)


@SKOPEO
def test_skopeo_reads_what_is_written(tmp_path: Path, image: Image, folder: Path) -> None:
    skopeo_dir.write(tmp_path / "out", image)
    registries.skopeo("copy", "-q", f"dir:{tmp_path}/out", f"oci:{tmp_path}/back:test")
    assert registries.same(layout.open_image(tmp_path / "back", "test", None, "x"), folder)


@SKOPEO
@pytest.mark.parametrize("form", ["oci", "v2s2"])
def test_what_skopeo_writes_is_read(tmp_path: Path, folder: Path, form: str) -> None:
    registries.skopeo("copy", "-q", "--format", form, f"oci:{folder}:test", f"dir:{tmp_path}/out")
    found = open_image(tmp_path / "out")
    assert registries.read(found) == registries.read(layout.open_image(folder, "test", None, "x"))
    assert ("docker" in found.media_type) == (form == "v2s2")


@SKOPEO
def test_several_platforms(tmp_path: Path) -> None:
    entries = []
    for architecture in ("amd64", "arm64"):
        entry = imaging.write_layout(
            tmp_path / "in", [imaging.tar({architecture: b"1"})], architecture, architecture=architecture
        )
        entries.append({"mediaType": entry.media_type, "digest": entry.digest, "size": entry.size,
                        "platform": {"os": "linux", "architecture": architecture}})  # fmt: skip
    raw = json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    ).encode()
    place = tmp_path / "in" / "blobs" / digests.of(raw).replace(":", "/")
    place.write_bytes(raw)
    index = {
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "digest": digests.of(raw),
        "size": len(raw),
    }
    (tmp_path / "in" / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [index]}))
    registries.skopeo("copy", "-q", "--all", f"oci:{tmp_path}/in", f"dir:{tmp_path}/out")
    for number, architecture in enumerate(("amd64", "arm64")):
        found = open_image(tmp_path / "out", Platform("linux", architecture))
        assert found.digest == entries[number]["digest"]


def test_another_image_takes_the_place(tmp_path: Path, image: Image) -> None:
    imaging.write_layout(tmp_path / "other", [imaging.tar({"other": b"1"})])
    other = layout.open_image(tmp_path / "other", "", None, "x")
    skopeo_dir.write(tmp_path / "out", image)
    (tmp_path / "out" / "signature-1").write_bytes(b"mine")
    assert skopeo_dir.write(tmp_path / "out", other) == other.digest
    assert open_image(tmp_path / "out").digest == other.digest
    names = {other.layers[0].digest[7:], other.config_digest[7:], "manifest.json", "version", "signature-1"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names


def test_what_is_there_is_left_alone(tmp_path: Path, image: Image) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    for place in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError, match="something else"):
            skopeo_dir.write(place, image)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
    with pytest.raises(UsageError, match="a directory is not an image"):
        skopeo_dir.write(tmp_path / "out", rootfs.open_image(tmp_path, "rootfs:x"))
    with pytest.raises(UnavailableError, match="no image in skopeo's form"):
        open_image(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("manifest.json", b"{", "not an image manifest"),
        ("manifest.json", b'{"config": {"digest": "sha256:../x", "size": 3}}', "not a sha256"),
        ("LAYER", b"x", "there are 1 of the"),
        ("CONFIG", b"{}", "there are 2 of the"),
        ("CONFIG", None, "no such file"),
    ],
)
def test_damage(tmp_path: Path, image: Image, name: str, data: bytes | None, message: str) -> None:
    skopeo_dir.write(tmp_path, image)
    name = {"LAYER": image.layers[0].digest[7:], "CONFIG": image.config_digest[7:]}.get(name, name)
    if data is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(LadingError, match=message):
        registries.read(open_image(tmp_path))


def test_a_broken_layer_is_not_written_as_whole(tmp_path: Path, image: Image, folder: Path) -> None:
    skopeo_dir.write(tmp_path, image)
    before = set(tmp_path.iterdir())
    wrong = dataclasses.replace(image.layers[1], open=lambda: io.BytesIO(b"x"))
    with pytest.raises(MalformedError, match="there are 1 of the"):
        skopeo_dir.write(tmp_path, dataclasses.replace(image, layers=(image.layers[0], wrong)))
    assert set(tmp_path.iterdir()) == before
    assert registries.same(open_image(tmp_path), folder)
