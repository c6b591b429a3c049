"""`lading rm NAME...`: names taken away from the local store, and images with their last name."""

from __future__ import annotations

import argparse

from lading.cli import options, reach, tell
from lading.errors import LadingError
from lading.report.text import clean, size


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="a name, a digest, or the beginning of one (6 digits or more)",
    )
    parser.add_argument(
        "-f",
        "--force",
        action="store_true",
        help="take away all names of an image that is named by its digest",
    )
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what is gone; return the worst exit status if one of them could not be removed."""
    settings = options.settings(args)
    store = reach.store(settings)
    status = 0
    for name in args.names:
        try:
            gone = store.remove(name, force=args.force)
        except LadingError as error:
            tell.line(str(error), error.hint)
            status = max(status, error.exit_status)
            continue
        for one in gone:
            print(clean(one))
    freed = store.collect(lambda: reach.kept(settings))
    if freed is None:
        tell.line("their room is not freed yet, as images are being added", "`lading prune` does it later")
    elif freed.bytes and not args.quiet:
        tell.line(f"{size(freed.bytes)} freed")
    return status
