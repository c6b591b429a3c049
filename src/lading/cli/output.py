"""Where reports go: `--format NAME[=FILE]`, as often as wanted, and `--output FILE`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lading.cli import moment, options
from lading.errors import UsageError
from lading.model.report import Report
from lading.oci.beside import replacing
from lading.report import FORMATS
from lading.report.format import Options
from lading.report.rendering import render


@dataclass(frozen=True, slots=True)
class Sink:
    """A format and the file it goes to; None for standard output."""

    format: str
    path: Path | None


def add(parser: argparse.ArgumentParser, default: str) -> None:
    """Declare what is written, and where to."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "-f",
        "--format",
        action="append",
        metavar="NAME[=FILE]",
        help=f"{', '.join(FORMATS)}; repeatable (default: {default})",
    )
    group.add_argument("-o", "--output", type=Path, metavar="FILE", help="file for the format without one")
    group.add_argument("--group", choices=("package", "layer"), default="package", help="order of the table")
    group.add_argument("--show-suppressed", action="store_true", help="list what was set aside, too")
    group.add_argument("--files", action="store_true", help="list the files of packages (json, cyclonedx)")
    parser.set_defaults(default_format=default)


def sinks(args: argparse.Namespace) -> list[Sink]:
    """Return what is asked for.

    Raises `UsageError` for an unknown format, or where two would go to one place.
    """
    chosen = []
    for text in args.format or [args.default_format]:
        name, equals, path = text.partition("=")
        if name not in FORMATS:
            raise UsageError(f"no such format: {name!r}", hint="one of " + ", ".join(FORMATS))
        chosen.append(Sink(name, Path(path) if equals and path else args.output))
    places = [sink.path for sink in chosen]
    if len(set(places)) < len(places):
        raise UsageError(
            "two formats would go to one place", hint="give each a file: --format json=report.json"
        )
    return chosen


def write(report: Report, chosen: Sequence[Sink], args: argparse.Namespace) -> None:
    """Write a report to every sink; a file is written beside and renamed.

    Raises `DeniedError` or `UnavailableError` where a file cannot be written.
    """
    for sink in chosen:
        terminal = sink.path is None and sys.stdout.isatty()
        look = Options(
            width=shutil.get_terminal_size((100, 24)).columns if terminal else 120,
            color=options.color(args, terminal=terminal),
            group=args.group,
            show_suppressed=args.show_suppressed,
            files=args.files,
            created=_created(),
        )
        data = render(sink.format, report, look)
        if sink.path is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            with replacing(sink.path) as file:
                file.write(data)


def _created() -> str:
    epoch = moment.epoch()
    return epoch.strftime("%Y-%m-%dT%H:%M:%SZ") if epoch else ""
