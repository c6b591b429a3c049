"""Fixes on files: made, or shown as a diff."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from lading.cli.lint_files import STANDARD_INPUT
from lading.errors import DeniedError
from lading.lint.fixing import Fixed, fix, write
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import PinSource
from lading.record import Record
from lading.shellcheck.answer import Ask

_logger = logging.getLogger(__name__)


class Wanted(Record):
    """What is asked for, as `fixing.fix` has it."""

    config: Config
    context: Path | None
    index: PinSource | None
    unsafe: bool
    shellcheck: Ask | None = None


def change(name: str, data: bytes, wanted: Wanted) -> bytes:
    """Fix a file; return its new bytes. That of standard input goes to standard output.

    Raises `DeniedError` if the file cannot be written; then it is as it was.
    """
    fixed = _fixed(name, data, wanted).data
    if name == STANDARD_INPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(fixed)
    elif fixed != data:
        try:
            write(Path(name), fixed)
        except OSError as error:
            raise DeniedError(f"cannot be written: {error.strerror}", name) from error
    return fixed


def show(name: str, data: bytes, wanted: Wanted) -> bytes:
    """Write what a fix would change to standard output; return the bytes as they are.

    It is a unified diff in the bytes of the file, so that `patch -p1` and `git apply` take it.
    """
    fixed = _fixed(name, data, wanted).data
    sys.stdout.flush()
    for line in diff(name, data, fixed):
        sys.stdout.buffer.write(line)
    return data


def diff(name: str, before: bytes, after: bytes) -> Iterator[bytes]:
    """Yield the lines of a unified diff, each with its end; none if there is no difference."""
    import difflib

    label = os.fsencode(name).lstrip(b"/")
    for line in difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), b"a/" + label, b"b/" + label
    ):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    """Return the lines with their ends; a carriage return alone ends none."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _fixed(name: str, data: bytes, wanted: Wanted) -> Fixed:
    """Return what comes of fixing, and say what became of fixes that were not made."""
    fixed = fix(
        data,
        name,
        unsafe=wanted.unsafe,
        config=wanted.config,
        context=wanted.context,
        index=wanted.index,
        shellcheck=wanted.shellcheck,
    )
    for note in fixed.notes:
        _logger.warning("%s: %s", name, note)
    for fault in fixed.faults:
        one = fault.finding
        _logger.warning("%s:%s: the fix of %s was taken back: %s", name, one.line, one.code, fault.reason)
    for one in fixed.conflicts:
        _logger.warning("%s:%s: the fix of %s does not go with others", name, one.line, one.code)
    return fixed
