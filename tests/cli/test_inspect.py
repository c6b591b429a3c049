from __future__ import annotations

import json

import pytest

import imaging
import program
from cli import stocked
from lading.oci import digest as digests


@pytest.fixture
def digest(lading: program.Lading) -> str:
    found = stocked.layout(
        lading, "made", stocked.BASE, imaging.tar({"a": b""}), config={"Cmd": ["/a"], "New": 1}
    )
    stocked.tag(lading, "oci:made", "app", "quay.io/x/app:2")
    return found


def test_the_document(lading: program.Lading, digest: str) -> None:
    done = lading("inspect", "app")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert (found["digest"], found["platform"], found["created"]) == (digest, "linux/amd64", stocked.CREATED)
    assert found["names"] == ["docker.io/library/app:latest", "quay.io/x/app:2"]
    assert found["config"]["config"] == {"Cmd": ["/a"], "New": 1}
    assert [layer["digest"] for layer in found["layers"]] == [
        one["digest"] for one in found["manifest"]["layers"]
    ]
    assert [layer["tar_bytes"] for layer in found["layers"]] == [len(stocked.BASE), 10240]
    assert found["bytes"] == stocked.images(lading)[0]["bytes"]


def test_raw(lading: program.Lading, digest: str) -> None:
    manifest = lading("inspect", digest[:20], "--manifest").stdout
    assert digests.of(manifest) == digest
    config = lading("inspect", "app", "--config-file").stdout
    assert digests.of(config) == json.loads(manifest)["config"]["digest"]


def test_a_directory_has_no_manifest(lading: program.Lading) -> None:
    (lading.folder / "root").mkdir()
    assert json.loads(lading("inspect", "rootfs:root").stdout)["manifest"] is None
    for option in ("--manifest", "--config-file"):
        done = lading("inspect", "rootfs:root", option)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"there is no " in done.stderr


def test_what_is_not_there(lading: program.Lading) -> None:
    done = lading("inspect", "./nothing")
    assert (done.returncode, done.stdout) == (3, b"")
