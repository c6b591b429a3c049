from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
import needs
import registries
from lading.errors import MalformedError, UsageError
from lading.oci import archive, archive_write, layout, rootfs
from lading.oci.image import DOCKER_MANIFEST, OCI_MANIFEST, Image, Layer
from lading.oci.stream import LayerStream

NAME = "docker.io/library/app:1"


@pytest.fixture
def image(folder: Path) -> Image:
    return layout.open_image(folder, "test", None, "source")


def tars(image: Image) -> list[bytes]:
    return [b"".join(read_tar(layer)) for layer in image.layers]


def read_tar(layer: Layer) -> list[bytes]:
    with LayerStream(layer, "x") as stream:
        return list(stream.chunks())


def opened(path: Path, ref: str = "") -> Image:
    return archive.open_image(path, ref, None, "archive")


def write(form: str, path: Path, image: Image) -> None:
    if form == "oci":
        archive_write.write_oci(path, [image], NAME)
    else:
        archive_write.write_docker(path, image, [NAME])


def test_oci_archive(tmp_path: Path, image: Image, folder: Path) -> None:
    assert archive_write.write_oci(tmp_path / "a.tar", [image], NAME) == image.digest
    assert registries.same(opened(tmp_path / "a.tar", NAME), folder)
    assert registries.same(opened(tmp_path / "a.tar"), folder)


def test_docker_archive(tmp_path: Path, image: Image) -> None:
    archive_write.write_docker(
        tmp_path / "a.tar", image, [NAME, f"quay.io/x/y@{image.digest}", "quay.io/x/y:2"]
    )
    found = opened(tmp_path / "a.tar", "app:1")
    assert found.names == (NAME, "quay.io/x/y:2")
    assert (found.config, tars(found)) == (image.config, [imaging.tar(tree) for tree in registries.TREES])
    archive_write.write_docker(tmp_path / "b.tar", image)
    assert opened(tmp_path / "b.tar").names == ()


@pytest.mark.parametrize("form", ["oci", "docker"])
def test_the_same_image_gives_the_same_bytes(tmp_path: Path, image: Image, form: str) -> None:
    for name in ("a", "b"):
        write(form, tmp_path / name, image)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with tarfile.open(tmp_path / "a") as read:
        for member in read:
            assert (member.mtime, member.uid, member.uname, member.mode) == (0, 0, "", 0o644)


@needs.tool("skopeo")
@pytest.mark.parametrize("form", ["oci", "docker"])
def test_skopeo_reads_what_is_written(tmp_path: Path, image: Image, form: str) -> None:
    write(form, tmp_path / "a.tar", image)
    source = (
        f"oci-archive:{tmp_path}/a.tar:{NAME}" if form == "oci" else f"docker-archive:{tmp_path}/a.tar:{NAME}"
    )
    registries.skopeo("copy", "-q", source, f"oci:{tmp_path}/back:test")
    back = layout.open_image(tmp_path / "back", "test", None, "x")
    assert tars(back) == tars(image)
    assert (back.digest == image.digest) == (form == "oci")


@needs.tool("skopeo")
def test_what_skopeo_writes_is_read(tmp_path: Path, image: Image, folder: Path) -> None:
    registries.skopeo("copy", "-q", f"oci:{folder}:test", f"oci-archive:{tmp_path}/a.tar:{NAME}")
    assert registries.same(opened(tmp_path / "a.tar", NAME), folder)
    registries.skopeo("copy", "-q", f"oci:{folder}:test", f"docker-archive:{tmp_path}/b.tar:{NAME}")
    assert tars(opened(tmp_path / "b.tar", "app:1")) == tars(image)


@pytest.fixture
def podman() -> Iterator[list[str]]:
    """Give the beginning of a podman command with a store of its own, whose path may not be long."""
    with tempfile.TemporaryDirectory() as place:
        yield ["podman", "--root", f"{place}/g", "--runroot", f"{place}/r", "--storage-driver", "vfs"]


@needs.tool("podman")
@pytest.mark.parametrize("form", ["oci", "docker"])
def test_podman_loads_what_is_written(tmp_path: Path, image: Image, form: str, podman: list[str]) -> None:
    write(form, tmp_path / "a.tar", image)
    (tmp_path / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    policy = ["--signature-policy", str(tmp_path / "policy.json")]
    loaded = subprocess.run(
        [*podman, "load", *policy, "-i", str(tmp_path / "a.tar")], capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    listed = subprocess.run(
        [*podman, "images", "--format", "json"], capture_output=True, text=True, check=True
    )
    (found,) = json.loads(listed.stdout)
    assert found["Id"] == image.config_digest[7:]
    assert NAME in found["Names"]


def test_dockers_manifest_becomes_ocis(tmp_path: Path, image: Image) -> None:
    docker = dataclasses.replace(
        image,
        media_type=DOCKER_MANIFEST,
        manifest=image.manifest.replace(OCI_MANIFEST.encode(), DOCKER_MANIFEST.encode()),
    )
    assert archive_write.write_oci(tmp_path / "a.tar", [docker]) == image.digest
    assert opened(tmp_path / "a.tar").media_type == OCI_MANIFEST


def test_long_names(tmp_path: Path, image: Image) -> None:
    """A sha512 digest does not fit into a plain header."""
    data = imaging.tar({"a": b"1"})
    digest = "sha512:" + hashlib.sha512(data).hexdigest()
    layer = imaging.layer(data, digest=digest, diff_id=digest)
    config = json.dumps({"os": "linux", "rootfs": {"diff_ids": [digest]}}).encode()
    made = dataclasses.replace(image, manifest=b"", config=config, layers=(layer,))
    for form in ("oci", "docker"):
        write(form, tmp_path / form, made)
        assert tars(opened(tmp_path / form)) == [data]


@pytest.mark.parametrize("form", ["oci", "docker"])
def test_what_cannot_be_written_leaves_the_old(tmp_path: Path, image: Image, form: str) -> None:
    (tmp_path / "a.tar").write_bytes(b"old")
    wrong = dataclasses.replace(image.layers[1], open=lambda: io.BytesIO(b"x" * image.layers[1].size))
    with pytest.raises(MalformedError, match="content is"):
        write(form, tmp_path / "a.tar", dataclasses.replace(image, layers=(image.layers[0], wrong)))
    with pytest.raises(UsageError, match="a directory is not an image"):
        write(form, tmp_path / "a.tar", rootfs.open_image(tmp_path, "rootfs:x"))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.tar", b"old")]
