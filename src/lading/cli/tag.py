"""`lading tag TARGET NAME`: one more name for an image, which is copied into the local store if it is not there."""

from __future__ import annotations

import argparse

from lading.cli import options, reach
from lading.cli.progress import Bar
from lading.oci.open import open_image, recognise_image


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.IMAGE_HELP)
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="such as app:1.2, or registry.example/app:1.2"
    )
    options.add_access(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Give the names; those that other images had are theirs no longer."""
    settings = options.settings(args)
    access = reach.access(args, settings)
    store = reach.store(settings)
    target = recognise_image(args.target)
    if not target.transport and store.tag(target.rest, args.names, access.platform):
        return 0
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        store.put(bar.watched(open_image(target, access)), args.names)
    return 0
