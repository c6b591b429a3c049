"""What an editor's documents are to the linter: their names, and the settings that hold for them."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from lading.cli import lint_files, lint_settings, lint_shellcheck
from lading.errors import LadingError
from lading.lint.editor.look import Task
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import PinSource
from lading.settings import Settings

LANGUAGES = frozenset({"dockerfile", "containerfile"})
"""What editors call the language of a Dockerfile, whatever the name of its file."""

WATCHED = (
    "**/{.hadolint.yaml,.hadolint.yml,lading.toml,pyproject.toml}",
    "**/{.dockerignore,*.dockerignore}",
)
"""Patterns of the files that findings depend on, besides the Dockerfile."""


def path_of(uri: str) -> Path | None:
    """Return the path of a `file:` URI (RFC 8089); None for others: such a document is in no file."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = os.fsdecode(unquote_to_bytes(parts.path))
    if parts.scheme != "file" or not path.startswith("/") or "\0" in path:
        return None
    return Path(path)


def is_ours(uri: str, language: str) -> bool:
    """Whether a document is a Dockerfile, by its name or by what the editor calls its language."""
    path = path_of(uri)
    return language.lower() in LANGUAGES or (path is not None and lint_files.is_dockerfile(path.name))


def folder_of(path: Path | None, workspace: Collection[Path], cwd: Path) -> Path:
    """Return the folder that a document is looked at from, as `lading lint` would be called in it.

    That is the innermost folder of the workspace that it is in, else the working directory if it is below that,
    else its own.
    """
    if path is None:
        return next(iter(workspace), cwd)
    around = [folder for folder in workspace if folder in path.parents]
    if around:
        return max(around, key=lambda folder: len(folder.parts))
    return cwd if cwd in path.parents and cwd != Path("/") else path.parent


class Rulebook:
    """The settings of folders, read anew each time: whoever edits them sees what comes of it.

    args: of the command. A folder whose settings are broken keeps those that it had.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._good: dict[Path, tuple[Config, lint_shellcheck.Shell | None]] = {}
        self._indexes: dict[Path, tuple[Settings, PinSource]] = {}
        self._shells: dict[bool | Path | None, lint_shellcheck.Shell | None] = {}
        self._open = ExitStack()
        self.asking = threading.Lock()
        """To be held while an index is asked: threads may not share one."""

    def task(self, uri: str, folder: Path) -> tuple[Task, LadingError | None]:
        """Return how a document is looked at, and what is wrong with the settings or with ShellCheck, if anything."""
        problem: LadingError | None = None
        try:
            held = lint_settings.settings(self._args, folder)
            config = lint_settings.config(self._args, held, folder)
            self._good[folder] = config, None
            self._good[folder] = config, self._shell(held)
        except LadingError as error:
            problem = error
        config, shell = self._good.get(folder, (Config(), None))
        if shell is not None and shell.broken is not None:
            problem, shell = shell.broken, None
        path = path_of(uri)
        name = str(path) if path else uri.rpartition("/")[2] or "Dockerfile"
        here = path is not None and path.parent == folder and lint_files.context_of(path.name) is not None
        return Task(name, config, folder if here else None, shell.ask if shell else None), problem

    def close(self) -> None:
        """End what has been started."""
        self._open.close()

    def _shell(self, held: Settings) -> lint_shellcheck.Shell | None:
        """Return what asks ShellCheck; one for all folders that want the same. Raises as `lint_shellcheck.opened`."""
        if held.shellcheck not in self._shells:
            self._shells[held.shellcheck] = self._open.enter_context(lint_shellcheck.opened(held))
        return self._shells[held.shellcheck]

    def index(self, folder: Path) -> PinSource:
        """Return where versions come from, by the settings of a folder. Raises what reading these raises."""
        held = lint_settings.settings(self._args, folder)
        known = self._indexes.get(folder)
        if known is None or known[0] != held:
            known = self._indexes[folder] = held, lint_settings.index(held)
        return known[1]
