"""ShellCheck for `lading lint`: whether it takes part, and reading ahead, so that it works on many files at once."""

from __future__ import annotations

import argparse
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lading.cli import lint_files, tell
from lading.errors import LadingError, UnavailableError
from lading.lint.hadolint_config import Config
from lading.settings import Settings
from lading.shellcheck.answer import Answer
from lading.shellcheck.place import find

# Files that are held at once, and how few are left when the next are read.
_MOST, _FEW = 400, 100
_MOST_BYTES = 2**24


class Shell(Protocol):
    """What asks ShellCheck: `Batches`, which takes a while to load. broken: why it asks no more."""

    broken: LadingError | None

    def begin(self, scripts: Iterable[str]) -> None:
        """Have these checked; returns at once."""

    def ask(self, scripts: Sequence[str]) -> Sequence[Answer]:
        """Return the answer for each script, once there is one."""


def add(group: argparse._ActionsContainer) -> None:
    """Declare the switch."""
    group.add_argument(
        "--shellcheck",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="have ShellCheck look at shell commands (default: if it is installed)",
    )


@contextmanager
def opened(held: Settings, *, debug: bool = False) -> Iterator[Shell | None]:
    """Give what asks ShellCheck; None where the settings want none of it, or leave it open and it is not installed.

    debug: say which it is. Raises `UnavailableError` where the settings want it and it is not there.
    """
    if held.shellcheck is False:
        yield None
        return
    path = str(held.shellcheck) if isinstance(held.shellcheck, Path) else find(os.environ)
    if path is None:
        if held.shellcheck:
            hint = "pip install 'lading[shellcheck]', or install the program `shellcheck` of the system"
            raise UnavailableError("ShellCheck is not installed", hint=hint)
        if debug:
            tell.line("ShellCheck is not installed: shell commands are not given to it")
        yield None
        return
    if debug:
        tell.line(f"shell commands are given to {path}")
    from lading.shellcheck.batches import Batches
    from lading.shellcheck.program import Program  # what starts processes takes a while to load

    program = Program(path, os.environ)
    batches = Batches(program.run)
    try:
        yield batches
    finally:
        program.stop()
        batches.close()


def read(
    names: Iterable[str], problems: list[LadingError], config: Config, shell: Shell | None
) -> Iterator[tuple[str, bytes]]:
    """Yield each file with its bytes; what cannot be read is added to the problems.

    With ShellCheck some hundred files are read ahead, and their commands handed to it together.
    """
    rest = iter(names)
    window: deque[tuple[str, bytes]] = deque()
    most, few = (_MOST, _FEW) if shell else (1, 0)
    while True:
        if len(window) <= few:
            new = list(_some(rest, problems, most - len(window)))
            window += new
            if shell:
                from lading.lint import sc_text

                shell.begin(text for _, data in new for text in sc_text.texts(data, config))
        if not window:
            return
        yield window.popleft()


def _some(names: Iterator[str], problems: list[LadingError], most: int) -> Iterator[tuple[str, bytes]]:
    """Yield the next files, at least one if there is one left that can be read."""
    size = count = 0
    while count < most and size < _MOST_BYTES:
        name = next(names, None)
        if name is None:
            return
        try:
            data = lint_files.read(name)
        except LadingError as error:
            problems.append(error)
            continue
        size += len(data)
        count += 1
        yield name, data
