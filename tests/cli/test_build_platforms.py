"""`lading build --platform` with several: one image under one name, and under an index where it goes to."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

import needs
import registries
from cli import stocked
from lading.oci import digest as digests
from program import Lading

pytestmark = [needs.root(), needs.tool("crun"), registries.NEEDS]

DOCKERFILE = """\
FROM --platform=$BUILDPLATFORM alpine:3.10 AS make
ARG TARGETARCH TARGETVARIANT
RUN echo "$TARGETARCH$TARGETVARIANT" > /arch
FROM scratch
COPY f /same
COPY --from=make /arch /arch
"""
BOTH = "linux/amd64,linux/arm/v7"


@pytest.fixture
def cross(lading: Lading) -> Lading:
    """Return the program with an Alpine, and a context that gives other files for other platforms."""
    stocked.tag(lading, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    context = lading.folder / "context"
    context.mkdir()
    (context / "f").write_text("content")
    (context / "Dockerfile").write_text(DOCKERFILE)
    return lading


def _ok(lading: Lading, *arguments: str | Path) -> str:
    done = lading(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def _platforms(index: dict[str, Any]) -> list[str]:
    found = [entry["platform"] for entry in index["manifests"]]
    return ["/".join([one["os"], one["architecture"], *filter(None, [one.get("variant")])]) for one in found]


def _arch(lading: Lading, name: str, platform: str) -> str:
    """Return what a platform's image has in /arch."""
    layers = json.loads(_ok(lading, "inspect", name, "--platform", platform))["manifest"]["layers"]
    with tarfile.open(stocked.blob(lading, layers[-1]["digest"])) as archive:
        content = archive.extractfile("arch")
        assert content is not None
        return content.read().decode().strip()


def test_one_name_for_all(cross: Lading) -> None:
    _ok(cross, "build", "-t", "app", "--platform", BOTH, "--iidfile", "id", "context")
    assert (_arch(cross, "app", "linux/amd64"), _arch(cross, "app", "linux/arm/v7")) == ("amd64", "armv7")
    first = (cross.folder / "id").read_text().strip()
    again = cross("build", "-t", "app", "--platform", "linux/amd64", "--platform", "linux/arm/v7", "context")
    assert again.stdout.decode().strip() == first
    assert b"for linux/arm/v7" in again.stderr
    # What is the same for both is there once.
    lists = [
        json.loads(_ok(cross, "inspect", "app", "--platform", one))["manifest"]["layers"]
        for one in ("linux/amd64", "linux/arm/v7")
    ]
    assert lists[0][0] == lists[1][0]


def test_pushed_as_an_index(cross: Lading, tmp_path: Path) -> None:
    with registries.registry(tmp_path / "registry") as host:
        digest = _ok(cross, "build", "-t", f"{host}/app:1", "--platform", BOTH, "--push", "context")
        raw = registries.skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{host}/app:1")
        assert digests.of(raw.encode()) == digest
        assert _platforms(json.loads(raw)) == ["linux/amd64", "linux/arm/v7"]
        out = tmp_path / "out"
        registries.skopeo(
            "copy", "-q", "--all", "--src-tls-verify=false", f"docker://{host}/app:1", f"oci:{out}:1"
        )
        _ok(cross, "push", f"{host}/app:1", f"{host}/app:one", "--platform", "linux/arm/v7")
        one = registries.skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{host}/app:one")
        assert "layers" in json.loads(one)
        assert _ok(cross, "push", f"{host}/app:1", f"{host}/app:2", "--all-platforms") == digest
        (other := cross.folder / "other").mkdir()
        pulling = Lading(other, cross.environ)
        _ok(pulling, "pull", f"{host}/app:2", "--platform", "linux/arm/v7")
        assert _arch(pulling, f"{host}/app:2", "linux/arm/v7") == "armv7"


@pytest.mark.parametrize("form", ["oci", "oci-archive"])
def test_written_to_a_layout(cross: Lading, form: str) -> None:
    digest = _ok(cross, "build", "--platform", BOTH, "-o", f"{form}:out:1", "context")
    if form == "oci":
        index = json.loads((cross.folder / "out" / "index.json").read_text())
        assert [entry["digest"] for entry in index["manifests"]] == [digest]
    registries.skopeo("copy", "-q", "--all", f"{form}:{cross.folder}/out:1", f"dir:{cross.folder}/all")
    assert digests.of((cross.folder / "all" / "manifest.json").read_bytes()) == digest
    for platform, arch in (("linux/amd64", "amd64"), ("linux/arm/v7", "arm")):
        found = json.loads(_ok(cross, "inspect", f"{form}:out:1", "--platform", platform))
        assert found["config"]["architecture"] == arch


def test_steps_that_others_have_made(cross: Lading) -> None:
    _ok(cross, "build", "--platform", BOTH, "--cache-to", "oci:steps", "context")
    (cross.folder / "other").mkdir()
    other = Lading(cross.folder / "other", cross.environ)
    stocked.tag(other, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    done = other(
        "build", "--platform", BOTH, "--cache-from", f"oci:{cross.folder}/steps", cross.folder / "context"
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.decode().splitlines() if "done in" in line]
    assert told == [], done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--platform", BOTH, "-o", "docker-archive:x.tar"), "docker-archive: takes an image for one platform"),
        (("--platform", BOTH, "--sbom", "x.json"), "--sbom is of one platform"),
        (("--platform", "linux/amd64,linux/x86_64"), "a platform is named twice"),
        (("--platform", "linux/amd64,"), "a platform is empty"),
        (("--platform", "a/b/c/d"), "not a platform"),
    ],
)  # fmt: skip
def test_what_cannot_be(cross: Lading, arguments: tuple[str, ...], message: str) -> None:
    """It is said before anything is built."""
    done = cross("build", *arguments, "context")
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert "RUN" not in done.stderr.decode()


def test_all_platforms_are_of_a_name_in_the_store(cross: Lading) -> None:
    done = cross("push", "oci:x", "oci:y", "--all-platforms")
    assert b"takes a name in the store" in done.stderr
    done = cross("push", "alpine:3.10", "oci:y", "--all-platforms", "--platform", "linux/amd64")
    assert done.returncode == 2
