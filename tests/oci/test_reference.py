from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import MalformedError
from lading.oci.reference import Reference, parse

SHA256 = "sha256:" + "0a" * 32
SHA512 = "sha512:" + "0b" * 64


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        pytest.param("alpine", Reference("docker.io", "library/alpine", "latest"), id="short"),
        pytest.param("alpine:3.10", Reference("docker.io", "library/alpine", "3.10"), id="short-tag"),
        pytest.param("a/b", Reference("docker.io", "a/b", "latest"), id="user"),
        pytest.param("docker.io/alpine", Reference("docker.io", "library/alpine", "latest"), id="hub"),
        pytest.param("index.docker.io/a/b:1", Reference("docker.io", "a/b", "1"), id="old-hub"),
        pytest.param("localhost/app", Reference("localhost", "app", "latest"), id="localhost"),
        pytest.param("localhost:5000/app", Reference("localhost:5000", "app", "latest"), id="port"),
        pytest.param("local/app", Reference("docker.io", "local/app", "latest"), id="not-localhost"),
        pytest.param("host:5000/a:5000", Reference("host:5000", "a", "5000"), id="port-and-tag"),
        pytest.param("host:5000", Reference("docker.io", "library/host", "5000"), id="a-tag-not-a-port"),
        pytest.param("Host/app", Reference("Host", "app", "latest"), id="capital-means-host"),
        pytest.param("ghcr.io/a/b/c/d:x_Y.1-", Reference("ghcr.io", "a/b/c/d", "x_Y.1-"), id="deep"),
        pytest.param("127.0.0.1:1/a", Reference("127.0.0.1:1", "a", "latest"), id="ipv4"),
        pytest.param("[::1]:5000/a", Reference("[::1]:5000", "a", "latest"), id="ipv6"),
        pytest.param("[fe80::1]/a", Reference("[fe80::1]", "a", "latest"), id="ipv6-no-port"),
        pytest.param(f"alpine@{SHA256}", Reference("docker.io", "library/alpine", "", SHA256), id="digest"),
        pytest.param(f"r.io/a:1@{SHA512}", Reference("r.io", "a", "1", SHA512), id="tag-and-digest"),
        pytest.param("r.io/a-b--c__d_e.f", Reference("r.io", "a-b--c__d_e.f", "latest"), id="separators"),
        pytest.param("r.io/a:" + "t" * 128, Reference("r.io", "a", "t" * 128), id="longest-tag"),
        pytest.param("r.io/" + "a" * 255, Reference("r.io", "a" * 255, "latest"), id="longest-path"),
        pytest.param("0" * 63, Reference("docker.io", "library/" + "0" * 63, "latest"), id="63-digits"),
    ],
)
def test_parse(text: str, reference: Reference) -> None:
    assert parse(text) == reference
    assert parse(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "no name", id="empty"),
        pytest.param(":tag", "no name", id="only-tag"),
        pytest.param(f"@{SHA256}", "no name", id="only-digest"),
        pytest.param("r.io/", "no name", id="only-host"),
        pytest.param("Alpine", "'Alpine' must be in lower case", id="capital"),
        pytest.param("r.io/a/B", "'B' must be in lower case", id="capital-deep"),
        pytest.param("a//b", "'' must be", id="double-slash"),
        pytest.param("/a", "'' must be", id="leading-slash"),
        pytest.param("a/b/", "no name", id="trailing-slash"),
        pytest.param("a..b", "'a..b' must be", id="two-dots"),
        pytest.param("a___b", "'a___b' must be", id="three-underscores"),
        pytest.param("-a", "'-a' must be", id="leading-dash"),
        pytest.param("a-", "'a-' must be", id="trailing-dash"),
        pytest.param("ä", "'ä' must be", id="not-ascii"),
        pytest.param("a b", "'a b' must be", id="space"),
        pytest.param("a\n", "must be", id="line-end"),
        pytest.param("../../etc/passwd", "is not a host", id="traversal"),
        pytest.param("a:", "'' is not a tag", id="empty-tag"),
        pytest.param("a:-x", "'-x' is not a tag", id="tag-dash"),
        pytest.param("a:" + "t" * 129, "is not a tag", id="tag-long"),
        pytest.param("a:b:c", "'a:b' must be", id="two-tags"),
        pytest.param("r.io/" + "a" * 256, "at most 255 characters", id="path-long"),
        pytest.param("a" * 1025, "at most 1024 characters", id="all-long"),
        pytest.param("0" * 64, "image ID", id="image-id"),
        pytest.param("a@sha256:00", "not a sha256 or sha512 digest", id="digest-short"),
        pytest.param(f"a@{SHA256.upper()}", "not a sha256 or sha512 digest", id="digest-upper"),
        pytest.param("a@md5:" + "0" * 32, "not a sha256 or sha512 digest", id="digest-weak"),
        pytest.param(f"a@{SHA256}@{SHA256}", "not a sha256 or sha512 digest", id="two-digests"),
        pytest.param("r.io:99999/a", "'99999' is not a port", id="port-high"),
        pytest.param("r.io:0/a", "'0' is not a port", id="port-zero"),
        pytest.param("r.io:/a", "'' is not a port", id="port-empty"),
        pytest.param("-r.io/a", "'-r.io' is not a host", id="host-dash"),
        pytest.param("r..io/a", "'r..io' is not a host", id="host-dots"),
        pytest.param("user:pw@r.io/a", "not a sha256", id="user"),
        pytest.param("[::1/a", "is not a host", id="ipv6-open"),
        pytest.param("[]/a", "must be", id="ipv6-empty"),
    ],
)
def test_wrong(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        parse(text)


def test_digest_counts_before_tag() -> None:
    assert parse(f"a:1@{SHA256}").wanted == SHA256
    assert parse("a:1").wanted == "1"
    assert parse("r.io/a:1").name == "r.io/a"


@given(st.text(string.ascii_letters + string.digits + ":/@._-[]ä \n\0", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_reference_or_an_error(text: str) -> None:
    try:
        reference = parse(text)
    except MalformedError:
        return
    assert parse(str(reference)) == reference


@pytest.mark.parametrize("text", ["a-" * 127 + "!", "r" + ".r" * 500 + "!/a", "[" + ":" * 1000])
def test_no_backtracking(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)
