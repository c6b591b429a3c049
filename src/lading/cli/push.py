"""`lading push NAME [TARGET]`: an image from the local store, or from any other place, to a registry or a file."""

from __future__ import annotations

import argparse

from lading.cli import habits, options, reach, tell
from lading.cli.progress import Bar
from lading.errors import UnavailableError, UsageError
from lading.oci.image import Image
from lading.oci.open import Access, open_image, open_known, recognise_image
from lading.oci.write import destination, write_images
from lading.report.text import plural, size
from lading.settings import Settings


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
    parser.add_argument(
        "--all-platforms", action="store_true", help="all that NAME is here for, under one index"
    )
    options.add_access(parser)
    options.add_common(parser)
    habits.add(parser, "push")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy the image and print the digest that it has there, if the medium keeps one."""
    settings = options.settings(args)
    access = reach.access(args, settings)
    target = destination(args.target or args.source)
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        images = _all(args, settings) if args.all_platforms else [_source(args, access)]
        digest = write_images([bar.watched(image) for image in images], target, access, names=images[0].names)
    if not args.quiet:
        layers = {layer.digest: layer for image in images for layer in image.layers}
        total = size(sum(max(layer.size, 0) for layer in layers.values()))
        platforms = f"{len(images)} platforms, " if len(images) > 1 else ""
        tell.line(f"{target}: {platforms}{plural(len(layers), 'layer')}, {total}")
    if digest:
        print(digest)
    return 0


def _all(args: argparse.Namespace, settings: Settings) -> list[Image]:
    """Return the images of a name for all platforms that the store has it for."""
    if args.platform:
        raise UsageError("--platform is one, --all-platforms are all of them")
    source = recognise_image(args.source)
    if source.transport not in {"", "docker"}:
        raise UsageError("--all-platforms takes a name in the store", args.source)
    return reach.store(settings).open_images(source.rest)


def _source(args: argparse.Namespace, access: Access) -> Image:
    source = recognise_image(args.source)
    if args.target or source.transport not in {"", "docker"}:
        return open_image(source, access)
    known = open_known(source.rest, access)
    if known is None:
        raise UnavailableError(
            "there is no such image in the store", args.source, "`lading images` lists them"
        )
    return known
