"""`lading scan TARGET`: what an image carries, and what is known to be wrong with it."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from lading.cli import options, output, reach, stages, tell
from lading.policy.threshold import exceeds
from lading.scan import Scan, undecided, unjudged
from lading.settings import Settings

_logger = logging.getLogger(__name__)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.TARGET_HELP)
    gate = parser.add_argument_group("gate")
    gate.add_argument(
        "--fail-on", metavar="SEVERITY", help="exit with 1 if a finding is as grave (low .. critical)"
    )
    gate.add_argument(
        "--only-fixed", action="store_true", help="let only findings that have a fix close the gate"
    )
    gate.add_argument(
        "--exceptions",
        action="append",
        type=Path,
        metavar="FILE",
        help="findings to set aside (default: .lading.yaml, .trivyignore)",
    )
    gate.add_argument("--vex", action="append", type=Path, metavar="FILE", help="OpenVEX documents")
    output.add(parser, default="table")
    options.add_advisories(parser)
    options.add_image(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report.

    Return 1 if a finding reaches `--fail-on`, 3 if something that had to be looked at could not
    be (no advisories, a broken package database; with `--fail-on` also a version that cannot be
    compared with those of its advisories), else 0.
    """
    settings = options.settings(args)
    chosen = output.sinks(args)
    rules = stages.rules(settings)
    found = stages.inventory(args, settings)
    scanned = stages.judge(found, rules, args, settings)
    output.write(scanned.report, chosen, args)
    for warning in scanned.warnings:
        _logger.warning("%s", warning)
    return _status(scanned, args, settings)


def _status(scanned: Scan, args: argparse.Namespace, settings: Settings) -> int:
    report = scanned.report
    if report.unmatched:
        names = ", ".join(report.unmatched)
        tell.line(
            f"there are no advisories for {names}: nothing is known of these packages",
            stages.how_to_get(report.unmatched),
        )
    for line in unjudged(report):
        tell.line(line)
    stages.tell_lost(report)
    if settings.fail_on and exceeds(report.findings, settings.fail_on, only_fixed=args.only_fixed):
        return 1
    if settings.fail_on and (open_questions := undecided(report)):
        for line in open_questions:
            tell.line(f"not judged, so that the gate stays closed: {line}")
        return 3
    return 3 if scanned.gaps else 0
