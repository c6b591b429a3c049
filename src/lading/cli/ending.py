"""What a command comes to: errors become a line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from lading.cli import tell
from lading.errors import LadingError

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def ending(call: Callable[[], int], *, debug: bool) -> int:
    """Call it, and return its exit status, or that of the error it raises, which is told on standard error.

    debug: shows where the error comes from.
    """
    try:
        status = int(call())
        sys.stdout.flush()
    except LadingError as error:
        _trace(debug=debug)
        tell.line(str(error), error.hint)
        return error.exit_status
    except KeyboardInterrupt:
        tell.line("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return INTERRUPTED
    except OSError as error:
        _trace(debug=debug)
        # The stages name what they meet; what is left is standard output.
        tell.line(str(error) if error.filename else f"standard output cannot be written: {error.strerror}")
        _drop_output()
        return LadingError.exit_status
    return status


def _trace(*, debug: bool) -> None:
    """Show where the error at hand comes from, to who asked for it."""
    if debug:
        import traceback

        traceback.print_exc()


def _drop_output() -> None:
    """Let what is still buffered go nowhere, without a second error: who would read it has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
