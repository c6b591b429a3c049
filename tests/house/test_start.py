"""Start-up is light: what a command does not need is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = frozenset(
    {
        "asyncio",
        "concurrent.futures",
        "cvss",
        "cyclonedx",
        "difflib",
        "email",
        "http",
        "importlib.metadata",
        "isal",
        "multiprocessing",
        "packaging",
        "rich",
        "rich_argparse",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tomllib",
        "urllib.request",
        "urllib3",
        "xml",
        "yaml",
        "zipfile",
        "zstandard",
    }
)


def loaded(code: str) -> set[str]:
    """Return the heavy modules that are there after `code` ran in an interpreter of its own."""
    program = (
        "import sys\n"
        # What the interpreter itself brings along on this machine (a .pth file may import anything).
        "before = set(sys.modules)\n"
        f"{code}\n"
        "print('\\n', *(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(HEAVY).intersection(done.stdout.splitlines()[-1].split())


def test_importing_the_command_line_is_light() -> None:
    assert loaded("import lading.cli.main") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["scan", "--help"]], ids=" ".join)
def test_help_off_a_terminal_is_light(arguments: list[str]) -> None:
    code = (
        "from lading.cli.main import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code, ended.code\n"
    )
    assert loaded(code) == set()


@pytest.mark.parametrize(
    "module",
    [
        "lading.errors",
        "lading.model.report",
        "lading.settings",
        "lading.versions",
        "lading.report",
        "lading.policy.apply",
    ],
)
def test_ground_and_lists_are_light(module: str) -> None:
    assert loaded(f"import {module}") == set()


def test_the_rule_itself() -> None:
    assert loaded("import sqlite3") == {"sqlite3"}
