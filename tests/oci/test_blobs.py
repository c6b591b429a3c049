from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

import imaging
from lading.errors import MalformedError, UsageError
from lading.oci import blobs, layout, rootfs
from lading.oci import digest as digests
from lading.oci.image import DOCKER_MANIFEST, Image, Platform, parse_manifest

LAYERS = [imaging.tar({"a": b"1"}), imaging.tar({"b": b"2" * 3000})]


@pytest.fixture
def image(tmp_path: Path) -> Image:
    imaging.write_layout(tmp_path / "layout", LAYERS)
    return layout.open_image(tmp_path / "layout", "", None, "x")


def test_all_of_an_image(image: Image) -> None:
    found = blobs.of(image)
    assert [blob.descriptor.digest for blob in found] == [
        *(layer.digest for layer in image.layers), image.config_digest, image.digest,
    ]  # fmt: skip
    for blob in found:
        assert digests.of(b"".join(blobs.pieces(blob, "x"))) == blob.descriptor.digest


def test_a_layer_twice_is_one_blob_and_foreign_ones_are_none(image: Image) -> None:
    first, second = image.layers
    twice = dataclasses.replace(image, layers=(first, dataclasses.replace(second, foreign=True), first))
    assert [blob.descriptor.digest for blob in blobs.of(twice).layers] == [first.digest]


def test_what_has_no_manifest_gets_one(image: Image) -> None:
    layers = tuple(dataclasses.replace(layer, size=-1) for layer in image.layers)
    found = blobs.of(dataclasses.replace(image, manifest=b"", layers=layers))
    assert found.manifest.descriptor.digest == image.digest


def test_pieces_are_checked(image: Image) -> None:
    blob = blobs.of(image).layers[0]
    short = dataclasses.replace(blob, open=lambda: io.BytesIO(b"x"))
    with pytest.raises(MalformedError, match="there are 1 of the"):
        list(blobs.pieces(short, "x"))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a directory is not an image"):
        blobs.of(rootfs.open_image(tmp_path, "rootfs:x"))


def test_dockers_manifest_as_ocis(image: Image) -> None:
    assert blobs.as_oci(image) is None
    text = image.manifest.replace(b"application/vnd.oci.image.manifest.v1+json", DOCKER_MANIFEST.encode())
    text = text.replace(
        b"application/vnd.oci.image.config.v1+json", b"application/vnd.docker.container.image.v1+json"
    )
    text = text.replace(
        b"application/vnd.oci.image.layer.v1.tar+gzip", b"application/vnd.docker.image.rootfs.diff.tar.gzip"
    )
    docker = dataclasses.replace(image, manifest=text, media_type=DOCKER_MANIFEST)
    twin = blobs.as_oci(docker)
    assert twin is not None
    assert twin.open().read(-1) == image.manifest


def test_an_index_of_platforms(image: Image) -> None:
    manifest = blobs.of(image).manifest.descriptor
    arm = dataclasses.replace(image, architecture="arm", variant="v7")
    raw = blobs.index([image, arm], [manifest, manifest]).open().read(-1)
    found = parse_manifest(raw, "index").manifests
    assert found is not None
    assert [entry.platform for entry in found] == [Platform("linux", "amd64"), Platform("linux", "arm", "v7")]
    assert b'"variant":""' not in raw
    with pytest.raises(UsageError, match="two images for linux/amd64"):
        blobs.index([image, image], [manifest, manifest])
