from __future__ import annotations

import json
from pathlib import Path

import pytest

import needs
import program
import registries
from cli import stocked
from lading.oci import layout
from registries import NEEDS


@NEEDS
def test_to_the_registry_that_the_name_names(lading: program.Lading, tmp_path: Path) -> None:
    digest = stocked.layout(lading, "made")
    with registries.registry(tmp_path / "registry") as host:
        stocked.tag(lading, "oci:made", f"{host}/app:1", "other:1")
        done = lading("push", f"{host}/app:1")
        assert (done.returncode, done.stdout.decode().strip()) == (0, digest), done.stderr
        assert done.stderr.decode().startswith(f"lading: docker://{host}/app:1: 1 layer, ")
        assert lading("push", "-q", "other:1", f"docker://{host}/two/names:2").stderr == b""
        for name in ("app:1", "two/names:2"):
            shown = registries.skopeo("inspect", "--tls-verify=false", "--raw", f"docker://{host}/{name}")
            assert json.loads(shown)["layers"]


def test_what_is_not_in_the_store(lading: program.Lading) -> None:
    done = lading("push", "127.0.0.1:9/nothing")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"no such image in the store" in done.stderr


@pytest.mark.parametrize("target", ["oci:out:x", "oci-archive:out.tar", "docker-archive:out.tar", "dir:out"])
def test_to_files(lading: program.Lading, target: str) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "app")
    done = lading("push", "app", target)
    assert (done.returncode, done.stdout.decode().strip()) == (0, "" if "docker" in target else digest)
    found = json.loads(lading("inspect", target).stdout)
    assert found["config_digest"] == stocked.images(lading)[0]["config_digest"]


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        ("rootfs:out", 2, "rootfs: is not written to"), ("docker-daemon:x", 2, "is not written to"),
        ("oci:made/blobs", 2, "holds something else"), ("dir:made", 2, "holds something else"),
        ("oci-archive:made", 3, "Is a directory"), ("docker-archive:none/out.tar", 3, "No such file or directory"),
        ("UPPER", 3, "must be in lower case"), ("127.0.0.1:9/x", 3, "127.0.0.1:9"),
    ],
)  # fmt: skip
def test_wrong(lading: program.Lading, target: str, status: int, message: str) -> None:
    stocked.layout(lading, "made")
    done = lading("push", "oci:made", target)
    assert (done.returncode, done.stdout) == (status, b""), done.stderr
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@needs.tool("skopeo")
def test_skopeo_reads_the_store_itself(lading: program.Lading, tmp_path: Path) -> None:
    stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "app:1", "quay.io/x/app:2")
    store = lading.folder / "data" / "images"
    for name in ("docker.io/library/app:1", "quay.io/x/app:2"):
        registries.skopeo("copy", "-q", f"oci:{store}:{name}", f"oci:{tmp_path}/out:{name}")
        assert (
            layout.open_image(tmp_path / "out", name, None, "x").digest == stocked.images(lading)[0]["digest"]
        )


@needs.tool("skopeo")
def test_what_skopeo_puts_into_the_store_is_an_image_of_it(lading: program.Lading) -> None:
    stocked.layout(lading, "made")
    stocked.layout(lading, "two", created="2020-01-01T00:00:00Z")
    stocked.tag(lading, "oci:made", "app:1")
    store = lading.folder / "data" / "images"
    registries.skopeo("copy", "-q", f"oci:{lading.folder}/two:latest", f"oci:{store}:two:3")
    assert lading("prune").stdout.startswith(b"0 images without a name, 0 blobs")
    assert len(stocked.images(lading)) == 2
    assert (
        lading("inspect", "two:3").returncode == lading("inspect", "docker.io/library/two:3").returncode == 0
    )
    assert lading("rm", "two:3").stdout == b"two:3\n"


@registries.NEEDS_CRANE
def test_crane_reads_the_store_and_what_is_pushed(lading: program.Lading, tmp_path: Path) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "app:1")
    store = lading.folder / "data" / "images"
    for target in ("docker-archive:a.tar:x:1", "oci:out"):
        assert lading("push", "app:1", target).returncode == 0
    with registries.registry(tmp_path / "registry") as host:
        for place, name in (
            (store, "store"),
            (lading.folder / "out", "layout"),
            (lading.folder / "a.tar", "archive"),
        ):
            registries.crane("push", "--insecure", str(place), f"{host}/{name}:1")
            registries.crane("validate", "--remote", f"{host}/{name}:1")
        assert (
            registries.crane("digest", f"{host}/store:1")
            == registries.crane("digest", f"{host}/layout:1")
            == digest
        )
        assert lading("push", "app:1", f"{host}/ours:1").returncode == 0
        registries.crane("validate", "--remote", f"{host}/ours:1")
        for form in ("oci", "tarball"):
            registries.crane("pull", "--format", form, f"{host}/ours:1", str(tmp_path / form))
            stocked.tag(lading, str(tmp_path / form), form)
    assert {image["tar_bytes"] for image in stocked.images(lading)} == {len(stocked.BASE)}
    assert {image["digest"] for image in stocked.images(lading, "oci")} == {digest}
