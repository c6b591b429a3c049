"""`lading sbom TARGET`: what an image carries, as a bill of materials."""

from __future__ import annotations

import argparse

from lading.cli import options, output, reach, stages
from lading.scan import bill


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.TARGET_HELP)
    output.add(parser, default="cyclonedx")
    options.add_image(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the bill of materials; no advisories are looked at.

    Return 3 if something that had to be looked at could not be (a broken package database), else 0.
    """
    settings = options.settings(args)
    chosen = output.sinks(args)
    report = bill(stages.inventory(args, settings))
    output.write(report, chosen, args)
    return 3 if stages.tell_lost(report) else 0
