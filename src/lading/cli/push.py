"""`lading push NAME [TARGET]`: an image from the local store, or from any other place, to a registry or a file."""

from __future__ import annotations

import argparse

from lading.cli import options, reach, tell
from lading.cli.progress import Bar
from lading.errors import UnavailableError
from lading.oci.image import Image
from lading.oci.open import Access, open_image, open_known, recognise
from lading.oci.write import destination, write_image
from lading.report.text import plural, size


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("source", metavar="NAME", help=reach.IMAGE_HELP)
    parser.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="where to: a reference, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, dir:DIR "
        "(default: the registry that NAME names)",
    )
    options.add_access(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy the image and print the digest that it has there, if the medium keeps one."""
    settings = options.settings(args)
    access = reach.access(args, settings)
    target = destination(args.target or args.source)
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        image = _source(args, access)
        digest = write_image(bar.watched(image), target, access, names=image.names)
    if not args.quiet:
        total = size(sum(max(layer.size, 0) for layer in image.layers))
        tell.line(f"{target}: {plural(len(image.layers), 'layer')}, {total}")
    if digest:
        print(digest)
    return 0


def _source(args: argparse.Namespace, access: Access) -> Image:
    source = recognise(args.source)
    if args.target or source.transport not in {"", "docker"}:
        return open_image(source, access)
    known = open_known(source.rest, access)
    if known is None:
        raise UnavailableError(
            "there is no such image in the store", args.source, "`lading images` lists them"
        )
    return known
