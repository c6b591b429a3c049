from __future__ import annotations

import subprocess
import sys

import pytest

import needs
from lading.cli.main import main


def test_every_command_is_completed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    assert all(word in script for word in ("scan", "sbom", "--fail-on", "--show-suppressed"))


@needs.tool("bash")
def test_bash_takes_the_script() -> None:
    script = subprocess.run(
        [sys.executable, "-m", "lading", "completion", "bash"], capture_output=True, check=True
    ).stdout
    program = script + b"\nCOMP_WORDS=(lading sc); COMP_CWORD=1; _shtab_lading; echo ${COMPREPLY[@]}\n"
    done = subprocess.run(["bash"], input=program, capture_output=True, check=True)
    assert done.stdout.split() == [b"scan"]


def test_without_shtab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 3
    assert "lading[completion]" in capsys.readouterr().err
