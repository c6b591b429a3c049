"""What is said on standard error: one line, and what to do below it.

Names from images, registries and advisories are part of it: they must not steer the terminal.
"""

from __future__ import annotations

import logging
import sys


def line(text: str, hint: str = "") -> None:
    """Say something; whoever has closed standard error does not want to know."""
    try:
        print(f"lading: {_clean(text)}", file=sys.stderr)
        if hint:
            print(f"  {_clean(hint)}", file=sys.stderr)
    except OSError:
        return


class Formatter(logging.Formatter):
    """Log records as such lines; a traceback stays below its record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback if the record has one."""
        text = f"lading: {_clean(record.getMessage())}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _clean(text: str) -> str:
    from lading.report.text import clean

    return clean(text)
