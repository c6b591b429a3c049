from __future__ import annotations

import dataclasses
import errno
import gzip
import io
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import imaging
from lading.errors import MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci.image import Layer
from lading.oci.store_fill import fill

TAR = imaging.tar({"a": b"1" * 3000})
ZIPPED = gzip.compress(TAR, mtime=0)


@pytest.mark.parametrize(
    ("layer", "stored"),
    [
        pytest.param(imaging.layer(TAR), TAR, id="plain"),
        pytest.param(imaging.layer(TAR, ZIPPED), ZIPPED, id="gzip"),
        pytest.param(imaging.layer(TAR, ZIPPED, size=-1), ZIPPED, id="size-not-known"),
        pytest.param(imaging.layer(TAR, ZIPPED + b"\0" * 512), ZIPPED + b"\0" * 512, id="zeros-behind"),
    ],
)
def test_fill(tmp_path: Path, layer: Layer, stored: bytes) -> None:
    filled = fill(layer, tmp_path / "blob", "x")
    assert (tmp_path / "blob").read_bytes() == stored
    assert (filled.size, filled.tar_bytes, filled.digest) == (len(stored), len(TAR), layer.digest)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"digest": digests.of(b"x")}, "content is sha256", id="digest"),
        pytest.param({"diff_id": digests.of(b"x")}, "content is sha256", id="diff-id"),
        pytest.param({"size": 5}, "more than the 5 bytes", id="shorter"),
        pytest.param({"size": 5000}, "of the 5000 bytes", id="longer"),
        pytest.param({"open": imaging.opener(ZIPPED[:-9])}, "content is|too early|bytes that", id="cut"),
        # The digest of the tar is right for both, but the bytes are others.
        pytest.param({"digest": digests.of(TAR), "size": -1}, "content is sha256", id="digest-of-the-tar"),
    ],
)
def test_a_layer_that_lies(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        fill(imaging.layer(TAR, ZIPPED, **changes), tmp_path / "blob", "x")


def test_a_medium_that_fails_is_not_the_store(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(UnavailableError, match=r"x: layer sha256:.*cannot be read: .*Input/output"):
        fill(dataclasses.replace(imaging.layer(TAR), open=Broken), tmp_path / "blob", "x")


def test_it_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(UnavailableError, match="another layer failed"):
        fill(imaging.layer(TAR), tmp_path / "blob", "x", stop)


def test_a_full_disk(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom lading.errors import UnavailableError\n"
        "import imaging\nfrom lading.oci.store_fill import fill\n"
        "try:\n    fill(imaging.layer(imaging.tar({'a': b'1' * 9000})), pathlib.Path(sys.argv[1]), 'x')\n"
        "except UnavailableError as error:\n    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "blob")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "no room to write it" in done.stdout
