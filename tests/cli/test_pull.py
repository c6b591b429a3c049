from __future__ import annotations

import dataclasses
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
import program
import registries
from cli import stocked
from lading.cli.pull import own_names
from lading.oci import rootfs
from loopback import Exchange
from registries import NEEDS, PASSWORD, USER


@pytest.fixture
def host(lading: program.Lading) -> Iterator[str]:
    """Run a registry that has an image as `app:1`."""
    stocked.layout(lading, "made", stocked.BASE, imaging.tar({"a": b"1"}))
    with registries.registry(lading.folder / "registry") as host:
        registries.skopeo(
            "copy",
            "-q",
            "--dest-tls-verify=false",
            f"oci:{lading.folder}/made:latest",
            f"docker://{host}/app:1",
        )
        yield host


@NEEDS
def test_from_a_registry(lading: program.Lading, host: str) -> None:
    done = lading("pull", f"{host}/app:1")
    assert done.returncode == 0
    (image,) = stocked.images(lading)
    assert done.stdout.decode() == image["digest"] + "\n"
    assert done.stderr.decode().startswith(f"lading: {host}/app:1: 2 layers, ")
    assert image["name"] == f"{host}/app:1"
    # By its digest it is another name.
    assert lading("pull", "-q", f"docker://{host}/app:9@{image['digest']}").stderr == b""
    assert stocked.names(lading) == [f"{host}/app:1", f"{host}/app@{image['digest']}"]
    assert lading("pull", f"{host}/app:1", "-t", "mine", "-t", "ours:2").returncode == 0
    assert "docker.io/library/ours:2" in stocked.names(lading)


@NEEDS
def test_the_registry_is_asked_whatever_is_here(lading: program.Lading, host: str) -> None:
    stocked.layout(lading, "other")
    stocked.tag(lading, "oci:other", f"{host}/app:1")
    digest = lading("pull", "-q", f"{host}/app:1").stdout.decode().strip()
    named = {image["name"]: image["digest"] for image in stocked.images(lading)}
    assert named[f"{host}/app:1"] == digest
    assert lading("pull", f"{host}/other").returncode == 3


@NEEDS
def test_dockers_form_is_kept_and_can_be_read_by_skopeo(
    lading: program.Lading, host: str, tmp_path: Path
) -> None:
    registries.skopeo(
        "copy", "-q", "--format", "v2s2", "--dest-tls-verify=false",
        f"oci:{lading.folder}/made:latest", f"dir:{tmp_path}/v2s2",
    )  # fmt: skip
    registries.skopeo(
        "copy", "-q", "--dest-tls-verify=false", f"dir:{tmp_path}/v2s2", f"docker://{host}/docker:1"
    )
    name = f"{host}/docker:1"
    digest = lading("pull", "-q", name).stdout.decode().strip()
    manifest = lading("inspect", name, "--manifest").stdout
    assert b"vnd.docker.distribution.manifest.v2+json" in manifest
    assert [image["digest"] for image in stocked.images(lading)] == [digest]
    stocked.tag(lading, name, "again:2")
    for known in (name, "docker.io/library/again:2"):
        registries.skopeo("copy", "-q", f"oci:{lading.folder}/data/images:{known}", f"dir:{tmp_path}/out")
    assert lading("rm", name, "again:2").returncode == 0
    assert list((lading.folder / "data" / "images" / "blobs" / "sha256").iterdir()) == []


@NEEDS
def test_credentials(lading: program.Lading, tmp_path: Path) -> None:
    stocked.layout(lading, "made")
    home = lading.folder / "home" / ".docker"
    home.mkdir(parents=True)
    (tmp_path / "auth").mkdir()
    with registries.registry(tmp_path / "registry", auth=registries.htpasswd(tmp_path / "auth")) as host:
        refused = lading("push", "oci:made", f"{host}/app:1")
        assert (refused.returncode, refused.stdout) == (3, b"")
        assert b"log in with `docker login" in refused.stderr
        registries.skopeo(
            "login",
            "--tls-verify=false",
            "--authfile",
            str(home / "config.json"),
            "-u",
            USER,
            "-p",
            PASSWORD,
            host,
        )
        pushed = lading("push", "oci:made", f"{host}/app:1")
        assert pushed.returncode == 0, pushed.stderr
        pulled = lading("pull", f"{host}/app:1")
        assert pulled.stdout == pushed.stdout
        assert PASSWORD.encode() not in pushed.stderr + pulled.stderr


def test_from_elsewhere(lading: program.Lading) -> None:
    digest = stocked.layout(lading, "made")
    done = lading("pull", "oci:made")
    assert (done.returncode, done.stdout.decode().strip()) == (0, digest)
    assert b"without a name" in done.stderr
    assert stocked.names(lading) == [""]
    lading("push", digest, "docker-archive:a.tar:quay.io/x/y:1")
    assert lading("pull", "a.tar").returncode == 0
    assert stocked.names(lading) == ["", "quay.io/x/y:1"]


@pytest.mark.parametrize(
    ("names", "own"),
    [
        (("latest", "1.2", "app:1", "quay.io/x", "UPPER:1", "a@b"), ["app:1", "quay.io/x"]),
        (("host/a:1@sha256:" + "0" * 64,), ["host/a:1@sha256:" + "0" * 64]),
    ],
)
def test_own_names(tmp_path: Path, names: tuple[str, ...], own: list[str]) -> None:
    assert own_names(dataclasses.replace(rootfs.open_image(tmp_path, "x"), names=names)) == own


def test_interrupted_while_it_reads(lading: program.Lading) -> None:
    """The registry gives a little of one layer and then nothing; the other layer is complete."""
    layers = [imaging.tar({"x": os.urandom(3_000_000)}), imaging.tar({"y": b"y"})]
    imaging.write_layout(lading.folder / "stuck", layers)
    began = threading.Event()

    def stall(exchange: Exchange, data: bytes) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", str(len(data)))
        exchange.end_headers()
        exchange.raw(data[:2_000_000])
        began.set()
        exchange.stall()

    store = lading.folder / "data" / "images"
    with program.registry(lading.folder / "stuck", stall) as served:
        name = f"{served.host}/image:test"
        with lading.start("pull", name, "--insecure") as process:
            assert began.wait(30)
            process.send_signal(signal.SIGINT)
            out, messages = process.communicate(timeout=30)
    assert (process.returncode, out, messages) == (130, b"", b"lading: interrupted\n")
    assert list((store / ".tmp").iterdir()) == []
    assert stocked.images(lading) == []
    stocked.tag(lading, "oci:stuck", name)
    assert stocked.names(lading) == [name]
