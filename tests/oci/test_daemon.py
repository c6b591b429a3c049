from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import pytest

import imaging
import loopback
import needs
import registries
from lading.errors import DeniedError, LadingError, MalformedError, UnavailableError, UsageError
from lading.oci import daemon
from lading.oci.image import Platform
from loopback import Exchange, Served

FULL = "docker.io/library/tiny:1"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return what `docker save tiny:1` writes, as made by skopeo."""
    folder = tmp_path_factory.mktemp("saved")
    imaging.write_layout(folder / "layout", [imaging.tar({"etc/hello": b"hello"})])
    file = folder / "image.tar"
    registries.skopeo("copy", "-q", f"oci:{folder}/layout:test", f"docker-archive:{file}:tiny:1")
    return file.read_bytes()


class Engine:
    """As much of the Engine API as gives images away."""

    def __init__(self, data: bytes) -> None:
        self.images = {FULL: data, "0a1b2c3d4e5f": data, "sha256:" + "0a" * 32: data}

    def answer(self, exchange: Exchange) -> None:
        path, _, self.query = exchange.path.partition("?")
        name = unquote(path).removeprefix("/images/").removesuffix("/get")
        if name not in self.images:
            exchange.reply(404, json.dumps({"message": f"No such image: {name}"}).encode())
            return
        data = self.images[name]
        exchange.raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-tar\r\n\r\n"
        )
        for at in range(0, len(data), 4096):
            piece = data[at : at + 4096]
            exchange.raw(b"%x\r\n%s\r\n" % (len(piece), piece))
        exchange.raw(b"0\r\n\r\n")


@pytest.fixture
def engine(saved: bytes) -> Engine:
    return Engine(saved)


@pytest.fixture
def server(engine: Engine, tmp_path: Path) -> Iterator[Served]:
    with loopback.serve(engine.answer, socket=tmp_path / "docker.sock") as served:
        yield served


def at_socket(tmp_path: Path) -> dict[str, str]:
    return {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}


@needs.tool("skopeo")
@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("tiny:1", id="short"),
        pytest.param(FULL, id="full"),
        pytest.param("0a1b2c3d4e5f", id="id"),
        pytest.param("sha256:" + "0a" * 32, id="whole-id"),
    ],
)
def test_image(tmp_path: Path, name: str) -> None:
    image = daemon.open_image(name, environ=at_socket(tmp_path), home=tmp_path)
    assert (image.target, image.os, image.architecture) == (f"docker-daemon:{name}", "linux", "amd64")
    (layer,) = image.layers
    stream = layer.open()
    with tarfile.open(fileobj=io.BytesIO(stream.read(2**20))) as tar:
        member = tar.extractfile("etc/hello")
        assert member is not None
        assert member.read() == b"hello"
    stream.close()


@needs.tool("skopeo")
def test_what_is_asked(server: Served, engine: Engine, tmp_path: Path) -> None:
    where = at_socket(tmp_path)
    daemon.open_image("tiny:1", environ={**where, "http_proxy": "http://127.0.0.1:1"}, home=tmp_path)
    daemon.open_image("tiny:1", platform=Platform("linux", "arm64", "v8"), environ=where, home=tmp_path)
    assert server.log[0].path == "/images/docker.io/library/tiny:1/get"
    wanted = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    assert json.loads(unquote(engine.query).removeprefix("platform=")) == wanted


@needs.tool("skopeo")
@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("name", ["other", "tiny:2", "0a1b2c3d4e50"])
def test_no_such_image(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnavailableError, match="the Docker engine has no such image") as caught:
        daemon.open_image(name, environ=at_socket(tmp_path), home=tmp_path)
    assert caught.value.where == f"docker-daemon:{name}"


def test_not_a_name(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match="not an image reference"):
        daemon.open_image("../images", environ=at_socket(tmp_path), home=tmp_path)


def test_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(
        UnavailableError, match="the Docker engine does not give it: no connection: No such file"
    ):
        daemon.open_image("a", environ=at_socket(tmp_path), home=tmp_path)


@needs.tool("skopeo")
def test_over_tcp(engine: Engine, tmp_path: Path) -> None:
    with loopback.serve(engine.answer) as served:
        environ = {"DOCKER_HOST": f"tcp://{served.host}"}
        assert daemon.open_image("tiny:1", environ=environ, home=tmp_path).os == "linux"


@needs.tool("skopeo", "openssl")
def test_over_tls(engine: Engine, tmp_path: Path) -> None:
    pem = loopback.certificate(tmp_path)
    with loopback.serve(engine.answer, certificate=pem) as served:
        environ = {"DOCKER_HOST": f"tcp://{served.host}", "DOCKER_TLS_VERIFY": "1"}
        with pytest.raises(DeniedError, match="certificate is not trusted"):
            daemon.open_image("tiny:1", environ=environ, home=tmp_path)
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (tmp_path / name).write_bytes(pem.read_bytes())
        environ["DOCKER_CERT_PATH"] = str(tmp_path)
        assert daemon.open_image("tiny:1", environ=environ, home=tmp_path).os == "linux"


@needs.tool("skopeo")
@pytest.mark.parametrize("by", ["file", "variable"])
def test_docker_context(engine: Engine, tmp_path: Path, by: str) -> None:
    meta = tmp_path / ".docker" / "contexts" / "meta" / sha256(b"far").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    with loopback.serve(engine.answer) as served:
        meta.write_text(
            json.dumps({"Name": "far", "Endpoints": {"docker": {"Host": f"tcp://{served.host}"}}})
        )
        (tmp_path / ".docker" / "config.json").write_text(
            '{"currentContext": "far"}' if by == "file" else "{}"
        )
        environ = {"DOCKER_CONTEXT": "far"} if by == "variable" else {}
        assert daemon.open_image("tiny:1", environ=environ, home=tmp_path).os == "linux"


@pytest.mark.parametrize(
    ("environ", "error", "message"),
    [
        ({"DOCKER_HOST": "ssh://host"}, UsageError, "no way to an engine at 'ssh://host'"),
        ({"DOCKER_HOST": "npipe:////./pipe/docker"}, UsageError, "no way to an engine"),
        ({"DOCKER_HOST": "nonsense"}, UsageError, "no way to an engine"),
        ({"DOCKER_CONTEXT": "gone"}, UsageError, "context 'gone' names no engine"),
        ({}, MalformedError, "not a file of docker's"),
    ],
)
def test_no_way(
    tmp_path: Path, environ: dict[str, str], error: type[LadingError], message: str
) -> None:  # fmt: skip
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text("" if environ else "{")
    (tmp_path / ".docker" / "config.json").unlink() if environ else None
    with pytest.raises(error, match=message):
        daemon.open_image("a", environ=environ, home=tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"junk" * 1000, "archive|header|tar", id="junk"),
        pytest.param(b"", "neither manifest.json nor index.json", id="nothing"),
    ],
)
def test_not_an_archive(engine: Engine, tmp_path: Path, data: bytes, message: str) -> None:
    engine.images[FULL] = data
    with (
        loopback.serve(engine.answer, socket=tmp_path / "docker.sock"),
        pytest.raises(LadingError, match=message),
    ):
        daemon.open_image("tiny:1", environ=at_socket(tmp_path), home=tmp_path)


def test_cut_in_the_middle(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.reply(body=b"x" * 1000, length=5000)

    with (
        loopback.serve(answer, socket=tmp_path / "docker.sock"),
        pytest.raises(UnavailableError, match="1000 bytes came, 4000 did not"),
    ):
        daemon.open_image("tiny:1", environ=at_socket(tmp_path), home=tmp_path)


def test_the_engine_fails(tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.reply(500, b'{"message": "layer is gone"}')

    with (
        loopback.serve(answer, socket=tmp_path / "docker.sock"),
        pytest.raises(UnavailableError, match="layer is gone"),
    ):
        daemon.open_image("tiny:1", environ=at_socket(tmp_path), home=tmp_path)
