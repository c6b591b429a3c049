from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from lading.errors import MalformedError
from lading.policy import purl
from lading.purl import Purl

PACKAGE = "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.4"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(
            "pkg:pypi/Django_X.y@1.0", Purl(type="pypi", name="django-x-y", version="1.0"), id="pypi"
        ),
        pytest.param(
            "pkg:deb/debian/x@1%3A2?arch=amd64&distro=debian-12",
            Purl(
                type="deb",
                namespace="debian",
                name="x",
                version="1:2",
                qualifiers={"arch": "amd64", "distro": "debian-12"},
            ),
            id="epoch-and-qualifiers",
        ),
        pytest.param(
            "pkg:npm/%40babel/core@7.0.0",
            Purl(type="npm", namespace="@babel", name="core", version="7.0.0"),
            id="scope",
        ),
        pytest.param(
            "pkg:npm/@babel/core", Purl(type="npm", namespace="@babel", name="core"), id="raw-scope"
        ),
        pytest.param(
            "pkg:golang/github.com/A/b@v1.2.3#sub/dir/",
            Purl(type="golang", namespace="github.com/a", name="b", version="v1.2.3", subpath="sub/dir"),
            id="subpath",
        ),
        pytest.param(
            "pkg:maven/org.A/b@1",
            Purl(type="maven", namespace="org.A", name="b", version="1"),
            id="case-kept",
        ),
        pytest.param("PKG://pypi/a", Purl(type="pypi", name="a"), id="slashes"),
        pytest.param("pkg:deb/a?arch=&x", Purl(type="deb", name="a"), id="empty-qualifiers"),
    ],
)
def test_parse(text: str, parts: Purl) -> None:
    assert purl.parse(text) == parts


@pytest.mark.parametrize(
    "text", ["", "pkg:", "pkg:deb", "pkg:deb/", "deb/debian/x", "pkg:deb/@1", "pkg:a/b" * 999]
)
def test_not_a_purl(text: str) -> None:
    if text == "pkg:deb/@1":
        assert purl.parse(text).name == "@1"
        return
    with pytest.raises(MalformedError, match="package URL"):
        purl.parse(text)


@pytest.mark.parametrize(
    ("wanted", "covered"),
    [
        pytest.param(PACKAGE, True, id="same"),
        pytest.param("pkg:deb/debian/libssl3", True, id="any-version"),
        pytest.param("pkg:deb/debian/libssl3@3.0.11-1~deb12u2", True, id="version"),
        pytest.param("pkg:deb/debian/libssl3@3.0.11-1", False, id="other-version"),
        pytest.param("pkg:deb/debian/libssl3@3.0.11-1*", True, id="version-glob"),
        pytest.param("pkg:deb/debian/libssl*", True, id="name-glob"),
        pytest.param("pkg:deb/ubuntu/libssl3", False, id="other-namespace"),
        pytest.param("pkg:deb/libssl3", False, id="no-namespace"),
        pytest.param("pkg:deb/*/libssl3", True, id="namespace-glob"),
        pytest.param("pkg:rpm/debian/libssl3", False, id="other-type"),
        pytest.param("pkg:deb/debian/libssl3?arch=arm64", False, id="other-arch"),
        pytest.param("pkg:deb/debian/libssl3?arch=a*64", True, id="qualifier-glob"),
        pytest.param("pkg:deb/debian/libssl3?distro=debian-12", True, id="less-exact-distro"),
        pytest.param("pkg:deb/debian/libssl3?distro=debian-1", False, id="distro-near-miss"),
        pytest.param("pkg:deb/debian/libssl3?epoch=1", False, id="qualifier-not-there"),
        pytest.param("pkg:deb/debian/openssl?arch=source", True, id="source-package"),
        pytest.param("pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=src", True, id="source-package-version"),
        pytest.param("pkg:deb/debian/openssl", False, id="source-name-is-not-the-package"),
        pytest.param("pkg:deb/debian/libssl3#x", False, id="subpath"),
    ],
)
def test_covers(wanted: str, *, covered: bool) -> None:
    assert purl.covers(purl.parse(wanted), purl.parse(PACKAGE), "openssl") is covered


@given(
    st.sampled_from(["deb", "npm", "maven", "cargo", "pypi"]),
    st.text("aB1.:+~%@?#é-_", min_size=1, max_size=8),
    st.text("aB1.:+~%@?#é-_/", max_size=8),
)
def test_agrees_with_the_reference_library(kind: str, name: str, version: str) -> None:
    made = PackageURL(type=kind, namespace=None, name=name, version=version or None)
    parsed = purl.parse(made.to_string())
    assert parsed.version == (made.version or "")
    if kind in {"maven", "cargo"}:
        assert parsed.name == made.name


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    for candidate in (text, "pkg:" + text, "pkg:deb/" + text):
        try:
            parsed = purl.parse(candidate)
        except MalformedError:
            continue
        assert purl.covers(parsed, parsed) or "arch" in parsed.qualifiers
