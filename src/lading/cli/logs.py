"""What the stages log, on standard error: warnings, or all of it with `--debug`."""

from __future__ import annotations

import argparse
import logging
import sys

from lading.cli import tell


class Formatter(logging.Formatter):
    """Log records as such lines; a traceback stays below its record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback if the record has one."""
        text = f"lading: {tell.printable(record.getMessage())}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def begin(args: argparse.Namespace) -> None:
    """Let it be seen, as much of it as `--debug` and `--quiet` say."""
    level = logging.DEBUG if args.debug else logging.ERROR if args.quiet else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
