"""Fixtures of the tests of advisories."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisories import looking


@pytest.fixture
def look(tmp_path: Path) -> looking.Look:
    return looking.look(tmp_path)
