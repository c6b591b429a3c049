from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lading.cli.lint_files import is_dockerfile
from program import Lading

SUDO = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nRUN sudo true\nUSER 1000\n"


GOOD = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nUSER 1000\n"


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def codes(out: bytes) -> list[tuple[str, int, str]]:
    return [(one["file"], one["line"], one["code"]) for one in json.loads(out)]


def told(done: subprocess.CompletedProcess[bytes]) -> tuple[int, bytes]:
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Dockerfile", True), ("Dockerfile.prod", True), ("Dockerfile-alpine", True), ("x.dockerfile", True),
        ("Containerfile", True), ("dockerfile", True), ("x.Containerfile", True),
        ("Dockerfile.dockerignore", False), ("Dockerfile.md", False), ("Dockerfile~", False), (".Dockerfile.swp", False),
        ("MyDockerfile", False), ("docker-compose.yml", False), ("Dockerfile_test.go", False), ("dockerfile.txt", False),
    ],
)  # fmt: skip
def test_names_of_dockerfiles(name: str, *, is_one: bool) -> None:
    assert is_dockerfile(name) is is_one


def test_folders_are_searched(lint: Lading) -> None:
    for name in ("Dockerfile", "a/Dockerfile.dev", "a/web.Dockerfile", "b/Containerfile", "b/c/dockerfile"):
        path = lint.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SUDO)
    for name in (
        ".git/Dockerfile",
        "node_modules/x/Dockerfile",
        "a/Dockerfile.dockerignore",
        "a/dockerfiles.txt",
    ):
        path = lint.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SUDO)
    found = codes(lint("lint", "-f", "json", ".", "a/web.Dockerfile").stdout)
    assert [name for name, _, code in found if code == "DL3004"] == [
        "Dockerfile",
        "a/Dockerfile.dev",
        "a/web.Dockerfile",
        "b/Containerfile",
        "b/c/dockerfile",
    ]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        pytest.param("missing", "missing: there is no such file", id="missing"),
        pytest.param("empty", "empty: there is no Dockerfile in this folder", id="folder-without"),
        pytest.param("loop", "loop: cannot be read: Too many levels of symbolic links", id="loop"),
        pytest.param("x" * 300, "cannot be read: File name too long", id="long-name"),
    ],
)
def test_what_cannot_be_read_does_not_stop_the_rest(lint: Lading, argument: str, message: str) -> None:
    (lint.folder / "Dockerfile").write_bytes(GOOD)
    (lint.folder / "empty").mkdir()
    (lint.folder / "loop").symlink_to("loop")
    status, err = told(lint("lint", argument, "Dockerfile"))
    assert status == 3
    assert message in err.decode()
    assert b"Traceback" not in err
