"""The program: finds the command, runs it, and turns errors into a line and an exit status.

0  done, and nothing to object
1  done, and there is something to object (`--fail-on`)
2  called wrongly
3  could not be done, or not in full
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import lading
from lading.cli import COMMANDS
from lading.cli.ending import INTERRUPTED, ending

_WIDTH = 80
_GARBAGE = 20_000


def program() -> None:
    """Run the command of this process, and end it.

    Where nothing has asked to be called at the end, the interpreter is not taken apart piece by piece: that takes
    about as long as a lint of a small file.
    """
    status = main()
    threads = sys.modules.get("threading")
    is_alone = threads is None or threads.active_count() == 1
    # Who interrupts does not want to wait for what threads are at, either.
    if not (status == INTERRUPTED and not is_alone) and ("atexit" in sys.modules or not is_alone):
        sys.exit(status)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(status)
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (by default the process's arguments); return the exit status."""
    # There is little garbage to be found while modules are loaded, and each search goes through all of them.
    gc.set_threshold(_GARBAGE)
    _replace_closed()
    words = list(sys.argv[1:] if argv is None else argv)
    args = parser(words).parse_args(words)
    if not getattr(args, "logs_later", False):
        from lading.cli import logs

        logs.begin(args)
    return ending(lambda: args.run(args), debug=args.debug)


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser for a command line; only the command named in it is imported."""
    chosen = next((word for word in words if not word.startswith("-")), "")
    # Where the command comes first, nothing is asked of the others, not even their names.
    alone = {chosen} if words[:1] == [chosen] and chosen in COMMANDS else set(COMMANDS)
    style = _formatter(words)
    top = _Parser(
        prog="lading",
        description="What a container image carries, layer by layer, and what is known to be wrong with it.",
        epilog="`lading COMMAND --help` says more. Exit status: 0 nothing to object, 1 something to object "
        "(--fail-on), 2 called wrongly, 3 could not be done, or not in full.",
        formatter_class=style,
    )
    top.add_argument("--version", action="version", version=f"lading {lading.__version__}")
    commands = top.add_subparsers(prog=top.prog, metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        if name not in alone:
            continue
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=style,
            # An option that is cut short today may be two tomorrow.
            allow_abbrev=False,
        )
        if name == chosen:
            import_module(module).add(sub)
    if chosen and chosen not in COMMANDS:
        from lading.cli import habits

        habits.no_command(top, chosen, list(COMMANDS))
    return top


class _Parser(argparse.ArgumentParser):
    """argparse's own, which would leave words that a command does not know to the program, and it has no advice."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - as argparse has it
        """Parse words. Ends the program where there is one too many."""
        found, words = super().parse_known_args(args, namespace)
        if words:
            from lading.cli import habits

            habits.unknown(self, words)
        return found, words


class _Formatter(argparse.HelpFormatter):
    """argparse's own, which would look for the width with shutil and the compressors that come with it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _WIDTH
    except (OSError, ValueError):  # no terminal, or a stream that stands for one
        return _WIDTH


def _formatter(words: Sequence[str]) -> type[argparse.HelpFormatter]:
    """Return what lays out help; in colours where it is asked for on a terminal."""
    if {"-h", "--help"}.isdisjoint(words) or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return _Formatter
    from rich_argparse import RichHelpFormatter

    return RichHelpFormatter


def _replace_closed() -> None:
    """Put nowhere in the place of a stream that was closed by who called us (`2>&-`).

    In their order: each gets the number of the one that was closed, which would be that of some other file else.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for good
