from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

import imaging
import needs
from lading.errors import LadingError, MalformedError, UnavailableError
from lading.oci import archive
from lading.oci import digest as digests
from lading.oci.image import Image
from lading.oci.stream import LayerStream

LAYERS = [imaging.tar({"etc/os-release": b"ID=test\n"}), imaging.tar({"app": b"2" * 3000})]


def content(image: Image) -> list[bytes]:
    out = []
    for layer in image.layers:
        with LayerStream(layer, "layer") as stream:
            out.append(b"".join(stream.chunks()))
    return out


def docker_archive(layers: list[bytes], *tags: str, **changes: object) -> bytes:
    """Make an archive as `docker save` did for ten years."""
    config = json.dumps({
        "architecture": "amd64", "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digests.of(layer) for layer in layers]},
        "history": [{"created_by": "ADD file"}, {"empty_layer": True}, {"created_by": "RUN x"}],
    }).encode()  # fmt: skip
    name = digests.of(config).partition(":")[2] + ".json"
    paths = [f"{number:064d}/layer.tar" for number in range(len(layers))]
    manifest: dict[str, object] = {"Config": name, "RepoTags": list(tags) or None, "Layers": paths, **changes}
    tree: dict[str, bytes | tuple[str, str] | None] = {name: config}
    for path, layer in zip(paths, layers, strict=True):
        tree |= {path.partition("/")[0]: None, path: layer}
    return imaging.tar({**tree, "manifest.json": json.dumps([manifest]).encode()})


