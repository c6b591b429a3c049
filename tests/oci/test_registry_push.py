from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import pytest

import imaging
import loopback
import registries
from lading import net
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError
from lading.oci import archive, layout, registry
from lading.oci.credentials import fixed
from lading.oci.image import Image, Layer
from lading.oci.reference import parse
from lading.oci.source import Stream
from loopback import Exchange
from registries import NEEDS, PASSWORD, TREES, USER, read, same


@NEEDS
def test_what_we_push(client: net.Client, plain: str, folder: Path, tmp_path: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    digest = registry.write(client, [original], parse(f"{plain}/ours:1"))
    assert digest == original.digest
    registries.skopeo(
        "copy", "-q", "--src-tls-verify=false", f"docker://{plain}/ours:1", f"oci:{tmp_path}/out:test"
    )
    assert same(layout.open_image(tmp_path / "out", "test", None, "copy"), folder)


@NEEDS
def test_push_in_chunks(
    client: net.Client, plain: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lading.oci._upload.CHUNK_BYTES", 500)
    original = layout.open_image(folder, "test", None, "original")
    assert registry.write(client, [original], parse(f"{plain}/chunks:1")) == original.digest
    assert same(registry.open_image(client, parse(f"{plain}/chunks:1")), folder)


@NEEDS
def test_push_to_a_digest(client: net.Client, plain: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    registry.write(client, [original], parse(f"{plain}/bydigest@{original.digest}"))
    assert same(registry.open_image(client, parse(f"{plain}/bydigest@{original.digest}")), folder)
    with pytest.raises(UsageError, match=f"the image is {original.digest}"):
        registry.write(client, [original], parse(f"{plain}/app@sha256:{'0' * 64}"))


@NEEDS
def test_push_of_an_archive_that_has_no_manifest(
    client: net.Client, plain: str, folder: Path, tmp_path: Path
) -> None:
    registries.skopeo("copy", "-q", f"oci:{folder}:test", f"docker-archive:{tmp_path}/a.tar:a:1")
    image = archive.open_image(tmp_path / "a.tar", "", None, "archive")
    digest = registry.write(client, [image], parse(f"{plain}/fromarchive:1"))
    found = registry.open_image(client, parse(f"{plain}/fromarchive:1"))
    assert (found.digest, found.config) == (digest, image.config)
    assert read(found) == [imaging.tar(tree) for tree in TREES]


@NEEDS
def test_a_broken_layer_is_not_pushed(client: net.Client, plain: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    wrong = dataclasses.replace(original.layers[0], open=lambda: io.BytesIO(b"x" * original.layers[0].size))
    image = dataclasses.replace(original, layers=(wrong,))
    with pytest.raises(MalformedError, match="content is sha256"):
        registry.write(client, [image], parse(f"{plain}/broken:1"))
    with pytest.raises(UnavailableError, match="not found"):
        registry.open_image(client, parse(f"{plain}/broken:1"))


@NEEDS
def test_blobs_are_sent_once_and_mounted(client: net.Client, tmp_path: Path, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    opened: list[str] = []

    def counted(layer: Layer) -> Layer:
        def open_it() -> Stream:
            opened.append(layer.digest)
            return layer.open()

        return dataclasses.replace(layer, open=open_it)

    image = dataclasses.replace(original, layers=tuple(map(counted, original.layers)))
    with registries.registry(tmp_path) as host:
        registry.write(client, [image], parse(f"{host}/one:1"))
        assert len(opened) == 2
        registry.write(client, [image], parse(f"{host}/one:2"))
        registry.write(client, [image], parse(f"{host}/two:1"), mount_from="one")
        assert len(opened) == 2
        assert same(registry.open_image(client, parse(f"{host}/two:1")), folder)
        registry.write(client, [image], parse(f"{host}/three:1"), mount_from="not/there")
        assert len(opened) == 4


@NEEDS
def test_relative_locations(client: net.Client, tmp_path: Path, folder: Path) -> None:
    http = {"addr": "127.0.0.1:0", "secret": "x", "relativeurls": True}
    with registries.registry(tmp_path, http=http) as host:
        original = layout.open_image(folder, "test", None, "original")
        registry.write(client, [original], parse(f"{host}/app:1"))
        assert same(registry.open_image(client, parse(f"{host}/app:1")), folder)


# Uploads that are cut: between us and a real registry stands somebody who breaks the line


class Breaking:
    """Pass requests on to a registry, but break those that `breaks` picks, after part of the body got through."""

    def __init__(self, host: str, breaks: Callable[[Exchange], int | None]) -> None:
        self.host = host
        self.breaks = breaks
        self.client = net.client(environ={})

    def answer(self, exchange: Exchange) -> None:
        keep = self.breaks(exchange)
        body = exchange.body() if keep is None else exchange.body()[:keep]
        headers = {
            name: value
            for name, value in exchange.headers.items()
            if name.lower() not in {"host", "content-length", "connection"}
            and (keep is None or name.lower() != "content-range")
        }
        url = f"http://{self.host}{exchange.path}"
        with self.client.open(
            exchange.command, url, headers=headers, body=body or None, ok=range(100, 600), follow=False
        ) as answer:
            passed = {
                name: value.replace(f"http://{self.host}", "")
                for name, value in answer.headers.items()
                if name.lower() not in {"content-length", "date"}
            }
            content = answer.read_all(2**24)
        if keep is None:
            exchange.reply(answer.status, content, passed)
        else:
            exchange.cut()


@NEEDS
@pytest.mark.parametrize(
    ("method", "keep", "turns"),
    [
        pytest.param("PATCH", 0, {1, 2}, id="first-chunk-lost"),
        pytest.param("PATCH", 0, {2, 5}, id="chunk-lost"),
        pytest.param("PATCH", 100, {2, 5}, id="chunk-in-part"),
        pytest.param("PATCH", 10**9, {2, 5}, id="answer-lost"),
        pytest.param("PUT", 10**9, {2, 5}, id="answer-to-the-end-lost"),
        pytest.param("POST", 0, {2, 5}, id="begin-lost"),
    ],
)
def test_a_cut_upload_goes_on(
    client: net.Client,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    keep: int,
    turns: set[int],
) -> None:
    monkeypatch.setattr("lading.oci._upload.CHUNK_BYTES", 700)
    seen: dict[str, int] = {}

    def breaks(exchange: Exchange) -> int | None:
        seen[exchange.command] = seen.get(exchange.command, 0) + 1
        blob_end = exchange.command != "PUT" or "/blobs/" in exchange.path
        return keep if exchange.command == method and seen[method] in turns and blob_end else None

    original = layout.open_image(folder, "test", None, "original")
    with registries.registry(tmp_path) as host, loopback.serve(Breaking(host, breaks).answer) as proxy:
        assert registry.write(client, [original], parse(f"{proxy.host}/app:1")) == original.digest
        assert same(registry.open_image(client, parse(f"{host}/app:1")), folder)
    assert seen[method] > 2


@NEEDS
def test_an_upload_that_is_always_cut(client: net.Client, plain: str, folder: Path) -> None:
    breaking = Breaking(plain, lambda exchange: 0 if exchange.command == "PATCH" else None)
    original = layout.open_image(folder, "test", None, "original")
    with (
        loopback.serve(breaking.answer) as proxy,
        pytest.raises(UnavailableError, match="the registry broke off 10 times"),
    ):
        registry.write(client, [original], parse(f"{proxy.host}/cut:1"))


@pytest.mark.parametrize(
    ("method", "status", "headers", "message"),
    [
        pytest.param("POST", 202, {}, "does not say where to upload to", id="no-location"),
        pytest.param(
            "POST", 202, {"Location": "/u", "OCI-Chunk-Min-Length": "9" * 12}, "wants chunks", id="chunks"
        ),
        pytest.param("PATCH", 404, {}, "lost the upload 10 times", id="forgets"),
        pytest.param("PATCH", 202, {"Range": "0-0"}, "broke off 10 times", id="takes-nothing"),
        pytest.param("PATCH", 413, {}, "refused the request", id="too-large"),
        pytest.param("PUT", 400, {}, "refused the request", id="wrong-in-the-end"),
        pytest.param("PUT", 404, {}, "lost the upload 10 times", id="forgets-in-the-end"),
        pytest.param("POST", 403, {}, "access denied", id="denied"),
    ],
)
def test_registries_that_will_not_take_it(
    client: net.Client, folder: Path, method: str, status: int, headers: dict[str, str], message: str
) -> None:
    defaults = {"POST": (202, {"Location": "/upload"}), "GET": (204, {}), "HEAD": (404, {})}

    def answer(exchange: Exchange) -> None:
        code, more = defaults.get(exchange.command, (202, {}))
        if exchange.command == method:
            code, more = status, headers
        exchange.reply(200 if exchange.path == "/v2/" else code, headers=more)

    original = layout.open_image(folder, "test", None, "original")
    with loopback.serve(answer) as server, pytest.raises(LadingError, match=message):
        registry.write(client, [original], parse(f"{server.host}/app:1"))


def test_credentials_are_not_sent_to_where_an_upload_is_led(client: net.Client, folder: Path) -> None:
    def elsewhere(exchange: Exchange) -> None:
        exchange.reply({"PUT": 201}.get(exchange.command, 202))

    def answer(exchange: Exchange) -> None:
        if "Authorization" not in exchange.headers:
            exchange.reply(401, headers={"WWW-Authenticate": "Basic"})
        elif exchange.command == "POST":
            exchange.reply(202, headers={"Location": f"{other.url}/upload"})
        else:
            exchange.reply({"PUT": 201}.get(exchange.command, 404))

    original = layout.open_image(folder, "test", None, "original")
    with loopback.serve(elsewhere) as other, loopback.serve(answer) as server:
        registry.write(client, [original], parse(f"{server.host}/app:1"), lookup=fixed(USER, PASSWORD))
        assert len(other.log) == 6
        assert not any("Authorization" in seen.headers for seen in other.log)


def test_a_registry_that_makes_something_else_of_it(client: net.Client, folder: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.reply(
            201 if exchange.command == "PUT" else 200, headers={"Docker-Content-Digest": "sha256:0"}
        )

    original = layout.open_image(folder, "test", None, "original")
    with loopback.serve(answer) as server, pytest.raises(MalformedError, match="content is sha256:0, not"):
        registry.write(client, [original], parse(f"{server.host}/app:1"))


def test_a_directory_is_no_image_to_push(client: net.Client) -> None:
    directory = dataclasses.replace(imaging.layer(b""), directory="/x")
    image = Image(target="rootfs:/x", digest="", config_digest="", layers=(directory,))
    with pytest.raises(UsageError, match="a directory is not an image"):
        registry.write(client, [image], parse("127.0.0.1:1/app:1"))
