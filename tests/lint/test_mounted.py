"""What a RUN keeps out of the image by a mount."""

from __future__ import annotations

import pytest

from lading.dockerfile.instruction import Run
from lading.dockerfile.parse import parse
from lading.lint import mounted


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ("--mount=type=cache,target=/root/.cache/pip", True),
        ("--mount=type=cache,dst=/root/.cache/pip/", True),
        ("--mount=type=tmpfs,destination=/home/me/.cache/pip/http", True),
        ("--mount=type=bind,target=/a --mount=target=/root/.cache/pip,type=cache", True),
        ("--mount=type=bind,target=/root/.cache/pip", False),
        ("--mount=target=/root/.cache/pip", False),
        ("--mount=type=cache,target=/root/.cache", False),
        ("--mount=type=cache,target=/root/.cache/pipx", False),
        ("--mount=type=cache,id=/root/.cache/pip", False),
        ("--network=none", False),
        ("", False),
    ],
)
def test_only_caches_and_tmpfs_at_the_directory_count(flags: str, *, kept: bool) -> None:
    run = parse(f"FROM a\nRUN {flags} make\n").instructions[1]
    assert isinstance(run, Run)
    assert mounted.keeps_out(run, ".cache/pip") is kept
