"""`lading pull TARGET`: an image from a registry, or from any other place, into the local store."""

from __future__ import annotations

import argparse

from lading.cli import habits, options, reach, tell
from lading.cli.progress import Bar
from lading.errors import MalformedError
from lading.oci.image import Image
from lading.oci.open import open_image, recognise_image
from lading.oci.reference import familiar, parse
from lading.oci.target import Target
from lading.report.text import plural, size


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.IMAGE_HELP)
    parser.add_argument(
        "-t",
        "--tag",
        action="append",
        default=[],
        metavar="NAME",
        help="its name in the store; repeatable (default: its own)",
    )
    options.add_access(parser)
    options.add_common(parser)
    habits.add(parser, "pull")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy the image and print its digest."""
    settings = options.settings(args)
    target = recognise_image(args.target)
    if not target.transport:  # the registry is asked, whatever is here already
        target = Target("docker", target.rest)
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        image = bar.watched(open_image(target, reach.access(args, settings)))
        names = args.tag or own_names(image)
        digest = reach.store(settings).put(image, names)
    if not args.quiet:
        what = (
            f"{plural(len(image.layers), 'layer')}, {size(sum(max(layer.size, 0) for layer in image.layers))}"
        )
        known_as = ", ".join(map(familiar, names)) or "without a name (`lading tag` gives it one)"
        tell.line(f"{known_as}: {what}")
    print(digest)
    return 0


def own_names(image: Image) -> list[str]:
    """Return the names that an image brings along; a mere tag, as layouts have them, is none."""
    found = []
    for name in image.names:
        try:
            parse(name)
        except MalformedError:
            continue
        if "/" in name or ":" in name:
            found.append(name)
    return found
