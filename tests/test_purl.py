from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from lading.errors import MalformedError
from lading.purl import Purl, parse, to_string

CASES = [
    ("deb", "debian", "libstdc++6", "12.2.0-14+deb12u1", {"arch": "amd64", "distro": "debian-12"}, ""),
    ("deb", "debian", "bind9", "1:9.18.1-1", {"arch": "amd64", "upstream": "bind9@1:9"}, ""),
    ("apk", "alpine", "musl", "1.1.22-r3", {"arch": "x86_64"}, ""),
    ("npm", "@babel", "core", "7.0.0", {}, ""),
    ("npm", "", "lodash", "4.17.15", {}, ""),
    ("pypi", "", "Zope.Interface_x", "5.0", {}, ""),
    ("maven", "org.apache.commons", "commons-text", "1.9", {"type": "jar"}, ""),
    ("golang", "github.com/gorilla", "mux", "v1.8.0+incompatible", {}, "sub/dir"),
    ("composer", "Monolog", "Monolog", "1.0", {}, ""),
    ("generic", "", "a b", "1 2", {"url": "https://example.org/a?b=c&d"}, ""),
]


@pytest.mark.parametrize(("type_", "namespace", "name", "version", "qualifiers", "subpath"), CASES)
def test_to_string_as_the_reference_library(
    type_: str, namespace: str, name: str, version: str, qualifiers: dict[str, str], subpath: str
) -> None:
    expected = PackageURL(type_, namespace, name, version, qualifiers, subpath).to_string()
    assert (
        to_string(type_, namespace, name, version, qualifiers=qualifiers.items(), subpath=subpath) == expected
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("pkg:npm/%40a/b@1.0", Purl(type="npm", namespace="@a", name="b", version="1.0")),
        ("pkg:npm/@a/b", Purl(type="npm", namespace="@a", name="b")),
        ("pkg:npm/@b@2", Purl(type="npm", name="@b", version="2")),
        ("PKG://PyPI/x@1?A=b%20c&d=", Purl(type="pypi", name="x", version="1", qualifiers={"a": "b c"})),
        (
            "pkg:golang/a.b/c@v1#d/e",
            Purl(type="golang", namespace="a.b", name="c", version="v1", subpath="d/e"),
        ),
    ],
)
def test_parse(text: str, parts: Purl) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize("text", ["", "pkg:", "pkg:npm", "pkg:npm/", "npm:a/b", "pkg:a/" + "x" * 9000])
def test_parse_refuses(text: str) -> None:
    with pytest.raises(MalformedError, match="package URL"):
        parse(text)


@given(st.text(max_size=40), st.text(min_size=1, max_size=20), st.text(max_size=20))
def test_what_is_written_is_read(namespace: str, name: str, version: str) -> None:
    space = "/".join(part for part in namespace.split("/") if part)
    read = parse(to_string("generic", space, name, version))
    assert (read.namespace, read.name, read.version) == (space, name, version)
