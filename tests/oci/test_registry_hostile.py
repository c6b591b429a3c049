from __future__ import annotations

import json
from collections.abc import Callable

import pytest

import loopback
from lading import net
from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import registry
from lading.oci.credentials import fixed
from lading.oci.image import OCI_MANIFEST
from lading.oci.reference import parse
from loopback import Exchange, Served
from registries import PASSWORD, USER, FakeRegistry, read

OURS = fixed(USER, PASSWORD)
CREDS = f"{USER}:{PASSWORD}"


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


def test_a_stream_ends_by_itself_at_its_size(client: net.Client, fake: FakeRegistry, server: Served) -> None:
    layer = fake.layers[1]
    fake.special[f"blobs/{digests.of(layer)}"] = lambda exchange: exchange.reply(body=layer + b"more")
    image = registry.open_image(client, parse(f"{server.host}/app"))
    stream = image.layers[1].open()
    with pytest.raises(MalformedError, match="more than the"):
        list(iter(lambda: stream.read(100_000), b""))
    stream.close()


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
