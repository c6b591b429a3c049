"""`lading convert REPORT`: a report that was kept as JSON, in another format."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lading.cli import options, output
from lading.errors import LimitError
from lading.oci.layout import open_file
from lading.report.json import read

_MAX_BYTES = 2**30


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "report", metavar="REPORT", help="JSON from `lading scan --format json`; - for standard input"
    )
    output.add(parser, default="table")
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report in the formats asked for.

    Raises `MalformedError` where it is no report, `LimitError` over a GiB.
    """
    chosen = output.sinks(args)
    if args.report == "-":
        data = sys.stdin.buffer.read(_MAX_BYTES + 1)
    else:
        with open_file(Path(args.report), args.report) as file:
            data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise LimitError(f"a report of over {_MAX_BYTES} bytes", args.report)
    output.write(read(data), chosen, args)
    return 0
