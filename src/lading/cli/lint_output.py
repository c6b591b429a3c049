"""Where findings are written: `--format NAME[=FILE]`, as often as wanted, and `--output FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lading.cli import options
from lading.cli.lint_files import STANDARD_INPUT
from lading.errors import UsageError
from lading.lint.output import FORMATS, load
from lading.lint.output.format import Linted, Look
from lading.oci.beside import replacing

Sink = tuple[str, Path | None]
"""A format and the file it goes to; None for standard output."""

_DEFAULT = "text"
_WIDTH = 100


def add(parser: argparse.ArgumentParser) -> None:
    """Declare what is written, and where to."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "-f",
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"{', '.join(FORMATS)}; repeatable (default: {_DEFAULT})",
    )
    group.add_argument("-o", "--output", type=Path, metavar="FILE", help="file for the format without one")


def sinks(args: argparse.Namespace) -> list[Sink]:
    """Return what is asked for.

    Raises `UsageError` for an unknown format, or where two would go to one place.
    """
    chosen: list[Sink] = []
    for text in args.format or [_DEFAULT]:
        name, equals, path = text.partition("=")
        load(name)
        chosen.append((name, Path(path) if equals and path else args.output))
    places = [path for _, path in chosen]
    if len(set(places)) < len(places):
        hint = "give each a file: --format sarif=lint.sarif"
        raise UsageError("two formats would go to one place", hint=hint)
    return chosen


def write(files: tuple[Linted, ...], chosen: Sequence[Sink], args: argparse.Namespace) -> None:
    """Write findings to every sink.

    Standard error is taken where standard output is for a Dockerfile; where it is for a diff, only files are written.
    Raises `DeniedError` where a file cannot be written.
    """
    stream = sys.stderr if args.fix and STANDARD_INPUT in args.files else sys.stdout
    for name, path in chosen:
        if path is None and args.diff:
            continue
        terminal = path is None and stream.isatty()
        look = Look(color=options.color(args, terminal=terminal), width=_columns() if terminal else _WIDTH)
        data = load(name).render(files, look)
        if path is not None:
            put(path, data)
        else:
            sys.stdout.flush()
            stream.buffer.write(data)
            stream.buffer.flush()


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size((_WIDTH, 24)).columns


def put(path: Path, data: bytes) -> None:
    """Write a file beside and rename, so that there is never half of it; a link stays one.

    Raises `DeniedError` or `UnavailableError` where it cannot be written.
    """
    with replacing(path) as file:
        file.write(data)
