from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import needs
from lading.errors import DeniedError, LadingError, UnavailableError, UsageError
from lading.oci import containers_storage
from lading.oci.image import Image, Platform

NAME = "localhost/tiny:1"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a store of its own, with a tiny image in it."""
    folder = tmp_path_factory.mktemp("store")
    conf = folder / "storage.conf"
    places = f'graphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    conf.write_text(f'[storage]\ndriver = "vfs"\n{places}')
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    found = {**os.environ, "CONTAINERS_STORAGE_CONF": str(conf), "HOME": str(folder)}
    return {key: value for key, value in found.items() if key != "STORAGE_DRIVER"}


@pytest.fixture(scope="module")
def tiny(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    file = tmp_path_factory.mktemp("files") / "hello"
    file.write_text("hello")

    def buildah(*arguments: str) -> str:
        done = subprocess.run(
            ["buildah", *arguments], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    container = buildah("from", "scratch")
    buildah("copy", container, str(file), "/etc/hello")
    buildah("config", "--label", "who=me", container)
    image_id = buildah("commit", "--quiet", "--rm", container, NAME)
    return {"id": image_id, "digest": json.loads(buildah("images", "--json"))[0]["digest"]}


def only_path(folder: Path, *tools: str) -> dict[str, str]:
    """Return a PATH on which there are these tools and no others."""
    folder.mkdir()
    for tool in tools:
        for place in ("/usr/bin", "/usr/sbin"):
            if Path(place, tool).exists():
                (folder / tool).symlink_to(Path(place, tool))
    return {"PATH": str(folder)}


@needs.tool("buildah")
@pytest.mark.parametrize(
    "tool", [pytest.param(tool, marks=needs.tool(tool)) for tool in ("skopeo", "podman", "buildah")]
)
def test_real_image(environ: dict[str, str], tiny: dict[str, str], tmp_path: Path, tool: str) -> None:
    path = only_path(tmp_path / "bin", tool)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    image = containers_storage.open_image(NAME, environ={**environ, **path})
    assert image.target == f"containers-storage:{NAME}"
    assert image.config_digest == f"sha256:{tiny['id']}"
    assert image.labels["who"] == "me"
    assert image.digest == tiny["digest"]
    (layer,) = image.layers
    stream = layer.open()
    assert b"hello" in stream.read(2**20)
    stream.close()


@needs.tool("buildah", "skopeo")
def test_nothing_stays_behind(
    environ: dict[str, str], tiny: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    image = containers_storage.open_image(tiny["id"], environ=environ)
    assert list(tmp_path.iterdir()) == []
    assert image.layers[0].open().read(10)
    with pytest.raises(UnavailableError):
        containers_storage.open_image("localhost/other:1", environ=environ)
    assert list(tmp_path.iterdir()) == []


@needs.tool("buildah")
@pytest.mark.parametrize(
    "tool", [pytest.param(tool, marks=needs.tool(tool)) for tool in ("skopeo", "podman", "buildah")]
)
@pytest.mark.parametrize("name", ["localhost/other:1", "0" * 64])
def test_no_such_image(environ: dict[str, str], tmp_path: Path, tool: str, name: str) -> None:
    path = only_path(tmp_path / "bin", tool)
    with pytest.raises(UnavailableError, match="the store has no such image"):
        containers_storage.open_image(name, environ={**environ, **path})


@needs.tool("buildah", "skopeo")
@pytest.mark.usefixtures("tiny")
def test_platform(environ: dict[str, str]) -> None:
    image = containers_storage.open_image(NAME, environ=environ)
    fits = Platform(image.os, image.architecture)
    assert isinstance(containers_storage.open_image(NAME, platform=fits, environ=environ), Image)
    with pytest.raises(UnavailableError, match=r"there is one image, for linux/.*, not for plan9/mips"):
        containers_storage.open_image(NAME, platform=Platform("plan9", "mips"), environ=environ)


def test_no_tool(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"none of the tools .*: skopeo, podman, buildah"):
        containers_storage.open_image(NAME, environ={"PATH": str(tmp_path)})


def test_a_name_is_no_option() -> None:
    with pytest.raises(UsageError, match="dash"):
        containers_storage.open_image("--all", environ={})


def script(folder: Path, text: str) -> dict[str, str]:
    folder.mkdir()
    program = folder / "skopeo"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        pytest.param("exit 0", UnavailableError, "no such file", id="wrote-nothing"),
        pytest.param("exit 7", UnavailableError, "skopeo failed: it says nothing", id="silent"),
        pytest.param(
            'echo \'time="2026" level=fatal msg="Error \\"mounting\\" /x"\' >&2; exit 1',
            UnavailableError,
            'skopeo failed: Error "mounting" /x$',
            id="log-frame",
        ),
        pytest.param("printf '\\033[31mbad\\377' >&2; exit 1", UnavailableError, r"failed: \?\[31mbad", id="bytes"),
        pytest.param('echo junk > "${4#docker-archive:}"', LadingError, "archive|tar|header", id="junk"),
        pytest.param(
            "printf '%0500d does not resolve to an image ID' 0 >&2; exit 1",
            UnavailableError,
            "the store has no such image",
            id="absent-after-a-long-path",
        ),
        pytest.param("kill -9 $$", UnavailableError, "skopeo failed", id="killed"),
    ],
)  # fmt: skip
def test_a_tool_that_fails(tmp_path: Path, text: str, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        containers_storage.open_image(NAME, environ=script(tmp_path / "bin", text))


def test_a_tool_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers_storage, "TIMEOUT_S", 0.1)
    with pytest.raises(UnavailableError, match=r"skopeo was not done after 0\.1 s"):
        containers_storage.open_image(NAME, environ=script(tmp_path / "bin", "exec sleep 20"))


def test_a_tool_that_cannot_be_run(tmp_path: Path) -> None:
    environ = script(tmp_path / "bin", "")
    (tmp_path / "bin" / "skopeo").write_bytes(b"\x7fELFnonsense")
    with pytest.raises((UnavailableError, DeniedError), match="skopeo cannot be run"):
        containers_storage.open_image(NAME, environ=environ)
