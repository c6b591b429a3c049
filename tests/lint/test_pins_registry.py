from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import loopback
from lading.lint.pin_source import Wanted
from lading.lint.pins import Pins
from lading.lint.pins_fetch import Unknown
from lading.lint.pins_registry import telling, versions_among
from lading.lint.pins_release import Release
from lading.oci import digest as digests
from lading.oci.image import OCI_MANIFEST
from lading.oci.reference import parse
from lint.index_site import Site, apt_index, client, reason, site
from loopback import Served
from tagged_registry import TaggedRegistry


@pytest.fixture
def fake() -> TaggedRegistry:
    return TaggedRegistry()


@pytest.fixture
def server(fake: TaggedRegistry) -> Iterator[Served]:
    with loopback.serve(fake.answer) as served:
        yield served


def image(number: str) -> bytes:
    return json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "annotations": {"n": number}}
    ).encode()


def add(fake: TaggedRegistry, **tags: str) -> None:
    """Put images by tag (`_` for a dot, `__` for a dash); the same number is the same image, in an index of its own."""
    fake.tags = []
    for name, number in tags.items():
        tag = name.replace("__", "-").replace("_", ".").lstrip(".")
        fake.tags.append(tag)
        fake.index(tag, ("amd64", image(number)), ("arm64", image(f"{number} arm")))


def same(fake: TaggedRegistry, tag: str, *others: str) -> None:
    """Let the tags have one index."""
    raw = fake.content[f"manifests/{tag}"]
    for other in others:
        fake.put(other, raw, fake.types[f"manifests/{tag}"])


def ask(index: str, *names: str, base: str = "", **options: object) -> dict[str, str | Unknown]:
    return Pins(client, **options).ask(Wanted(index, names, base))  # type: ignore[arg-type]  # named by the test


def test_digests(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _1="a", latest="b")
    name = f"{server.host}/app"
    assert ask("image", f"{name}:1", name, f"{name}:1@sha256:{'0' * 64}") == {
        f"{name}:1": digests.of(fake.content["manifests/1"]),
        name: digests.of(fake.content["manifests/latest"]),
        f"{name}:1@sha256:{'0' * 64}": f"sha256:{'0' * 64}",
    }


def test_one_image_that_is_not_there_costs_no_other(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _1="a")
    name = f"{server.host}/app"
    found = ask("image", f"{name}:none", "Not A Name", f"{name}:1", "127.0.0.1:1/app:1")
    assert found[f"{name}:1"] == digests.of(fake.content["manifests/1"])
    assert found[f"{name}:none"] == Unknown(f"no image {name}:none in the registry", absent=True)
    assert "not an image reference" in reason(found["Not A Name"])
    assert "no connection" in reason(found["127.0.0.1:1/app:1"])


def test_the_version_that_latest_is(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _22_04="old", _24_04="lts", _24_10="new", latest="lts", noble="lts", _20240329="day")
    same(fake, "24.04", "latest", "noble")
    name = f"{server.host}/app"
    assert ask("tag", name, f"{name}:latest") == {name: "24.04", f"{name}:latest": "24.04"}


def test_the_most_exact_of_equals(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _3="x", _3_19="x", _3_19_1="x", _3_18="y", latest="x")
    same(fake, "3.19.1", "3", "3.19", "latest")
    assert ask("tag", f"{server.host}/app") == {f"{server.host}/app": "3.19.1"}


def test_the_highest_where_none_is_the_same(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _1_9="a", _1_10="b", v2_0__rc1="c", latest="nightly")
    assert ask("tag", f"{server.host}/app") == {f"{server.host}/app": "1.10"}
    add(fake, _1_9="a", _1_10="b")
    assert ask("tag", f"{server.host}/app") == {f"{server.host}/app": "1.10"}


def test_no_version_among_the_tags(server: Served, fake: TaggedRegistry) -> None:
    add(fake, latest="a", main="b")
    assert ask("tag", f"{server.host}/app") == {
        f"{server.host}/app": Unknown(f"no tag of {server.host}/app is a version", absent=True)
    }


