from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

import imaging
from lading.oci import layout
from lading.oci.image import Descriptor, Platform
from lading.oci.layout import REF_NAME
from lading.oci.store_entry import Entry, described
from lading.oci.store_index import TAR_BYTES

LAYERS = [imaging.tar({"a": b"1"}), imaging.tar({"b": b"2" * 3000})]
ANNOTATED = {REF_NAME: "docker.io/library/app:1"}


def made(folder: Path, **changes: object) -> Entry:
    entry = imaging.write_layout(folder, LAYERS, created="2024-01-01T00:00:00Z")

    def open_blob(descriptor: Descriptor) -> BinaryIO:
        return layout.open_regular(folder / "blobs" / descriptor.digest.replace(":", "/"), "x")

    return described(msgspec.structs.replace(entry, **changes), open_blob)


def test_an_image(tmp_path: Path) -> None:
    found = made(tmp_path, annotations={**ANNOTATED, TAR_BYTES: "10240,20480"})
    sizes = [path.stat().st_size for path in (tmp_path / "blobs" / "sha256").iterdir()]
    assert msgspec.structs.asdict(found) | {"digest": "", "config_digest": ""} == {
        "name": "docker.io/library/app:1", "digest": "", "config_digest": "", "platform": "linux/amd64",
        "created": "2024-01-01T00:00:00Z", "layers": 2, "problem": "", "tar_bytes": 30720,
        "bytes": sum(sizes) - (tmp_path / "blobs" / found.digest.replace(":", "/")).stat().st_size,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["10240", "10240,-1", "", "x"])
def test_tars_that_nobody_has_counted(tmp_path: Path, text: str) -> None:
    assert made(tmp_path, annotations={**ANNOTATED, TAR_BYTES: text}).tar_bytes == -1


def test_an_image_that_cannot_be_read(tmp_path: Path) -> None:
    missing = made(tmp_path, digest="sha256:" + "0" * 64, annotations=None, platform=Platform("linux", "arm"))
    assert (missing.name, missing.layers, missing.platform) == ("", 0, "linux/arm")
    assert "no such file" in missing.problem
