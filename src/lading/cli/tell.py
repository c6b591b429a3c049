"""What is said on standard error: one line, and what to do below it.

Names from images, registries and advisories are part of it: they must not steer the terminal.
"""

from __future__ import annotations

import os
import sys


def line(text: str, hint: str = "") -> None:
    """Say something, unless standard error cannot be written: then nobody wants to know."""
    try:
        print(f"lading: {printable(text)}", file=sys.stderr)
        if hint:
            print(f"  {printable(hint)}", file=sys.stderr)
    except OSError:
        # What is still buffered must not fail a second time, on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def printable(text: str) -> str:
    """Return it as one line that does nothing to a terminal."""
    from lading.report.text import clean

    return clean(text)
