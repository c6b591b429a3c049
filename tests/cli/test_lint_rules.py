from __future__ import annotations

from pathlib import Path

import pytest

from program import Lading


@pytest.fixture
def lint(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


def test_explain(lint: Lading) -> None:
    done = lint("lint", "--explain", "dl3004")
    assert done.returncode == 0
    assert done.stdout.startswith(b"# DL3004\n\n")
    assert b"Found:\n\n```dockerfile\n" in done.stdout


def test_list_of_rules(lint: Lading) -> None:
    listed = lint("lint", "--list-rules").stdout.decode().splitlines()
    assert any(line.startswith("DL3004") and " error " in line for line in listed)
