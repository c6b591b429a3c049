"""`lading prune`: room freed in the local store."""

from __future__ import annotations

import argparse
import sys

from lading.build import userns
from lading.cli import habits, options, reach
from lading.report.text import plural, size

# Files of images that no build has wanted for so long are made again when one does.
_UNUSED_S = 7 * 86_400


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("-a", "--all", action="store_true", help="forget what earlier builds have made, too")
    options.add_common(parser)
    habits.add(parser, "prune")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Take away images without a name, and what no image and no step of a build refers to; print what that was."""
    settings = options.settings(args)
    if reach.may_build(settings):
        # They may belong to ids that only the user's own namespace can touch.
        status = userns.enter([sys.executable, "-m", "lading", *sys.argv[1:]])
        if status is not None:
            return status
    layers = reach.prune_files(settings, 0 if args.all else _UNUSED_S)

    def keep() -> set[str]:
        # Asked when no build can be at work: what one has just made is kept, and nothing is taken from under its hands.
        if args.all:
            reach.forget_builds(settings)
        return reach.kept(settings)

    freed = reach.store(settings).prune(keep)
    if not args.quiet:
        for digest in freed.images:
            print(digest)
        images = f"{plural(len(freed.images), 'image')} without a name"
        print(f"{images}, {plural(freed.blobs, 'blob')}: {size(freed.bytes)} freed")
        if layers:
            print(f"{plural(layers, 'unpacked layer')} removed")
    return 0
