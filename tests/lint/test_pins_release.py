from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError
from lading.lint.pins_release import DEBIAN, UBUNTU, Release, release_of, runtime_of
from lading.oci.reference import Reference, parse

BOOKWORM = Release("debian", "12", "bookworm")
JAMMY = Release("ubuntu", "22.04", "jammy")
DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("debian:12", BOOKWORM),
        ("debian:12.5", BOOKWORM),
        ("debian:bookworm-slim", BOOKWORM),
        ("debian:bookworm-20240812-slim", BOOKWORM),
        ("debian:12-slim" + DIGEST, BOOKWORM),
        ("debian:stable-slim", Release("debian", "", "stable")),
        ("debian:latest", Release("debian", "", "stable")),
        ("debian", Release("debian", "", "stable")),
        ("debian:unstable", Release("debian", "", "sid")),
        ("debian:3", None),
        ("debian:experimental", None),
        ("debian" + DIGEST, None),
        ("ubuntu:22.04", JAMMY),
        ("ubuntu:jammy-20240808", JAMMY),
        ("docker.io/library/ubuntu:22.04", JAMMY),
        ("public.ecr.aws/docker/library/ubuntu:22.04", JAMMY),
        ("public.ecr.aws/ubuntu/ubuntu:22.04_stable", None),
        ("ubuntu:devel", Release("ubuntu", "", "devel")),
        ("ubuntu:latest", None),
        ("ubuntu:22", None),
        ("ubuntu:21.01", None),
        ("python:3.12-bookworm", BOOKWORM),
        ("python:3.12-slim-bookworm", BOOKWORM),
        ("node:20-bullseye", Release("debian", "11", "bullseye")),
        ("mcr.microsoft.com/dotnet/sdk:8.0-jammy", JAMMY),
        ("nvidia/cuda:12.2.0-base-ubuntu22.04", JAMMY),
        ("nvidia/cuda:12.2.0-base-ubuntu2204", JAMMY),
        ("gcr.io/distroless/base-debian12:nonroot", BOOKWORM),
        ("registry.example:5000/team/app:1.0-bookworm", BOOKWORM),
        ("python:3.12", None),
        ("python:3.12-slim", None),
        ("noble/app:1", None),
        ("someone/jammy:1", JAMMY),
        ("app:bookworm-jammy", None),
        ("alpine:3.19", Release("alpine", "3.19")),
        ("alpine:3.19.1", Release("alpine", "3.19")),
        ("alpine:edge", Release("alpine", "edge")),
        ("alpine", Release("alpine", "latest-stable")),
        ("alpine:3", Release("alpine", "latest-stable")),
        ("alpine:20240329", None),
        ("python:3.12-alpine3.19", Release("alpine", "3.19")),
        ("nginx:1.25.3-alpine3.18-slim", Release("alpine", "3.18")),
        ("python:3.12-alpine", None),
        ("almalinux:9", Release("almalinux", "9")),
        ("almalinux:9.3-minimal", Release("almalinux", "9")),
        ("almalinux:latest", None),
        ("rockylinux:8.9", Release("rocky", "8")),
        ("rockylinux/rockylinux:9-ubi", Release("rocky", "9")),
        ("fedora:40", Release("fedora", "40")),
        ("fedora:rawhide", Release("fedora", "rawhide")),
        ("fedora:latest", None),
        ("centos:7", Release("centos", "7")),
        ("centos:centos7.9.2009", Release("centos", "7")),
        ("quay.io/centos/centos:stream9", Release("centos-stream", "9")),
        ("quay.io/centos/centos:stream9-minimal", Release("centos-stream", "9")),
        ("oraclelinux:9-slim", Release("oracle", "9")),
        ("registry.access.redhat.com/ubi9:9.3", Release("ubi", "9")),
        ("registry.access.redhat.com/ubi9/ubi-minimal:latest", Release("ubi", "9")),
        ("registry.access.redhat.com/ubi8/nodejs-18", Release("ubi", "8")),
        ("opensuse/leap:15.6", Release("leap", "15.6")),
        ("opensuse/leap:15", None),
        ("opensuse/tumbleweed", Release("tumbleweed", "")),
        ("cgr.dev/chainguard/wolfi-base", Release("wolfi", "")),
        ("amazonlinux:2023", None),
        ("busybox:1.36", None),
    ],
    ids=str,
)
def test_release_of(text: str, release: Release | None) -> None:
    assert release_of(parse(text)) == release


def test_names_and_numbers_are_one_to_one() -> None:
    for names in (DEBIAN, UBUNTU):
        assert len(set(names.values())) == len(names)
    assert {release_of(parse(f"ubuntu:{number}")) for number in UBUNTU.values()} == {
        release_of(parse(f"buildpack-deps:{name}")) for name in UBUNTU
    }


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("python:3.12-slim", "python", "3.12"),
        ("python:3.12.4", "python", "3.12.4"),
        ("python:3", "python", ""),
        ("python:3.15-rc-slim", "python", "3.15"),
        ("python:3.15.0a1", "python", ""),
        ("public.ecr.aws/docker/library/python:3.9", "python", "3.9"),
        ("someone/python:3.12", "python", ""),
        ("ruby:3.2", "python", ""),
        ("ruby:3.2-alpine", "ruby", "3.2"),
    ],
)
def test_runtime_of(text: str, name: str, version: str) -> None:
    assert runtime_of(parse(text), name) == version


@pytest.mark.parametrize("release", [BOOKWORM, Release("tumbleweed", ""), Release("debian", "", "stable")])
def test_shown(release: Release) -> None:
    assert str(release) in {"debian 12", "tumbleweed", "debian stable"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abdeimnopstuvz0123456789.-_/:", max_size=40))
def test_any_reference(text: str) -> None:
    try:
        reference = parse(text)
    except LadingError:
        reference = Reference("docker.io", "library/debian", text)
    release_of(reference)
    runtime_of(reference, "python")
