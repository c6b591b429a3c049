from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from program import Lading

SUDO = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nRUN sudo true\nUSER 1000\n"


GOOD = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nUSER 1000\n"


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def told(done: subprocess.CompletedProcess[bytes]) -> tuple[int, bytes]:
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        pytest.param(".hadolint.yaml", "ignored: [DL3004]\n", (), id="hadolint-here"),
        pytest.param("my.yml", "ignored: [DL3004]\n", ("--config", "my.yml"), id="hadolint-named"),
        pytest.param("lading.toml", "[lint]\nignore = ['DL3004']\n", (), id="own-here"),
        pytest.param("my.toml", "[lint.levels]\nDL3004 = 'style'\n", ("--config", "my.toml"), id="own-named"),
        pytest.param("pyproject.toml", "[tool.lading.lint]\nfail-on = 'none'\nignore = ['DL3004']\n", (), id="tool"),
        pytest.param(".hadolint.yaml", "no-fail: true\n", (), id="no-fail"),
    ],
)  # fmt: skip
def test_configuration(lint: Lading, name: str, text: str, arguments: tuple[str, ...]) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert lint("lint").returncode == 1
    (lint.folder / name).write_text(text)
    assert told(lint("lint", *arguments)) == (0, b"")


def test_variables_of_hadolint(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert lint("lint", environ={"HADOLINT_IGNORE": "DL3004"}).returncode == 0


def test_a_bad_configuration_is_named(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(GOOD)
    (lint.folder / ".hadolint.yaml").write_text("failure-threshold: grave\n")
    status, err = told(lint("lint"))
    assert status == 3
    assert b".hadolint.yaml: failure-threshold: " in err
