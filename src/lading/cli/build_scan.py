"""What a build says of its image: the bill of materials, and what is known to be wrong. For a process of its own."""

from __future__ import annotations

import argparse
import dataclasses
from functools import partial

from lading import scan
from lading.cli import moment, output, reach, stages, tell
from lading.cli.ending import ending
from lading.cli.output import Sink
from lading.cli.scan_orders import Report
from lading.cli.scan_served import Served
from lading.cli.slots import Slots
from lading.policy.threshold import exceeds
from lading.report.rendering import load
from lading.settings import Settings

_TABLE, _BILL = "table", "cyclonedx"


def serve(slots: Slots, incoming: int, answers: int, args: argparse.Namespace, settings: Settings) -> None:
    """Read layers and report on images, as `scanner.Scanner` orders."""
    look = scan.onlooker(stages.cache_path(settings))
    for name in (_TABLE, _BILL):
        load(name)  # there is time for it now

    def report(order: Report) -> int:
        return ending(partial(_report, order, args, settings), debug=args.debug)

    Served(slots, look, report).run(incoming, answers)


def _report(order: Report, args: argparse.Namespace, settings: Settings) -> int:
    """Write what `--sbom` and, if `order.scanning`, `--scan` ask for; return 1, 3 or 0 as `build.run` does."""
    image = dataclasses.replace(reach.store(settings).open_image(order.digest), target=order.name)
    found = scan.take_inventory(image, stages.cache_path(settings), jobs=settings.jobs, today=moment.today())
    if args.sbom:
        output.write(scan.bill(found), [Sink(_BILL, args.sbom)], args)
    if not order.scanning:
        return 0
    judged = stages.judge(found, stages.rules(settings), args, settings)
    output.write(judged.report, [Sink(_TABLE, None)], args)
    if settings.fail_on and exceeds(judged.report.findings, settings.fail_on, only_fixed=False):
        return 1
    for gap in judged.gaps:
        tell.line(gap)
    return 3 if judged.gaps else 0
