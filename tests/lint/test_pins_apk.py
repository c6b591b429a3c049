from __future__ import annotations

import gzip
import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError
from lading.lint import pins_apk
from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, apk_index, reason, site

MAIN = "/alpine/v3.19/main/x86_64/APKINDEX.tar.gz"
COMMUNITY = "/alpine/v3.19/community/x86_64/APKINDEX.tar.gz"


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


def test_main_and_community(served: Site) -> None:
    served.files = {
        MAIN: apk_index({"curl": "8.5.0-r0", "busybox": "1.36.1-r15"}),
        COMMUNITY: apk_index({"go": "1.21.5-r0", "curl": "8.4.0-r9", "py3-x": "1.0_rc1-r0"}),
    }
    assert served.ask("apk", "curl", "go", "py3-x", base="python:3.12-alpine3.19") == {
        "curl": "8.5.0-r0",
        "go": "1.21.5-r0",
        "py3-x": "1.0_rc1-r0",
    }


@pytest.mark.parametrize(
    ("base", "architecture", "path"),
    [
        ("alpine:3.18.4", "amd64", "/alpine/v3.18/main/x86_64/APKINDEX.tar.gz"),
        ("alpine:3.18", "arm64", "/alpine/v3.18/main/aarch64/APKINDEX.tar.gz"),
        ("alpine:3.18", "s390x", "/alpine/v3.18/main/s390x/APKINDEX.tar.gz"),
        ("alpine:edge", "amd64", "/alpine/edge/community/x86_64/APKINDEX.tar.gz"),
        ("alpine", "amd64", "/alpine/latest-stable/main/x86_64/APKINDEX.tar.gz"),
        ("cgr.dev/chainguard/wolfi-base", "amd64", "/wolfi/x86_64/APKINDEX.tar.gz"),
    ],
)
def test_where_a_release_is(served: Site, base: str, architecture: str, path: str) -> None:
    served.files = {path: apk_index({"curl": "8.5.0-r0"})}
    assert served.ask("apk", "curl", base=base, architecture=architecture) == {"curl": "8.5.0-r0"}


def test_the_highest_of_two_builds(served: Site) -> None:
    text = b"P:a\nV:1.9-r0\n\nP:a\nV:1.10-r0\n\nP:a\nV:1.2-r0\n"
    served.files = {MAIN: _index(text)}
    assert served.ask("apk", "a", base="alpine:3.19") == {"a": "1.10-r0"}


def _index(text: bytes) -> bytes:
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("APKINDEX")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return gzip.compress(stream.getvalue())


def test_names(served: Site) -> None:
    served.files = {MAIN: apk_index({"a": "1-r0", "bad": "1;reboot"})}
    found = served.ask(
        "apk", "a", "nosuch", ".build-deps", "so:libc.so", "a b", "", "a>1", "bad", base="alpine:3.19"
    )
    assert found.pop("a") == "1-r0"
    assert all(isinstance(answer, Unknown) and answer.absent for answer in found.values())
    assert reason(found["nosuch"]).startswith("no package nosuch in alpine 3.19")
    assert reason(found["so:libc.so"]) == "not the name of an Alpine package: 'so:libc.so'"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(apk_index({"a": "1-r0"})[:-30], "broken gzip data", id="cut"),
        pytest.param(gzip.compress(b"no tar" * 500), "header", id="no-tar"),
        pytest.param(b"<html>", "header", id="html"),
        pytest.param(gzip.compress(b""), "there is no APKINDEX in it", id="empty"),
        pytest.param(_index(b"P:" + b"x" * 2_000_000), "a line of over", id="long-line"),
    ],
)
def test_a_broken_index_is_a_reason(served: Site, data: bytes, said: str) -> None:
    served.files = {MAIN: data}
    assert said in reason(served.ask("apk", "a", base="alpine:3.19")["a"])


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("debian:12", "not that of debian 12"),
        (
            "python:3.12-alpine",
            "cannot tell the release of the base image docker.io/library/python:3.12-alpine",
        ),
        ("alpine:3.1", "no index of alpine 3.1"),
    ],
)
def test_no_answer_is_a_reason(served: Site, base: str, said: str) -> None:
    if base == "python:3.12-alpine":  # the registry, too, is one of the test
        base = base.replace("python", f"{served.served.host}/library/python")
        said = said.replace("docker.io", served.served.host)
    assert said in reason(served.ask("apk", "a", base=base)["a"])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_any_bytes_and_any_cut(noise: bytes, at: int) -> None:
    whole = apk_index({"a": "1-r0", "b": "2-r0"})
    for data in (noise, whole[:at], whole[:at] + noise):
        try:
            found = dict(pins_apk.packages(io.BytesIO(data), "index"))
        except LadingError:
            continue
        assert set(found) <= {"a", "b"}
