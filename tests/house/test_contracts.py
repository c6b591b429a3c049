"""The import contracts name every package there is, and hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import needs
import source_tree


def _contracts() -> list[dict[str, Any]]:
    tool: Any = source_tree.pyproject()["tool"]
    contracts: list[dict[str, Any]] = tool["importlinter"]["contracts"]
    return contracts


def _layers() -> list[set[str]]:
    (layers,) = [one["layers"] for one in _contracts() if one["type"] == "layers"]
    return [set(re.split(r"\s*[|:]\s*", layer.strip("()"))) for layer in layers]


def test_layers_name_every_part_once() -> None:
    named = [name for layer in _layers() for name in sorted(layer)]
    existing = {f"lading.{part}" for part in source_tree.direct_children()}
    assert sorted(existing - set(named)) == [], "give them a level in pyproject.toml"
    assert sorted({name for name in named if named.count(name) > 1}) == []


def test_layers_name_nothing_that_does_not_exist() -> None:
    existing = {f"lading.{part}" for part in source_tree.direct_children()}
    named = {name for layer in _layers() for name in layer}
    assert sorted(named - existing) == []


def test_contracts_name_only_what_exists() -> None:
    known = {module.name for module in source_tree.modules()}
    named = {
        name
        for contract in _contracts()
        for key in ("source_modules", "forbidden_modules", "modules")
        for name in contract.get(key, [])
        if name.startswith("lading")
    }
    assert sorted(named - known) == []


@pytest.mark.parametrize("heavy", ["urllib3", "subprocess", "sqlite3"])
def test_what_is_kept_to_few_packages_is_forbidden_to_all_others(heavy: str) -> None:
    (contract,) = [
        one for one in _contracts() if one["type"] == "forbidden" and heavy in one["forbidden_modules"]
    ]
    forbidden = {name.split(".")[1] for name in contract["source_modules"]}
    users = {
        module.package
        for module in source_tree.modules()
        if re.search(rf"^\s*(import|from) {heavy}\b", module.text, re.MULTILINE)
    }
    allowed = source_tree.direct_children() - forbidden - {"__main__"}
    assert sorted(users - allowed) == []
    assert sorted(allowed - users) == [], f"they do not import {heavy}: forbid it to them"


def test_contracts_hold(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists() and shutil.which("lint-imports") is None:
        pytest.fail("import-linter is not installed (dependency group `lint`)")
    command = [str(program), "--config", str(needs.ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=needs.ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
