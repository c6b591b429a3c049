from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lading.shellcheck.place import find


def put(folder: Path, mode: int = 0o755) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "shellcheck").touch()
    (folder / "shellcheck").chmod(mode)


def test_where_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "venv" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    assert find({"PATH": ""}) is None
    assert find({}) is None
    put(tmp_path)
    assert find({"PATH": f"/nowhere:{tmp_path}"}) == str(tmp_path / "shellcheck")
    put(python.parent)
    assert find({"PATH": str(tmp_path)}) == str(python.parent / "shellcheck")


def test_no_program_of_the_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.chdir(tmp_path)
    put(tmp_path)
    put(tmp_path / "bin")
    assert find({"PATH": ".:bin::"}) is None


def test_what_cannot_be_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    put(tmp_path / "data", 0o644)
    (tmp_path / "folder" / "shellcheck").mkdir(parents=True)
    put(tmp_path / "last")
    folders = [str(tmp_path / name) for name in ("data", "folder", "last")]
    assert find({"PATH": os.pathsep.join(folders)}) == str(tmp_path / "last" / "shellcheck")
