"""Start-up is light: what a command does not need is not imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
        "lsprotocol",
        "multiprocessing",
        "packaging",
        "pygls",
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


def loaded(code: str, heavy: frozenset[str] = HEAVY) -> set[str]:
    """Return the heavy modules that are there after `code` ran in an interpreter of its own."""
    program = (
        "import sys\n"
        # What the interpreter itself brings along on this machine (a .pth file may import anything).
        "before = set(sys.modules)\n"
        f"{code}\n"
        "print('\\n', *(set(sys.modules) - before))\n"
    )
    # A variable of CI's own is looked at for a slip in its name, which takes a module.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LADING_")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environ
    )
    assert done.returncode == 0, done.stderr
    return set(heavy).intersection(done.stdout.splitlines()[-1].split())


def test_importing_the_command_line_is_light() -> None:
    assert loaded("import lading.cli.main") == set()


# A command's own help may bring what the command is made of, but nothing that talks, draws or waits.
NEVER_FOR_HELP = frozenset({"asyncio", "pygls", "rich", "rich_argparse", "ssl", "urllib3", "yaml"})


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


@pytest.mark.parametrize("command", ["scan", "lsp"])
def test_help_of_a_command_is_light(command: str) -> None:
    assert loaded(_main(command, "--help")) & NEVER_FOR_HELP == set()


# What a linter does without that is to be through with a small file before other programs have begun; the one that it
# starts itself, ShellCheck, is left out here. To import msgspec takes twice as long as the interpreter takes to start: see
# `lading.record`.
SLOW = HEAVY | frozenset(
    {
        "bz2",
        "dataclasses",
        "datetime",
        "decimal",
        "hashlib",
        "inspect",
        "json",
        "logging",
        "lzma",
        "msgspec",
        "random",
        "shutil",
        "tempfile",
        "threading",
        "traceback",
        "typing_extensions",
        "unittest",
    }
)
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM debian:12@sha256:0000 AS build
ARG VERSION=1 TOKEN
ENV A=1 B=$VERSION
LABEL name="x"
SHELL ["/bin/bash", "-c"]
RUN --mount=type=cache,target=/x apt-get update && apt-get install -y curl | cat; cd /tmp; sudo wget http://x/y
RUN <<EOF
pip install x
EOF
ADD https://example.com/x.tar.gz /x/
COPY --chown=1:1 . .
FROM alpine
COPY --from=build /x /home/x/
RUN apk add bash && adduser -D me && chmod 777 /etc
EXPOSE 80/tcp
VOLUME /data
USER me
WORKDIR /x
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s CMD ["true"]
ONBUILD RUN npm install x
ENTRYPOINT ["./x"]
CMD x
"""


def test_a_lint_is_light(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("*\n!x\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    code = f"import os; os.chdir({str(tmp_path)!r})\n" + _main(
        "lint", "--no-shellcheck", "--fail-on", "never"
    )
    assert loaded(code, SLOW) == set()


def test_a_build_without_a_scan_is_light(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    code = (
        f"import os; os.chdir({str(tmp_path)!r})\n"
        "os.environ.update(LADING_DATA_DIR='data', LADING_CACHE_DIR='cache')\n" + _main("build", "-q", ".")
    )
    never = {"lading.inventory", "lading.advisories", "lading.scan", "rich", "ssl", "urllib3", "yaml"}
    assert loaded(code, frozenset(never)) == set()


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
