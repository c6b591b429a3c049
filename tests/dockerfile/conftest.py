"""BuildKit's own parser, asked once for all cases of a test."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Ask = Callable[[list[bytes], list[dict[str, Any]]], tuple[list[dict[str, Any]], list[dict[str, Any]]]]


@pytest.fixture(scope="session", name="ask_buildkit")
def _ask_buildkit(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function from Dockerfiles and words to what BuildKit makes of them."""
    program = tmp_path_factory.mktemp("oracle") / "oracle"
    go = shutil.which("go") or "go"
    environ = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    built = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=HERE / "oracle",
        env=environ,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def ask(
        files: list[bytes], words: list[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        cases = {"files": [base64.b64encode(text).decode() for text in files], "words": words}
        done = subprocess.run(
            [str(program)], input=json.dumps(cases).encode(), capture_output=True, timeout=120, check=True
        )
        answer = json.loads(done.stdout)
        return answer["files"], answer["words"]

    return ask
