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


# A command's own help may bring what the command is made of, but nothing that talks, draws or waits.
NEVER_FOR_HELP = frozenset({"asyncio", "rich", "rich_argparse", "ssl", "urllib3", "yaml"})


def _main(*arguments: str) -> str:
    return (
        "from lading.cli.main import main\n"
        "try:\n"
        f"    main({list(arguments)!r})\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code, ended.code\n"
    )


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_off_a_terminal_is_light(argument: str) -> None:
    assert loaded(_main(argument)) == set()


def test_help_of_a_command_is_light() -> None:
    assert loaded(_main("scan", "--help")) & NEVER_FOR_HELP == set()


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
