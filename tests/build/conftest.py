"""A real Alpine, unpacked once, that nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

import running


@pytest.fixture(scope="session")
def alpine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alpine")
    running.unpack_alpine(folder)
    folder.chmod(0o755)
    return folder
