from __future__ import annotations

import json
from pathlib import Path

import pytest

from program import Lading

SUDO = b"FROM debian:12@sha256:" + b"0" * 64 + b"\nRUN sudo true\nUSER 1000\n"


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def test_several_formats(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    done = lint("lint", "-f", "github", "-f", "sarif=out.sarif", "-f", "junit=out.xml")
    assert done.stdout.startswith(b"::error file=Dockerfile,line=2,")
    assert json.loads((lint.folder / "out.sarif").read_bytes())["version"] == "2.1.0"
    assert (lint.folder / "out.xml").read_bytes().startswith(b"<?xml")
    assert lint("lint", "-f", "json", "-o", "out.json").stdout == b""
    assert json.loads((lint.folder / "out.json").read_bytes())


def test_colour_on_a_terminal_only(lint: Lading) -> None:
    (lint.folder / "Dockerfile").write_bytes(SUDO)
    assert "\x1b[1;31merror\x1b[0m" in lint.on_terminal("lint")[1]
    assert "\x1b[" not in lint.on_terminal("lint", "--no-color")[1]
