from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import imaging
import loopback
import needs
import registries
from lading import net
from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError, UsageError
from lading.oci import archive, layout, registry
from lading.oci import digest as digests
from lading.oci.credentials import Credential, Found, fixed
from lading.oci.image import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Image, Layer, Platform
from lading.oci.reference import parse
from lading.oci.source import Stream
from loopback import Exchange, Served
from registries import PASSWORD, USER, FakeRegistry, TokenServer

OURS = fixed(USER, PASSWORD)
CREDS = f"{USER}:{PASSWORD}"
TREES = [{"etc/hello": b"hello"}, {"usr/big": bytes(range(256)) * 4000}]
NEEDS = needs.tool("docker-registry", "skopeo", "openssl")


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(slept: list[float]) -> net.Client:
    return net.client(environ={}, timeout_s=5, retry=net.Retry(sleep=slept.append))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a layout with an image of two layers."""
    made = tmp_path_factory.mktemp("image") / "layout"
    imaging.write_layout(made, [imaging.tar(tree) for tree in TREES])
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[str]:
    """Run a registry without authentication in which `app:1` is the image."""
    with registries.registry(tmp_path_factory.mktemp("plain")) as host:
        registries.push(folder, f"{host}/app:1")
        yield host


def read(image: Image) -> list[bytes]:
    """Return the stored bytes of all layers, checked."""
    return [read_layer(layer) for layer in image.layers]


def read_layer(layer: Layer) -> bytes:
    stream = digests.Verified(layer.open(), layer.digest, layer.digest, layer.size)
    try:
        return b"".join(iter(lambda: stream.read(50_000), b""))
    finally:
        stream.close()


def same(found: Image, folder: Path) -> bool:
    original = layout.open_image(folder, "test", None, "original")
    return (found.digest, found.config, read(found)) == (original.digest, original.config, read(original))


# The real registry


@NEEDS
def test_what_skopeo_pushed(client: net.Client, plain: str, folder: Path) -> None:
    image = registry.open_image(client, parse(f"{plain}/app:1"))
    assert same(image, folder)
    assert (image.target, image.os) == (f"docker://{plain}/app:1", "linux")
    assert [layer.created_by for layer in image.layers] == ["RUN step 0", "RUN step 1"]


@NEEDS
def test_by_digest(client: net.Client, plain: str, folder: Path) -> None:
    digest = registry.open_image(client, parse(f"{plain}/app:1")).digest
    assert same(registry.open_image(client, parse(f"{plain}/app:other@{digest}")), folder)


@NEEDS
def test_docker_schema_2(client: net.Client, plain: str, folder: Path) -> None:
    registries.push(folder, f"{plain}/docker:1", "--format", "v2s2")
    image = registry.open_image(client, parse(f"{plain}/docker:1"))
    assert image.media_type == DOCKER_MANIFEST
    assert len(read(image)) == 2


@NEEDS
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("app:2", r"not found \(HTTP 404: MANIFEST_UNKNOWN manifest unknown"),
        ("none:1", r"not found \(HTTP 404: NAME_UNKNOWN|MANIFEST_UNKNOWN"),
        ("app@sha256:" + "0" * 64, r"not found \(HTTP 404: MANIFEST_UNKNOWN"),
    ],
)
def test_no_such_image(client: net.Client, plain: str, name: str, message: str) -> None:
    with pytest.raises(UnavailableError, match=message) as caught:
        registry.open_image(client, parse(f"{plain}/{name}"))
    assert caught.value.hint == "check the name"


@NEEDS
def test_what_we_push(client: net.Client, plain: str, folder: Path, tmp_path: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    digest = registry.write(client, original, parse(f"{plain}/ours:1"))
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
    assert registry.write(client, original, parse(f"{plain}/chunks:1")) == original.digest
    assert same(registry.open_image(client, parse(f"{plain}/chunks:1")), folder)


@NEEDS
def test_push_to_a_digest(client: net.Client, plain: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    registry.write(client, original, parse(f"{plain}/bydigest@{original.digest}"))
    assert same(registry.open_image(client, parse(f"{plain}/bydigest@{original.digest}")), folder)
    with pytest.raises(UsageError, match=f"the image is {original.digest}"):
        registry.write(client, original, parse(f"{plain}/app@sha256:{'0' * 64}"))


@NEEDS
def test_push_of_an_archive_that_has_no_manifest(
    client: net.Client, plain: str, folder: Path, tmp_path: Path
) -> None:
    registries.skopeo("copy", "-q", f"oci:{folder}:test", f"docker-archive:{tmp_path}/a.tar:a:1")
    image = archive.open_image(tmp_path / "a.tar", "", None, "archive")
    digest = registry.write(client, image, parse(f"{plain}/fromarchive:1"))
    found = registry.open_image(client, parse(f"{plain}/fromarchive:1"))
    assert (found.digest, found.config) == (digest, image.config)
    assert read(found) == [imaging.tar(tree) for tree in TREES]


@NEEDS
def test_a_broken_layer_is_not_pushed(client: net.Client, plain: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    wrong = dataclasses.replace(original.layers[0], open=lambda: io.BytesIO(b"x" * original.layers[0].size))
    image = dataclasses.replace(original, layers=(wrong,))
    with pytest.raises(MalformedError, match="content is sha256"):
        registry.write(client, image, parse(f"{plain}/broken:1"))
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
        registry.write(client, image, parse(f"{host}/one:1"))
        assert len(opened) == 2
        registry.write(client, image, parse(f"{host}/one:2"))
        registry.write(client, image, parse(f"{host}/two:1"), mount_from="one")
        assert len(opened) == 2
        assert same(registry.open_image(client, parse(f"{host}/two:1")), folder)
        registry.write(client, image, parse(f"{host}/three:1"), mount_from="not/there")
        assert len(opened) == 4


@NEEDS
def test_relative_locations(client: net.Client, tmp_path: Path, folder: Path) -> None:
    http = {"addr": "127.0.0.1:0", "secret": "x", "relativeurls": True}
    with registries.registry(tmp_path, http=http) as host:
        original = layout.open_image(folder, "test", None, "original")
        registry.write(client, original, parse(f"{host}/app:1"))
        assert same(registry.open_image(client, parse(f"{host}/app:1")), folder)


@NEEDS
def test_tls(tmp_path: Path, folder: Path, slept: list[float]) -> None:
    pem = loopback.certificate(tmp_path)
    http = {"addr": "127.0.0.1:0", "secret": "x", "tls": {"certificate": str(pem), "key": str(pem)}}
    retry = net.Retry(sleep=slept.append)
    with registries.registry(tmp_path, http=http) as host:
        registries.push(folder, f"{host}/app:1")
        reference = parse(f"{host}/app:1")
        with pytest.raises(DeniedError, match="certificate is not trusted"):
            registry.open_image(net.client(environ={}, retry=retry), reference)
        for client in (
            net.client(environ={}, retry=retry, insecure=True),
            net.client(environ={}, retry=retry, insecure=[host]),
            net.client(environ={"SSL_CERT_FILE": str(pem)}, retry=retry),
        ):
            assert same(registry.open_image(client, reference), folder)


# Authentication


@NEEDS
def test_basic_authentication(client: net.Client, tmp_path: Path, folder: Path) -> None:
    with registries.registry(tmp_path / "r", auth=registries.htpasswd(tmp_path)) as host:
        reference = parse(f"{host}/team/app:1")
        original = layout.open_image(folder, "test", None, "original")
        registry.write(client, original, reference, lookup=OURS)
        assert same(registry.open_image(client, reference, lookup=OURS), folder)
        with pytest.raises(DeniedError, match="UNAUTHORIZED authentication required") as caught:
            registry.open_image(client, reference)
        assert caught.value.hint.startswith(f"log in with `docker login {host}`")
        with pytest.raises(DeniedError, match="UNAUTHORIZED"):
            registry.open_image(client, reference, lookup=fixed(USER, "wrong"))


@NEEDS
def test_stored_credentials_and_a_user_s_own_words(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, client: net.Client
) -> None:
    asked: list[bool] = []

    def make(insecure: bool) -> net.Client:  # noqa: FBT001 - as it is called
        asked.append(insecure)
        return client

    with registries.registry(tmp_path / "r", auth=registries.htpasswd(tmp_path)) as host:
        registries.push(folder, f"{host}/team/app:1", "--dest-creds", CREDS)
        file = tmp_path / "auth.json"
        skopeo_login = (
            "login",
            "--tls-verify=false",
            "-u",
            USER,
            "-p",
            PASSWORD,
            "--authfile",
            str(file),
            host,
        )
        registries.skopeo(*skopeo_login)
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(file))
        image = registry.open_target(f"{host}/team/app:1", make, None, (), {})
        assert image.target == f"docker://{host}/team/app:1"
        assert same(image, folder)
        registry.open_target(f"{host}/team/app:1", make, None, (host,), {})
        registry.open_target(f"{host}/team/app:1", make, None, ("*",), {})
    assert asked == [False, True, True]


@pytest.fixture
def tokens(tmp_path: Path) -> TokenServer:
    return TokenServer(tmp_path)


@pytest.fixture
def guarded(tokens: TokenServer, tmp_path: Path, folder: Path) -> Iterator[str]:
    """Run a registry that wants tokens; `team/app:1` is the image."""
    with (
        loopback.serve(tokens.answer) as server,
        registries.registry(tmp_path / "r", auth=tokens.section(f"{server.url}/token")) as host,
    ):
        registries.push(folder, f"{host}/team/app:1", "--dest-creds", CREDS)
        tokens.asked.clear()
        yield host


@NEEDS
@pytest.mark.parametrize("field", ["token", "access_token"])
def test_bearer(client: net.Client, tokens: TokenServer, guarded: str, folder: Path, field: str) -> None:
    tokens.field = field
    assert same(registry.open_image(client, parse(f"{guarded}/team/app:1"), lookup=OURS), folder)
    assert len(tokens.asked) == 1


@NEEDS
def test_bearer_for_nobody(client: net.Client, tokens: TokenServer, guarded: str, folder: Path) -> None:
    reference = parse(f"{guarded}/team/app:1")
    with pytest.raises(DeniedError, match="incorrect username or password"):
        registry.open_image(client, reference)
    tokens.anonymous_pull = True
    assert same(registry.open_image(client, reference), folder)
    original = layout.open_image(folder, "test", None, "original")
    with pytest.raises(DeniedError, match="UNAUTHORIZED"):
        registry.write(client, original, parse(f"{guarded}/team/app:2"))


@NEEDS
def test_identity_token(client: net.Client, tokens: TokenServer, guarded: str, folder: Path) -> None:
    def lookup(_: str) -> Found:
        return Found(Credential(identity_token=tokens.refresh))

    assert same(registry.open_image(client, parse(f"{guarded}/team/app:1"), lookup=lookup), folder)
    assert [seen.method for seen in tokens.asked] == ["POST"]


@NEEDS
def test_a_token_that_is_over_is_replaced(
    client: net.Client, tokens: TokenServer, guarded: str, folder: Path
) -> None:
    image = registry.open_image(client, parse(f"{guarded}/team/app:1"), lookup=OURS)
    tokens.lifetime_s = -1
    client.clock = lambda: 10.0**9  # all tokens are over by our clock: new ones, over by the registry's
    with pytest.raises(DeniedError, match=r"UNAUTHORIZED|does not accept any token"):
        image.layers[0].open()
    tokens.lifetime_s = 300
    assert same(image, folder)


@NEEDS
def test_push_with_tokens(client: net.Client, tokens: TokenServer, guarded: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")
    registry.write(client, original, parse(f"{guarded}/team/new:1"), lookup=OURS, mount_from="team/app")
    assert same(registry.open_image(client, parse(f"{guarded}/team/new:1"), lookup=OURS), folder)
    assert "scope=repository%3Ateam%2Fapp%3Apull" in tokens.asked[0].path


# Mirrors


@NEEDS
def test_mirrors_are_asked_in_order(client: net.Client, plain: str, tmp_path: Path, folder: Path) -> None:
    with loopback.serve(lambda exchange: exchange.reply(404)) as empty, registries.registry(tmp_path) as good:
        registries.push(folder, f"{good}/proxy/hub/library/app:1")
        mirrors = [empty.url, f"http://{good}/proxy/hub/"]
        image = registry.open_image(client, parse("registry.invalid/library/app:1"), mirrors=mirrors)
        assert same(image, folder)
        assert empty.lines() == ["GET /v2/library/app/manifests/1"]
        assert image.target == "docker://registry.invalid/library/app:1"
    image = registry.open_image(client, parse(f"{plain}/app:1"), mirrors=["http://127.0.0.1:1"])
    assert same(image, folder)


@NEEDS
def test_a_mirror_that_loses_a_blob(client: net.Client, plain: str, folder: Path) -> None:
    original = layout.open_image(folder, "test", None, "original")

    def answer(exchange: Exchange) -> None:
        if "manifests" in exchange.path:
            exchange.reply(body=original.manifest, headers={"Content-Type": OCI_MANIFEST})
        elif original.config_digest in exchange.path:
            exchange.reply(body=original.config)
        else:
            exchange.reply(404)

    with loopback.serve(answer) as mirror:
        image = registry.open_image(client, parse(f"{plain}/app:1"), mirrors=[mirror.url])
        assert same(image, folder)


def test_a_mirror_that_lies_is_not_believed(client: net.Client) -> None:
    fake = FakeRegistry((b"a",))
    with (
        loopback.serve(lambda exchange: exchange.reply(body=b"{}")) as liar,
        loopback.serve(fake.answer) as origin,
    ):
        reference = parse(f"{origin.host}/app@{digests.of(fake.manifest)}")
        image = registry.open_image(client, reference, mirrors=[liar.url])
        assert image.digest == reference.digest


def test_no_mirror_and_no_registry(client: net.Client) -> None:
    with loopback.serve(lambda exchange: exchange.reply(403)) as mirror:
        with pytest.raises(UnavailableError, match="no such host") as caught:
            registry.open_image(client, parse("registry.invalid/app:1"), mirrors=[mirror.url])
        assert f"mirrors failed before: {mirror.url}/v2/app/manifests/1: access denied" in caught.value.hint


# Indexes


@pytest.fixture
def fake() -> FakeRegistry:
    return FakeRegistry((b"one", b"two" * 100_000))


@pytest.fixture
def server(fake: FakeRegistry) -> Iterator[Served]:
    with loopback.serve(fake.answer) as served:
        yield served


def index(fake: FakeRegistry, *platforms: str, media_type: str = OCI_INDEX) -> bytes:
    entries = []
    for text in platforms:
        os_name, architecture = text.split("/")
        entries.append({
            "mediaType": OCI_MANIFEST, "digest": digests.of(fake.manifest), "size": len(fake.manifest),
            "platform": {"os": os_name, "architecture": architecture},
        })  # fmt: skip
    raw = json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": entries}).encode()
    fake.put("index", raw, media_type)
    return raw


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_index(client: net.Client, fake: FakeRegistry, server: Served, media_type: str) -> None:
    index(fake, "linux/amd64", "linux/s390x", media_type=media_type)
    image = registry.open_image(
        client, parse(f"{server.host}/app:index"), platform=Platform("linux", "s390x")
    )
    assert image.digest == digests.of(fake.manifest)
    accept = server.log[-2].headers["Accept"]
    assert all(kind in accept for kind in (OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST))


def test_index_without_the_platform(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    index(fake, "linux/amd64", "windows/amd64")
    with pytest.raises(
        UnavailableError, match="no image for linux/mips; there is linux/amd64, windows/amd64"
    ):
        registry.open_image(client, parse(f"{server.host}/app:index"), platform=Platform("linux", "mips"))


def test_index_of_itself_by_a_lying_digest(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    raw = index(fake, "linux/amd64")
    fake.content[f"manifests/{digests.of(fake.manifest)}"] = raw
    with pytest.raises(MalformedError, match="content is sha256"):
        registry.open_image(client, parse(f"{server.host}/app:index"))


def test_indexes_within_indexes(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    for _ in range(4):
        fake.manifest = index(fake, "linux/amd64")
    with pytest.raises(LimitError, match="indexes within indexes"):
        registry.open_image(client, parse(f"{server.host}/app:index"), platform=Platform("linux", "amd64"))


# Servers that lie


def expect(client: net.Client, server: Served, error: type[LadingError], message: str) -> LadingError:
    with pytest.raises(error, match=message) as caught:
        read(registry.open_image(client, parse(f"{server.host}/app")))
    return caught.value


def test_a_fake_is_read(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    assert read(registry.open_image(client, parse(f"{server.host}/app"))) == fake.layers


def test_stated_digest_is_checked(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    headers = {"Docker-Content-Digest": "sha256:" + "0" * 64}
    fake.special["manifests/latest"] = lambda exchange: exchange.reply(body=fake.manifest, headers=headers)
    expect(client, server, MalformedError, "content is sha256:.*, not sha256:0000")
    headers["Docker-Content-Digest"] = "nonsense"
    expect(client, server, MalformedError, "not a sha256 or sha512 digest: 'nonsense'")


@pytest.mark.parametrize("length", [-1, 10**12])
def test_huge_manifest(client: net.Client, fake: FakeRegistry, server: Served, length: int) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(
            b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: %d\r\n" % length if length > 0 else b"") + b"\r\n"
        )
        exchange.drip(b" " * 100_000, 0)

    fake.special["manifests/latest"] = answer
    expect(client, server, LimitError, "the answer has more than 4194304 bytes")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"", "not an image manifest", id="empty"),
        pytest.param(b"<html>", "not an image manifest", id="html"),
        pytest.param(b"{}", "neither config nor manifests", id="nothing"),
        pytest.param(b"[" * 200_000, "not an image manifest", id="deep"),
        pytest.param(b'{"schemaVersion": 1}', "schema 1", id="schema-1"),
    ],
)
def test_not_a_manifest(
    client: net.Client, fake: FakeRegistry, server: Served, raw: bytes, message: str
) -> None:
    fake.put("latest", raw, OCI_MANIFEST)
    expect(client, server, MalformedError, message)


def test_schema_1(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    fake.put("latest", b'{"schemaVersion": 1}', "application/vnd.docker.distribution.manifest.v1+prettyjws")
    error = expect(client, server, MalformedError, "schema 1")
    assert error.hint == "pull and push the image again with a current tool"


def test_wrong_blob(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    fake.content[f"blobs/{digests.of(fake.layers[1])}"] = b"x" * len(fake.layers[1])
    expect(client, server, MalformedError, "content is sha256")


def test_missing_blob(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    del fake.content[f"blobs/{digests.of(fake.layers[1])}"]
    expect(client, server, UnavailableError, "not found")


def test_endless_blob(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b"x" * 100_000, 0)

    fake.special[f"blobs/{digests.of(fake.layers[1])}"] = answer
    size = len(fake.layers[1])
    expect(client, server, MalformedError, f"more than the {size} bytes that the manifest states")


def test_401_without_end(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    def answer(exchange: Exchange) -> None:
        realm = f"{server.url}/v2/app/token"
        exchange.reply(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})

    numbers = iter(range(100))
    fake.special["manifests/latest"] = answer
    fake.special["token?scope=repository%3Aapp%3Apull"] = lambda exchange: exchange.reply(
        body=b'{"token": "T%d"}' % next(numbers)
    )
    expect(client, server, DeniedError, "does not accept any token")
    assert len(server.log) < 10


def test_a_token_that_ends_in_the_middle(client: net.Client, fake: FakeRegistry) -> None:
    uses: dict[str, int] = {}
    given = iter(range(100))

    def answer(exchange: Exchange) -> None:
        if "/token" in exchange.path:
            exchange.reply(body=b'{"token": "T%d", "expires_in": 9999}' % next(given))
            return
        token = exchange.headers.get("Authorization", "")
        uses[token] = uses.get(token, 0) + 1
        if token and uses[token] <= 2:
            fake.answer(exchange)
        else:
            exchange.reply(401, headers={"WWW-Authenticate": f'Bearer realm="{guard.url}/token"'})

    with loopback.serve(answer) as guard:
        image = registry.open_image(client, parse(f"{guard.host}/app"))
        assert read(image) + read(image) == fake.layers * 2
    assert uses == {"": 1, "Bearer T0": 3, "Bearer T1": 3, "Bearer T2": 2}


@pytest.mark.parametrize("header", ["", "Basic", "Negotiate", "Bearer", "\u00ff"])
def test_401_that_cannot_be_answered(
    client: net.Client, fake: FakeRegistry, server: Served, header: str
) -> None:
    fake.special["manifests/latest"] = lambda exchange: exchange.reply(
        401, headers={"WWW-Authenticate": header}
    )
    with pytest.raises((DeniedError, MalformedError)):
        registry.open_image(client, parse(f"{server.host}/app"))
    assert len(server.log) <= 3


def test_429_with_retry_after(
    client: net.Client, fake: FakeRegistry, server: Served, slept: list[float]
) -> None:
    answers = [429, 429]

    def answer(exchange: Exchange) -> None:
        if answers:
            exchange.reply(answers.pop(), headers={"Retry-After": "3"})
        else:
            exchange.reply(body=fake.manifest)

    fake.special["manifests/latest"] = answer
    assert read(registry.open_image(client, parse(f"{server.host}/app"))) == fake.layers
    assert slept == [3.0, 3.0]


def test_a_registry_that_stalls(fake: FakeRegistry, server: Served) -> None:
    client = net.client(environ={}, timeout_s=0.2, retry=net.Retry(sleep=lambda _: None))
    fake.special[f"blobs/{digests.of(fake.layers[1])}"] = Exchange.stall
    expect(client, server, UnavailableError, "no answer in time")


def test_credentials_stay_with_the_registry(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    layer = fake.layers[1]

    def elsewhere(exchange: Exchange) -> None:
        exchange.reply(body=layer)

    def challenge(exchange: Exchange) -> None:
        if "Authorization" in exchange.headers:
            exchange.reply(body=fake.manifest)
        else:
            exchange.reply(401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    with loopback.serve(elsewhere) as store:
        signed = f"{store.url}/blob?X-Signature=secret"
        fake.special["manifests/latest"] = challenge
        fake.special[f"blobs/{digests.of(layer)}"] = lambda exchange: exchange.reply(
            307, headers={"Location": signed}
        )
        image = registry.open_image(client, parse(f"{server.host}/app"), lookup=OURS)
        assert read(image) == fake.layers
        assert server.log[-1].headers["Authorization"].startswith("Basic ")
        assert ["Authorization" in seen.headers for seen in store.log] == [False]


def test_a_signed_url_is_not_shown(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    with loopback.serve(lambda exchange: exchange.reply(403, b"no")) as store:
        signed = f"{store.url}/blob?X-Signature=secret"
        fake.special[f"blobs/{digests.of(fake.layers[1])}"] = lambda exchange: exchange.reply(
            307, headers={"Location": signed}
        )
        error = expect(client, server, DeniedError, "access denied")
    assert "secret" not in f"{error} {error.hint}"


# A line that is cut


def cutting(data: bytes, pieces: list[int], *, ranges: bool = True) -> Callable[[Exchange], None]:
    """Answer with `data`, cut after so many bytes each time, whole when `pieces` are used up."""

    def answer(exchange: Exchange) -> None:
        start = 0
        headers = {}
        wanted = exchange.headers.get("Range", "")
        if wanted and ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        sent = pieces.pop(0) if pieces else len(data) - start
        body = data[start : start + sent]
        exchange.reply(206 if headers else 200, body, headers, length=len(data) - start)

    return answer


@pytest.mark.parametrize("ranges", [True, False], ids=["by-range", "from-the-start"])
@pytest.mark.parametrize("pieces", [[1000], [0], [100_000, 1, 100_000], [0, 0, 7]], ids=str)
def test_a_cut_blob_goes_on(
    client: net.Client,
    fake: FakeRegistry,
    server: Served,
    slept: list[float],
    pieces: list[int],
    *,
    ranges: bool,
) -> None:
    count = len(pieces)
    fake.special[f"blobs/{digests.of(fake.layers[1])}"] = cutting(fake.layers[1], list(pieces), ranges=ranges)
    assert read(registry.open_image(client, parse(f"{server.host}/app"))) == fake.layers
    assert len(slept) == count


def test_a_blob_that_is_always_cut(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    place = f"blobs/{digests.of(fake.layers[1])}"
    fake.special[place] = cutting(fake.layers[1], [5] * 1000)
    expect(client, server, UnavailableError, "the line was cut: 5 bytes came")
    assert len([line for line in server.lines() if place in line]) == 11


def test_a_blob_that_ends_early_without_saying_so(
    client: net.Client, fake: FakeRegistry, server: Served
) -> None:
    layer = fake.layers[1]
    fake.special[f"blobs/{digests.of(layer)}"] = lambda exchange: exchange.reply(body=layer[:1000])
    expect(client, server, UnavailableError, f"1000 bytes came, {len(layer) - 1000} did not")


@pytest.mark.parametrize(
    "stated",
    [
        "bytes 0-299999/300000",
        "bytes 1001-2000/300544",
        "bytes 1000-5000/5001",
        "",
        "nonsense",
        "bytes 1000-",
    ],
)
def test_a_wrong_range(client: net.Client, fake: FakeRegistry, server: Served, stated: str) -> None:
    layer = fake.layers[1]

    def answer(exchange: Exchange) -> None:
        if "Range" in exchange.headers:
            exchange.reply(206, layer[1000:], {"Content-Range": stated})
        else:
            exchange.reply(body=layer[:1000], length=len(layer))

    fake.special[f"blobs/{digests.of(layer)}"] = answer
    expect(client, server, MalformedError, "not the bytes from 1000 on")


def test_a_part_that_was_not_asked_for(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    layer = fake.layers[1]
    headers = {"Content-Range": f"bytes 10-{len(layer) - 1}/{len(layer)}"}
    fake.special[f"blobs/{digests.of(layer)}"] = lambda exchange: exchange.reply(206, layer[10:], headers)
    expect(client, server, MalformedError, "not the bytes from 0 on")


# Foreign layers


def with_urls(fake: FakeRegistry, media_type: str, *urls: str) -> bytes:
    """Take a layer out of the registry, and name URLs for it in the manifest."""
    manifest = json.loads(fake.manifest)
    manifest["layers"][1] |= {"mediaType": media_type, "urls": urls}
    fake.put("latest", json.dumps(manifest).encode(), OCI_MANIFEST)
    return fake.content.pop(f"blobs/{digests.of(fake.layers[1])}")


FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"


def test_foreign_layer(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    with loopback.serve(lambda exchange: exchange.reply(body=fake.layers[1])) as elsewhere:
        with_urls(fake, FOREIGN, "ftp://x/", "http://127.0.0.1:1/gone", f"{elsewhere.url}/layer")
        image = registry.open_image(client, parse(f"{server.host}/app"), lookup=OURS)
        assert [layer.foreign for layer in image.layers] == [False, True]
        assert read(image) == fake.layers
        assert "Authorization" not in elsewhere.log[0].headers


def test_urls_of_an_ordinary_layer_are_not_followed(
    client: net.Client, fake: FakeRegistry, server: Served
) -> None:
    with loopback.serve(lambda exchange: exchange.reply(body=fake.layers[1])) as elsewhere:
        with_urls(fake, "application/vnd.oci.image.layer.v1.tar", f"{elsewhere.url}/layer")
        expect(client, server, UnavailableError, "not found")
        assert elsewhere.log == []


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
            if name.lower() not in {"host", "content-length", "connection", "content-range"}
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
    ("method", "keep"),
    [
        pytest.param("PATCH", 0, id="chunk-lost"),
        pytest.param("PATCH", 100, id="chunk-in-part"),
        pytest.param("PATCH", 10**9, id="answer-lost"),
        pytest.param("PUT", 10**9, id="answer-to-the-end-lost"),
        pytest.param("POST", 0, id="begin-lost"),
    ],
)
def test_a_cut_upload_goes_on(
    client: net.Client, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, keep: int
) -> None:
    monkeypatch.setattr("lading.oci._upload.CHUNK_BYTES", 700)
    seen: dict[str, int] = {}

    def breaks(exchange: Exchange) -> int | None:
        seen[exchange.command] = seen.get(exchange.command, 0) + 1
        blob_end = exchange.command != "PUT" or "/blobs/" in exchange.path
        return keep if exchange.command == method and seen[method] in {2, 5} and blob_end else None

    original = layout.open_image(folder, "test", None, "original")
    with registries.registry(tmp_path) as host, loopback.serve(Breaking(host, breaks).answer) as proxy:
        assert registry.write(client, original, parse(f"{proxy.host}/app:1")) == original.digest
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
        registry.write(client, original, parse(f"{proxy.host}/cut:1"))


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
        registry.write(client, original, parse(f"{server.host}/app:1"))


def test_a_registry_that_makes_something_else_of_it(client: net.Client, folder: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.reply(
            201 if exchange.command == "PUT" else 200, headers={"Docker-Content-Digest": "sha256:0"}
        )

    original = layout.open_image(folder, "test", None, "original")
    with loopback.serve(answer) as server, pytest.raises(MalformedError, match="content is sha256:0, not"):
        registry.write(client, original, parse(f"{server.host}/app:1"))


def test_a_directory_is_no_image_to_push(client: net.Client) -> None:
    directory = dataclasses.replace(imaging.layer(b""), directory="/x")
    image = Image(target="rootfs:/x", digest="", config_digest="", layers=(directory,))
    with pytest.raises(UsageError, match="a directory is not an image"):
        registry.write(client, image, parse("127.0.0.1:1/app:1"))
