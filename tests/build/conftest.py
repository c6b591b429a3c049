"""What many tests of building share: a real Alpine that nothing changes, and Docker's own libraries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import running

HERE = Path(__file__).parent
Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def alpine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alpine")
    running.unpack_alpine(folder)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session", name="ask_docker")
def _ask_docker(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function from questions to the answers of Docker's libraries; see oracle/main.go."""
    program = tmp_path_factory.mktemp("oracle") / "oracle"
    environ = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    built = subprocess.run(
        [shutil.which("go") or "go", "build", "-o", str(program), "."],
        cwd=HERE / "oracle",
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def ask(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [str(program)], input=json.dumps(questions).encode(), capture_output=True, timeout=300, check=True
        )
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return ask
