"""Dockerfiles on disk: which there are, and their bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lading.errors import DeniedError, LadingError, LimitError, UnavailableError, UsageError

MAX_BYTES = 64 * 2**20
STANDARD_INPUT = "-"
DEFAULT_NAMES = ("Dockerfile", "Containerfile")
"""What builders look for in the folder of a build context."""

_SUFFIXES = (".dockerfile", ".containerfile")
# Folders that hold other people's files, or none at all.
_SKIPPED = frozenset(
    {
        ".cache", ".git", ".hg", ".jj", ".mypy_cache", ".nox", ".pytest_cache", ".svn", ".terraform", ".tox", ".venv",
        "__pycache__", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip
# What begins like a Dockerfile, but is something about one.
_OTHER_KINDS = (
    ".bak", ".dockerignore", ".go", ".html", ".java", ".js", ".json", ".lock", ".md", ".orig", ".py", ".rej", ".rst",
    ".sh", ".swp", ".ts", ".xml", ".yaml", ".yml", "~",
)  # fmt: skip


def chosen(arguments: Sequence[str]) -> tuple[list[str], list[LadingError]]:
    """Return the files that the arguments of a command name, each once, and what was wrong with others.

    A folder stands for the Dockerfiles in it and below; no argument for the one here. Raises `UsageError` if there
    is none here.
    """
    if not arguments:
        return [_here()], []
    names: dict[str, None] = {}
    problems: list[LadingError] = []
    for argument in arguments:
        if argument == STANDARD_INPUT or not os.path.isdir(argument):  # noqa: PTH112 - a thousand files are quick
            names[argument] = None
            continue
        found = sorted(_below(argument, problems))
        names.update(dict.fromkeys(found))
        if not found:
            hint = "files are looked for that are called Dockerfile*, Containerfile* or *.Dockerfile"
            problems.append(UnavailableError("there is no Dockerfile in this folder", argument, hint))
    return list(names), problems


def _here() -> str:
    for name in DEFAULT_NAMES:
        if Path(name).is_file():
            return name
    raise UsageError("there is no Dockerfile here", hint="name files or folders, or - for standard input")


def _below(folder: str, problems: list[LadingError]) -> Iterator[str]:
    def refused(error: OSError) -> None:
        problems.append(DeniedError(f"cannot be searched: {error.strerror}", str(error.filename)))

    for path, folders, files in os.walk(folder, onerror=refused):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in files:
            if is_dockerfile(name):
                found = Path(path) / name
                if found.is_file():
                    yield str(found)


def is_dockerfile(name: str) -> bool:
    """Whether a file is called as Dockerfiles are: `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile`."""
    lower = name.lower()
    if lower.endswith(_OTHER_KINDS) or lower.startswith("."):
        return False
    return (
        name.startswith(DEFAULT_NAMES)
        or lower in {"dockerfile", "containerfile"}
        or lower.endswith(_SUFFIXES)
    )


def read(name: str) -> bytes:
    """Return the bytes of a file, or of standard input.

    Raises `UnavailableError` where there is no such file, `DeniedError`, `LimitError` over 64 MiB.
    """
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UnavailableError("there is no such file", name) from error
    except PermissionError as error:
        raise DeniedError("no permission to read it", name) from error
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise UnavailableError(f"cannot be read: {told}", name) from error
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES >> 20} MiB", name)
    return data


def context_of(name: str) -> Path | None:
    """Return the build context of a file where it can be told: a `Dockerfile` here is built with `.`."""
    path = Path(name)
    return Path() if path.name in DEFAULT_NAMES and path.parent == Path() else None
