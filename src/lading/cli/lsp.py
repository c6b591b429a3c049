"""`lading lsp`: what `lading lint` says, in an editor, while a Dockerfile is being written."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

from lading.cli import lint_shellcheck, options, tell
from lading.errors import UsageError

_LEAVING_S = 0.2


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--stdio", action="store_true", help="speak on standard input and output (as it always does)"
    )
    parser.add_argument(
        "--offline", action="store_true", default=None, help="ask no index for versions to pin"
    )
    lint_shellcheck.add(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve an editor on standard input and output until it says that it is done.

    Return 0 if it has said so in the way of the protocol, else 1. Raises `UsageError` without pygls.
    """
    if find_spec("pygls") is None:
        raise UsageError("this needs pygls", hint="install it with: pip install 'lading[lsp]'")
    from lading.cli.lsp_files import Rulebook
    from lading.cli.lsp_server import made, serve

    if args.config:
        args.config = args.config.absolute()
    if sys.stdin.isatty():
        tell.line("this speaks with an editor, which starts it by itself", "the README says how to set it up")
    if not args.debug:
        logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it reports to the editor
    status = serve(made(Rulebook(args), Path.cwd()), sys.stdin.buffer, sys.stdout.buffer)
    _leave(status)
    return status


def _leave(status: int) -> None:
    """End the process if a thread is still at work: nobody is left who waits for what comes of it."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_LEAVING_S)
            if thread.is_alive():
                os._exit(status)  # the only way not to wait for a thread