@pytest.mark.parametrize(
    ("tags", "word", "found"),
    [
        ("1.9 1.10 1.2", "latest", "1.10 1.9 1.2"),
        ("v1.9 v1.10 latest", "latest", "v1.10 v1.9"),
        ("1 1.0 1.0.0", "latest", "1.0.0 1.0 1"),
        ("20240101 2024.01.02 3", "latest", "2024.01.02 3"),
        ("1.0-slim 1.1 2.0-slim 2.1-slim-x slim", "slim", "2.0-slim 1.0-slim"),
        ("1.0-rc1 1.0a 1.2.3.4.5 1..2 .1 1. v", "latest", ""),
        ("3.19 3.20", "3.19", ""),
        ("", "latest", ""),
    ],
)
def test_versions_among(tags: str, word: str, found: str) -> None:
    assert versions_among(tags.split(), word) == found.split()


@pytest.mark.parametrize(
    ("name", "tags", "found"),
    [
        (
            "python:3.12",
            "3.12 3.12-bookworm 3.12-slim-bookworm 3.12-alpine3.19 3.12.1-bookworm 3.1-trixie",
            "3.12-bookworm 3.12-alpine3.19",
        ),
        (
            "python:3.12-slim",
            "3.12-bookworm 3.12-slim-bookworm 3.12-slim-trixie",
            "3.12-slim-trixie 3.12-slim-bookworm",
        ),
        ("python:3.12-alpine", "3.12-alpine3.19 3.12-alpine3.20", "3.12-alpine3.20 3.12-alpine3.19"),
        ("python", "latest bookworm slim-bookworm 3.12", "bookworm"),
        ("ubuntu", "22.04 24.04 jammy latest", "24.04 22.04 jammy"),
    ],
)
def test_telling(name: str, tags: str, found: str) -> None:
    assert [one.tag for one, _ in telling(tags.split(), parse(name))] == found.split()


def test_the_release_of_a_tag_that_does_not_tell(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _3_12="b", _3_12__bookworm="b", _3_12__trixie="t", _3_12__slim="none")
    with site() as indexes:
        path = "/debian/dists/bookworm/main/binary-amd64/Packages"
        indexes.files = {path: apt_index({"curl": "7.88.1-10"})}
        base = f"{server.host}/app:3.12"
        assert indexes.ask("apt", "curl", base=base) == {"curl": "7.88.1-10"}
        digest = digests.of(fake.content["manifests/3.12"])
        assert indexes.ask("apt", "curl", base=f"{base}@{digest}") == {"curl": "7.88.1-10"}
        said = indexes.ask("apt", "curl", base=f"{base}-slim")["curl"]
        assert f"cannot tell the release of the base image {base}-slim" in reason(said)


def test_of_another_platform(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _1="b", _1__bookworm="b", _1__trixie="t")
    fake.index("1", ("arm64", image("t arm")))
    pins = Pins(client, architecture="arm64")
    assert pins._tell(parse(f"{server.host}/app:1")) == Release("debian", "13", "trixie")
    assert Pins(client)._tell(parse(f"{server.host}/app:1")) is None


def test_mirrors(server: Served, fake: TaggedRegistry) -> None:
    add(fake, _1="a", latest="a")
    same(fake, "1", "latest")
    mirrors = {"nothing.invalid": (server.url,)}
    assert ask("tag", "nothing.invalid/app", mirrors=mirrors) == {"nothing.invalid/app": "1"}
    digest = digests.of(fake.content["manifests/1"])
    assert ask("image", "nothing.invalid/app:1", mirrors=mirrors) == {"nothing.invalid/app:1": digest}


def test_insecure_hosts_get_the_client_for_them() -> None:
    asked: list[bool] = []

    def make(insecure: bool) -> object:  # noqa: FBT001 - as edges make them
        asked.append(insecure)
        return client(insecure)

    ask_with = {"insecure": ("127.0.0.1:1",)}
    found = Pins(make, **ask_with).ask(Wanted("image", ("127.0.0.1:1/a:1", "127.0.0.1:2/a:1")))  # type: ignore[arg-type]  # a double
    assert asked == [True, False]
    assert all(isinstance(answer, Unknown) for answer in found.values())


def test_asked_once_a_day(server: Served, fake: TaggedRegistry, tmp_path: object) -> None:
    add(fake, _1="a")
    name = f"{server.host}/app:1"
    first = ask("image", name, cache_dir=tmp_path)
    count = len(server.log)
    assert ask("image", name, cache_dir=tmp_path, offline=True) == first
    assert len(server.log) == count
    assert "offline" in reason(ask("tag", name, cache_dir=tmp_path, offline=True)[name])


def test_a_site_is_no_registry() -> None:
    with site() as plain:
        assert isinstance(plain, Site)
        name = f"{plain.served.host}/app:1"
        assert reason(ask("image", name)[name]) == f"no image {name} in the registry"
