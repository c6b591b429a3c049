"""Whether the product of a VEX statement is the image that was scanned.

An image is named by its digest, by its reference, or by a package URL of type `oci`
(`pkg:oci/debian@sha256:...?repository_url=docker.io/library/debian&arch=amd64&tag=12`, name and version being
the last name of the repository and the digest) or `docker` (`pkg:docker/library/debian@12`).
https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lading.errors import MalformedError
from lading.policy import purl
from lading.policy.rule import Component, Product
from lading.purl import Purl

_HUB = "docker.io"
_HUB_ALIASES = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_OTHER_SCHEMES = ("pkg:", "http:", "https:", "urn:", "cpe:", "sha256:", "sha512:")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """All that the target of a scan answers to.

    digests: `sha256:...`. repository, tag: of its reference, the repository in full; empty without one.
    purls: every spelling of its package URL.
    """

    digests: frozenset[str] = frozenset()
    repository: str = ""
    tag: str = ""
    purls: tuple[Purl, ...] = ()


def identify(product: Product) -> Identity:
    """Return the identity of `product`, to be made once for all questions about it."""
    repository, tag, digest = _parts(product.reference) if product.reference else ("", "", "")
    digests = frozenset({product.digest, *product.other_digests, digest} - {""})
    known = Identity(digests=digests, repository=repository, tag=tag)
    purls = (*_oci(known, product.arch), *_docker(known, product.arch), *_own(product.purls))
    return msgspec.structs.replace(known, purls=purls)


def names(component: Component, identity: Identity) -> bool:
    """True if any identifier of `component` is one of the target's."""
    return (
        not identity.digests.isdisjoint((*component.digests, *component.ids))
        or any(_is_reference(text, identity) for text in component.ids)
        or any(_is_purl(wanted, identity) for wanted in component.purls)
    )


def _is_reference(text: str, identity: Identity) -> bool:
    if not identity.repository or text.startswith(_OTHER_SCHEMES):
        return False
    repository, tag, digest = _parts(text)
    return (
        repository == identity.repository
        and tag in {"", identity.tag}
        and (not digest or digest in identity.digests)
    )


def _is_purl(wanted: Purl, identity: Identity) -> bool:
    # The docker type has a default registry, unlike oci: without repository_url it is Docker Hub's.
    if wanted.type == "docker" and "repository_url" not in wanted.qualifiers:
        wanted = msgspec.structs.replace(wanted, qualifiers={**wanted.qualifiers, "repository_url": _HUB})
    return any(purl.covers(wanted, actual) for actual in identity.purls)


def _own(texts: tuple[str, ...]) -> Iterator[Purl]:
    for text in texts:
        try:
            yield purl.parse(text)
        except MalformedError:
            continue  # an SBOM may name its subject in any way


def _oci(identity: Identity, arch: str) -> Iterator[Purl]:
    host, _, path = identity.repository.partition("/")
    parent, _, name = path.rpartition("/")
    # The specification's repository_url ends in the name; some tools leave it off.
    for one in _spellings(host):
        for url in (f"{one}/{path}", f"{one}/{parent}".rstrip("/")):
            for version in (*sorted(identity.digests), identity.tag):
                qualifiers = {"repository_url": url, "tag": identity.tag, "arch": arch}
                yield Purl(type="oci", name=name.lower(), version=version, qualifiers=qualifiers)


def _docker(identity: Identity, arch: str) -> Iterator[Purl]:
    host, _, path = identity.repository.partition("/")
    namespace, _, name = path.rpartition("/")
    namespaces = ("", namespace) if (host, namespace) == (_HUB, "library") else (namespace,)
    for one in _spellings(host):
        for space in namespaces:
            for version in (*sorted(identity.digests), identity.tag):
                qualifiers = {"repository_url": one, "arch": arch}
                yield Purl(type="docker", namespace=space, name=name, version=version, qualifiers=qualifiers)


def _spellings(host: str) -> tuple[str, ...]:
    if not host:
        return ()
    return (host, *sorted(_HUB_ALIASES), f"https://{host}") if host == _HUB else (host, f"https://{host}")


def _parts(reference: str) -> tuple[str, str, str]:
    """Return repository in full, tag, and digest of a reference; what is not there is empty."""
    rest, _, digest = reference.partition("@")
    host, slash, path = rest.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, path = _HUB, rest
    if host in _HUB_ALIASES:
        host = _HUB
    path, _, tag = path.partition(":")
    if host == _HUB and "/" not in path:
        path = f"library/{path}"
    return f"{host}/{path}", tag, digest