def open_image(data: bytes, ref: str = "", tmp: Path | None = None) -> Image:
    assert tmp is not None
    path = tmp / "image.tar"
    path.write_bytes(data)
    return archive.open_image(path, ref, None, "docker-archive:image.tar")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_pipe(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "image.tar").write_bytes(pack(docker_archive(LAYERS)))
    with subprocess.Popen(["cat", tmp_path / "image.tar"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        path = Path(f"/dev/fd/{writer.stdout.fileno()}")
        image = archive.open_image(path, "", None, "docker-archive:/dev/stdin")
        assert content(image) == LAYERS


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_dockers_old_form(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    image = open_image(pack(docker_archive(LAYERS, "app:1.0")), tmp=tmp_path)
    assert content(image) == LAYERS
    assert [layer.created_by for layer in image.layers] == ["ADD file", "RUN x"]
    assert image.config_digest.startswith("sha256:")


def test_compressed_layers_in_the_old_form(tmp_path: Path) -> None:
    stored = [gzip.compress(layer) for layer in LAYERS]
    data = docker_archive(LAYERS)
    tree = {member.name: handle.read() for member, handle in _files(data)}
    for path in [path for path in tree if path.endswith("layer.tar")]:
        tree[path] = stored[LAYERS.index(tree[path])]
    assert content(open_image(imaging.tar(tree), tmp=tmp_path)) == LAYERS


def _files(data: bytes) -> list[tuple[tarfile.TarInfo, io.BytesIO]]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        for member in opened:
            handle = opened.extractfile(member)
            if handle:
                found.append((member, io.BytesIO(handle.read())))
    return found


def test_a_layer_that_is_a_link_to_another(tmp_path: Path) -> None:
    data = docker_archive([LAYERS[0], LAYERS[0]])
    tree: dict[str, bytes | tuple[str, str] | None] = {
        member.name: handle.read() for member, handle in _files(data)
    }
    tree[f"{1:064d}/layer.tar"] = ("->", f"../{0:064d}/layer.tar")
    assert content(open_image(imaging.tar(tree), tmp=tmp_path)) == [LAYERS[0], LAYERS[0]]


@pytest.mark.parametrize("ref", ["app:1.0", "", "docker.io/library/app:1.0"])
def test_tags(tmp_path: Path, ref: str) -> None:
    tags = ["app:1.0"] if "docker.io" not in ref else ["docker.io/library/app:1.0"]
    assert open_image(docker_archive(LAYERS, *tags), ref, tmp=tmp_path).layers


def test_a_tag_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"no image is tagged 'b:2'; there is: app:1\.0"):
        open_image(docker_archive(LAYERS, "app:1.0"), "b:2", tmp=tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (docker_archive(LAYERS, Layers=["gone/layer.tar", "x"]), "gone/layer.tar is not in the archive"),
        (docker_archive(LAYERS, Layers=["one"]), "has 1 layers, the config 2"),
        (docker_archive(LAYERS, Config="gone.json"), "gone.json is not in the archive"),
        (imaging.tar({"manifest.json": b"{"}), "manifest.json"),
        (imaging.tar({"manifest.json": b"[]"}), "there are 0 images"),
        (imaging.tar({"etc/passwd": b""}), "neither manifest.json nor index.json"),
        (b"", "neither manifest.json nor index.json"),
        (b"no tar at all" * 100, "no tar header"),
        (b"\x1f\x8b broken", "broken gzip"),
    ],
)
def test_refuses(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(LadingError, match=message) as caught:
        content(open_image(data, tmp=tmp_path))
    assert "image.tar" in caught.value.where


def test_a_changed_config_is_noticed_by_its_name(tmp_path: Path) -> None:
    data = docker_archive(LAYERS).replace(b'"amd64"', b'"amd65"')
    with pytest.raises(MalformedError, match="content is sha256"):
        open_image(data, tmp=tmp_path)


def test_cut_at_any_byte(tmp_path: Path) -> None:
    data = docker_archive([imaging.tar({"a": b"1"})])
    end = len(data.rstrip(b"\0"))
    for cut in range(0, end, 37):
        with pytest.raises(LadingError):
            content(open_image(data[:cut], tmp=tmp_path))


@pytest.mark.parametrize("name", ["alpine-310.tar.gz", "alpine-311.tar.gz"])
def test_real_images(name: str) -> None:
    image = archive.open_image(needs.images() / name, "", None, name)
    assert [len(data) > 5_000_000 for data in content(image)] == [True]
    assert "ADD file" in image.layers[0].created_by


@needs.tool("skopeo")
@pytest.mark.parametrize("transport", ["docker-archive", "oci-archive"])
def test_what_skopeo_writes(tmp_path: Path, transport: str) -> None:
    imaging.write_layout(tmp_path / "in", LAYERS)
    file = tmp_path / "out.tar"
    subprocess.run(
        ["skopeo", "copy", "-q", f"oci:{tmp_path}/in:test", f"{transport}:{file}:app:1"], check=True
    )
    for path in (file, _zipped(file)):
        assert content(archive.open_image(path, "", None, str(path))) == LAYERS


def _zipped(file: Path) -> Path:
    path = file.with_suffix(".tar.gz")
    with file.open("rb") as plain, gzip.open(path, "wb") as packed:
        shutil.copyfileobj(plain, packed)
    return path


def test_dockers_new_form_has_both_manifests(tmp_path: Path) -> None:
    imaging.write_layout(tmp_path / "in", LAYERS)
    tree = {
        str(path.relative_to(tmp_path / "in")): path.read_bytes()
        for path in sorted((tmp_path / "in").rglob("*"))
        if path.is_file()
    }
    manifest = json.loads(
        tree["blobs/" + json.loads(tree["index.json"])["manifests"][0]["digest"].replace(":", "/")]
    )
    place = "blobs/" + manifest["config"]["digest"].replace(":", "/")
    layers = ["blobs/" + layer["digest"].replace(":", "/") for layer in manifest["layers"]]
    docker = [{"Config": place, "RepoTags": ["app:1"], "Layers": layers}]
    data = imaging.tar({**tree, "manifest.json": json.dumps(docker).encode()})
    by_index = open_image(data, tmp=tmp_path)
    assert (by_index.digest != "", content(by_index)) == (True, LAYERS)
    assert content(open_image(data, "app:1", tmp=tmp_path)) == LAYERS
