"""`lading completion SHELL`: a script that lets a shell complete Lading's words."""

from __future__ import annotations

import argparse
from importlib import import_module

from lading.cli import COMMANDS, options
from lading.errors import UnavailableError

_SHELLS = ("bash", "zsh", "tcsh")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=_SHELLS, help='as in: eval "$(lading completion bash)"')
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script.

    Raises `UnavailableError` where shtab, which writes it, is not installed.
    """
    try:
        import shtab
    except ImportError as error:
        raise UnavailableError(
            "completion needs the package shtab", hint="pip install 'lading[completion]'"
        ) from error
    print(shtab.complete(_everything(), shell=args.shell))
    return 0


def _everything() -> argparse.ArgumentParser:
    """Return a parser with every command filled in, which costs their imports."""
    top = argparse.ArgumentParser(prog="lading")
    commands = top.add_subparsers()
    for name, (module, summary) in COMMANDS.items():
        import_module(module).add(commands.add_parser(name, help=summary))
    return top
