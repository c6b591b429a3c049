from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import loopback
import registries
from lading import net
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import layout, registry
from lading.oci.credentials import Credential, Found, fixed
from lading.oci.image import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Platform
from lading.oci.reference import parse
from loopback import Exchange, Served
from registries import NEEDS, PASSWORD, USER, FakeRegistry, TokenServer, read, same

OURS = fixed(USER, PASSWORD)
CREDS = f"{USER}:{PASSWORD}"


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
        registry.write(client, [original], reference, lookup=OURS)
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
        image = registry.open_target(f"{host}/team/app:1", client, None, {})
        assert image.target == f"docker://{host}/team/app:1"
        assert same(image, folder)


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
        registry.write(client, [original], parse(f"{guarded}/team/app:2"))


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
    registry.write(client, [original], parse(f"{guarded}/team/new:1"), lookup=OURS, mount_from="team/app")
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
