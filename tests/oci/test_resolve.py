from __future__ import annotations

from collections.abc import Iterator

import pytest

import loopback
from lading import net
from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import registry, resolve
from lading.oci.credentials import fixed
from lading.oci.image import OCI_INDEX, OCI_MANIFEST, Platform
from lading.oci.reference import Reference, parse
from loopback import Served
from registries import NEEDS
from tagged_registry import TaggedRegistry

AMD64 = Platform("linux", "amd64")


@pytest.fixture
def fake() -> TaggedRegistry:
    return TaggedRegistry()


@pytest.fixture
def server(fake: TaggedRegistry) -> Iterator[Served]:
    with loopback.serve(fake.answer) as served:
        yield served


@pytest.fixture
def plainly() -> net.Client:
    return net.client(insecure=True, timeout_s=5, retry=net.Retry(retries=0, sleep=lambda _s: None))


def at(server: Served, tag: str = "latest", path: str = "app") -> Reference:
    return Reference(server.host, path, tag)


def test_the_digest_is_that_of_the_index(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    index = fake.index("2.0", ("amd64", fake.manifest), ("arm64", b"{}"))
    assert resolve.digest_of(plainly, at(server, "2.0")) == digests.of(index)
    assert server.lines()[-1] == "HEAD /v2/app/manifests/2.0"
    assert OCI_INDEX in server.log[-1].headers["Accept"]


def test_a_registry_that_says_no_digest(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    fake.silent = True
    assert resolve.digest_of(plainly, at(server)) == digests.of(fake.manifest)
    assert server.lines()[-2:] == ["HEAD /v2/app/manifests/latest", "GET /v2/app/manifests/latest"]


def test_the_image_of_a_platform(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    fake.index("a", ("amd64", fake.manifest), ("arm64", b"{}"))
    fake.index("b", ("amd64", fake.manifest))
    assert resolve.digest_of(plainly, at(server, "a")) != resolve.digest_of(plainly, at(server, "b"))
    assert resolve.platform_digest_of(plainly, at(server, "a"), AMD64) == digests.of(fake.manifest)
    assert resolve.platform_digest_of(plainly, at(server, "b"), AMD64) == digests.of(fake.manifest)
    assert resolve.platform_digest_of(plainly, at(server), AMD64) == digests.of(fake.manifest)
    assert resolve.platform_digest_of(plainly, at(server, "b"), Platform("linux", "arm64")) is None
    assert resolve.platform_digest_of(plainly, at(server, "none"), AMD64) is None


def test_what_is_not_there(plainly: net.Client, server: Served) -> None:
    assert resolve.digest_of(plainly, at(server, "none")) is None
    assert resolve.tags_of(plainly, at(server, path="other")) == ()


def test_tags_follow_pages(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    assert resolve.tags_of(plainly, at(server)) == tuple(fake.tags)
    assert [line for line in server.lines() if "last=" in line] == [
        "GET /v2/app/tags/list?n=1000&last=1.1",
        "GET /v2/app/tags/list?n=1000&last=latest",
    ]


def test_a_list_without_end_ends(
    plainly: net.Client, server: Served, fake: TaggedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"Link": '<http://other.example/x?last=a>; rel="next"'}
    fake.special["tags/list"] = lambda exchange: exchange.reply(body=b'{"tags": ["a"]}', headers=elsewhere)
    monkeypatch.setattr(resolve, "_MAX_PAGES", 5)
    with pytest.raises(LimitError, match="more than 5 pages"):
        resolve.tags_of(plainly, at(server))
    monkeypatch.setattr(resolve, "MAX_TAGS", 2)
    with pytest.raises(LimitError, match="more than 2 tags"):
        resolve.tags_of(plainly, at(server))
    assert {seen.path.partition("?")[0] for seen in server.log} == {"/v2/app/tags/list"}


@pytest.mark.parametrize("body", [b"[]", b"<html>", b'{"tags": 3}', b"{" * 99_999])
def test_garbage_for_tags(plainly: net.Client, server: Served, fake: TaggedRegistry, body: bytes) -> None:
    fake.special["tags/list"] = lambda exchange: exchange.reply(body=body)
    with pytest.raises(MalformedError, match="not a list of tags"):
        resolve.tags_of(plainly, at(server))


def test_no_tags_at_all(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    fake.special["tags/list"] = lambda exchange: exchange.reply(body=b'{"name": "app", "tags": null}')
    assert resolve.tags_of(plainly, at(server)) == ()


@pytest.mark.parametrize("digest", ["sha256:zz", "md5:0", "x; rm -r /"])
def test_a_digest_that_is_none(
    plainly: net.Client, server: Served, fake: TaggedRegistry, digest: str
) -> None:
    fake.special["manifests/latest"] = lambda exchange: exchange.reply(
        headers={"Docker-Content-Digest": digest}
    )
    with pytest.raises(MalformedError, match="not a sha256 or sha512 digest"):
        resolve.digest_of(plainly, at(server))


@pytest.mark.parametrize(
    ("status", "kind"), [(401, DeniedError), (403, DeniedError), (500, UnavailableError)]
)
def test_refused(
    plainly: net.Client, server: Served, fake: TaggedRegistry, status: int, kind: type[Exception]
) -> None:
    fake.special["manifests/latest"] = lambda exchange: exchange.reply(status)
    with pytest.raises(kind, match=f"HTTP {status}"):
        resolve.digest_of(plainly, at(server))


def test_mirrors_first(plainly: net.Client, server: Served, fake: TaggedRegistry) -> None:
    fake.put("here", fake.manifest, OCI_MANIFEST)
    with loopback.serve(lambda exchange: exchange.reply(404)) as empty:
        mirrors = ["http://127.0.0.1:1", empty.url, f"{server.url}"]
        reference = Reference("nothing.invalid", "app", "here")
        assert resolve.digest_of(plainly, reference, mirrors=mirrors) == digests.of(fake.manifest)
        assert resolve.tags_of(plainly, reference, mirrors=mirrors) == tuple(fake.tags)
    assert resolve.digest_of(plainly, at(server, "here"), mirrors=["http://127.0.0.1:1/x"]) == digests.of(
        fake.manifest
    )


@NEEDS
def test_as_skopeo_pushed_it(client: net.Client, plain: str) -> None:
    digest = resolve.digest_of(client, parse(f"{plain}/app:1"))
    assert digest == registry.open_image(client, parse(f"{plain}/app:1")).digest
    assert resolve.platform_digest_of(client, parse(f"{plain}/app:1"), AMD64) == digest
    assert "1" in resolve.tags_of(client, parse(f"{plain}/app:1"))
    assert resolve.digest_of(client, parse(f"{plain}/app:none")) is None
    assert resolve.digest_of(client, parse(f"{plain}/nothing:1"), lookup=fixed("a", "b")) is None
