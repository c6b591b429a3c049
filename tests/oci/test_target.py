from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import UsageError
from lading.oci.target import TRANSPORTS, Target, parse_target


@pytest.mark.parametrize(
    ("text", "target", "path", "name"),
    [
        ("docker://alpine:3.10", Target("docker", "alpine:3.10"), "alpine:3.10", ""),
        ("oci:/tmp/dir", Target("oci", "/tmp/dir"), "/tmp/dir", ""),
        ("oci:dir:v1", Target("oci", "dir:v1"), "dir", "v1"),
        ("oci-archive:a.tar:v1", Target("oci-archive", "a.tar:v1"), "a.tar", "v1"),
        ("docker-archive:a.tar:r.io:5/a:1", Target("docker-archive", "a.tar:r.io:5/a:1"), "a.tar", "r.io:5/a:1"),
        ("docker-daemon:a:1", Target("docker-daemon", "a:1"), "a:1", ""),
        ("containers-storage:a:1", Target("containers-storage", "a:1"), "a:1", ""),
        ("rootfs:/", Target("rootfs", "/"), "/", ""),
        ("rootfs:/a:b", Target("rootfs", "/a:b"), "/a:b", ""),
        ("sbom:x.json", Target("sbom", "x.json"), "x.json", ""),
        ("alpine:3.10", Target("", "alpine:3.10"), "alpine:3.10", ""),
        ("ocid:x", Target("", "ocid:x"), "ocid:x", ""),
        ("./oci", Target("", "./oci"), "./oci", ""),
        ("docker", Target("", "docker"), "docker", ""),
    ],
)  # fmt: skip
def test_parse(text: str, target: Target, path: str, name: str) -> None:
    found = parse_target(text)
    assert (found, found.path, found.name, str(found)) == (target, path, name, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no target is named"),
        ("  ", "no target is named"),
        ("docker:alpine", "docker: is followed by //"),
        ("docker://", "nothing is named behind docker:"),
        ("oci:", "nothing is named behind oci:"),
        ("oci::tag", "nothing is named behind oci:"),
        ("https://r.io/a", "no transport is called 'https'"),
        ("rootfs:a\0b", "NUL"),
    ],
)
def test_wrong(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_target(text)


def test_hint_shows_every_transport() -> None:
    with pytest.raises(UsageError) as caught:
        parse_target("")
    assert all(f"{name}:" in caught.value.hint for name in TRANSPORTS)


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_a_target_or_an_error(text: str) -> None:
    try:
        target = parse_target(text)
    except UsageError:
        return
    assert str(target) == text
