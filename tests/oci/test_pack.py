from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import needs
from lading.oci import layout, pack
from lading.oci.image import Platform
from lading.oci.stream import LayerStream


def tree(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "b").write_text("b")
    (folder / "a").write_text("a" * 1000)
    (folder / "a").chmod(0o755)
    (folder / "link").symlink_to("sub/b")
    return folder


def test_the_same_tree_gives_the_same_digest(tmp_path: Path) -> None:
    one = pack.pack(tree(tmp_path / "one"), "srv/app", tmp_path / "1", created_by="x")
    os.utime(tree(tmp_path / "two") / "a", (5, 5))
    two = pack.pack(tmp_path / "two", "srv/app", tmp_path / "2", created_by="x")
    assert (one.digest, one.diff_id, one.size) == (two.digest, two.diff_id, two.size)
    assert one.size == (tmp_path / "1").stat().st_size


def test_what_is_in_it(tmp_path: Path) -> None:
    packed = pack.pack(tree(tmp_path / "t"), "srv/app", tmp_path / "layer", created_by="x", epoch_s=7)
    with tarfile.open(packed.path) as archive:
        found = {
            entry.name: (entry.type, oct(entry.mode), entry.uid, entry.uname, entry.mtime)
            for entry in archive
        }
    assert list(found) == ["srv", "srv/app", "srv/app/a", "srv/app/link", "srv/app/sub", "srv/app/sub/b"]
    assert found["srv/app/a"] == (tarfile.REGTYPE, "0o755", 0, "", 7)
    assert found["srv/app/link"][0] == tarfile.SYMTYPE


def write(tmp_path: Path) -> Path:
    layers = [pack.pack(tree(tmp_path / "t"), "srv", tmp_path / "l", created_by="COPY t /srv")]
    place = tmp_path / "image"
    pack.write_image(
        place,
        layers,
        tag="v1",
        platform=Platform("linux", "amd64"),
        created="2024-01-01T00:00:00Z",
        execution={"Cmd": ["x"]},
    )
    return place


def test_an_image_is_read_back(tmp_path: Path) -> None:
    image = layout.open_image(write(tmp_path), "v1", None, "oci:image")
    assert (image.created, image.layers[0].created_by) == ("2024-01-01T00:00:00Z", "COPY t /srv")
    with (
        LayerStream(image.layers[0], "l") as stream,
        tarfile.open(fileobj=io.BytesIO(b"".join(stream.chunks()))) as archive,
    ):
        assert "srv/sub/b" in archive.getnames()


@needs.tool("skopeo")
def test_skopeo_takes_it(tmp_path: Path) -> None:
    place = write(tmp_path)
    subprocess.run(
        ["skopeo", "copy", "-q", f"oci:{place}:v1", f"docker-archive:{tmp_path}/out.tar:a:v1"], check=True
    )
    inspected = subprocess.run(
        ["skopeo", "inspect", "--config", f"oci:{place}:v1"], capture_output=True, text=True, check=True
    )
    assert '"Cmd"' in inspected.stdout
