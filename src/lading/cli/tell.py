"""What is said on standard error: one line, and what to do below it.

Names from images, registries and advisories are part of it: they must not steer the terminal.
"""

from __future__ import annotations

import logging
import os
import sys


def line(text: str, hint: str = "") -> None:
    """Say something, unless standard error cannot be written: then nobody wants to know."""
    try:
        print(f"lading: {_clean(text)}", file=sys.stderr)
        if hint:
            print(f"  {_clean(hint)}", file=sys.stderr)
    except OSError:
        # What is still buffered must not fail a second time, on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


class Formatter(logging.Formatter):
    """Log records as such lines; a traceback stays below its record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback if the record has one."""
        text = f"lading: {_clean(record.getMessage())}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _clean(text: str) -> str:
    from lading.report.text import clean

    return clean(text)
