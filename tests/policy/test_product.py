from __future__ import annotations

import pytest

from lading.policy import product, purl
from lading.policy.rule import Component, Product

DIGEST = "sha256:" + "a" * 64
INDEX = "sha256:" + "b" * 64
DEBIAN = Product(reference="docker.io/library/debian:12", digest=DIGEST, other_digests=(INDEX,), arch="amd64")
TEAM = Product(reference="registry.example:5000/team/App:1.2", digest=DIGEST, arch="arm64")
SBOM = Product(purls=("pkg:oci/thing@sha256%3A00", "nonsense"))


def _component(text: str) -> Component:
    urls = (purl.parse(text),) if text.startswith("pkg:") else ()
    return Component(ids=(text,), purls=urls)


@pytest.mark.parametrize(
    ("text", "target", "named"),
    [
        pytest.param(DIGEST, DEBIAN, True, id="digest"),
        pytest.param(INDEX, DEBIAN, True, id="digest-of-the-index"),
        pytest.param("sha256:" + "c" * 64, DEBIAN, False, id="other-digest"),
        pytest.param("debian", DEBIAN, True, id="short-name"),
        pytest.param("debian:12", DEBIAN, True, id="short-name-tag"),
        pytest.param("debian:11", DEBIAN, False, id="other-tag"),
        pytest.param("index.docker.io/library/debian:12", DEBIAN, True, id="hub-alias"),
        pytest.param(f"debian@{DIGEST}", DEBIAN, True, id="reference-with-digest"),
        pytest.param("debian@sha256:00", DEBIAN, False, id="reference-with-other-digest"),
        pytest.param("library/debian", DEBIAN, True, id="library"),
        pytest.param("quay.io/library/debian", DEBIAN, False, id="other-registry"),
        pytest.param("registry.example:5000/team/App", TEAM, True, id="port"),
        pytest.param("registry.example:5000/team/app", TEAM, False, id="case"),
        pytest.param("https://example.org/debian", DEBIAN, False, id="url"),
        pytest.param("pkg:oci/debian", DEBIAN, True, id="oci"),
        pytest.param(f"pkg:oci/debian@{DIGEST}", DEBIAN, True, id="oci-digest"),
        pytest.param(f"pkg:oci/debian@{INDEX.replace(':', '%3A')}", DEBIAN, True, id="oci-digest-encoded"),
        pytest.param("pkg:oci/debian@sha256:00", DEBIAN, False, id="oci-other-digest"),
        pytest.param("pkg:oci/debian@12", DEBIAN, True, id="oci-tag-as-version"),
        pytest.param("pkg:oci/debian?tag=12", DEBIAN, True, id="oci-tag"),
        pytest.param("pkg:oci/debian?tag=13", DEBIAN, False, id="oci-other-tag"),
        pytest.param("pkg:oci/debian?arch=amd64", DEBIAN, True, id="oci-arch"),
        pytest.param("pkg:oci/debian?arch=arm64", DEBIAN, False, id="oci-other-arch"),
        pytest.param("pkg:oci/alpine", DEBIAN, False, id="oci-other-name"),
        pytest.param("pkg:oci/debian?repository_url=docker.io/library/debian", DEBIAN, True, id="oci-url"),
        pytest.param(
            "pkg:oci/debian?repository_url=index.docker.io%2Flibrary%2Fdebian",
            DEBIAN,
            True,
            id="oci-url-alias",
        ),
        pytest.param("pkg:oci/debian?repository_url=docker.io/library", DEBIAN, True, id="oci-url-short"),
        pytest.param("pkg:oci/debian?repository_url=ghcr.io/library/debian", DEBIAN, False, id="oci-far"),
        pytest.param(
            "pkg:oci/app@1.2?repository_url=registry.example:5000/team/App",
            TEAM,
            True,
            id="oci-case",
        ),
        pytest.param("pkg:docker/debian@12", DEBIAN, True, id="docker"),
        pytest.param("pkg:docker/library/debian@12", DEBIAN, True, id="docker-namespace"),
        pytest.param("pkg:docker/debian@11", DEBIAN, False, id="docker-other-tag"),
        pytest.param("pkg:docker/team/App", TEAM, False, id="docker-default-registry"),
        pytest.param(
            "pkg:docker/team/App@1.2?repository_url=https://registry.example:5000",
            TEAM,
            True,
            id="url",
        ),
        pytest.param("pkg:oci/thing", SBOM, True, id="sbom"),
        pytest.param("pkg:oci/thing@sha256:01", SBOM, False, id="sbom-other-digest"),
        pytest.param("debian", SBOM, False, id="no-reference"),
        pytest.param("", Product(), False, id="nothing"),
        pytest.param("pkg:oci/debian", Product(digest=DIGEST), False, id="digest-alone-has-no-name"),
    ],
)
def test_names(text: str, target: Product, *, named: bool) -> None:
    assert product.names(_component(text), product.identify(target)) is named


def test_hashes() -> None:
    assert product.names(Component(digests=(DIGEST,)), product.identify(DEBIAN))
    assert not product.names(Component(digests=(DIGEST,)), product.identify(SBOM))


def test_pinned_reference_gives_its_digest() -> None:
    pinned = product.identify(Product(reference=f"debian:12@{INDEX}"))
    assert pinned.digests == frozenset({INDEX})
    assert (pinned.repository, pinned.tag) == ("docker.io/library/debian", "12")
