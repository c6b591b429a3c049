"""`lading prune`: room freed in the local store."""

from __future__ import annotations

import argparse

from lading.cli import options, reach
from lading.report.text import plural, size


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("-a", "--all", action="store_true", help="forget what earlier builds have made, too")
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Take away images without a name, and what no image and no step of a build refers to; print what that was."""
    settings = options.settings(args)
    if args.all:
        reach.forget_builds(settings)
    freed = reach.store(settings).prune(reach.kept(settings))
    if not args.quiet:
        for digest in freed.images:
            print(digest)
        images = f"{plural(len(freed.images), 'image')} without a name"
        print(f"{images}, {plural(freed.blobs, 'blob')}: {size(freed.bytes)} freed")
    return 0
