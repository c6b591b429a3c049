"""What a build says of its image: the bill of materials, and what is known to be wrong. Loaded when it is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from lading import scan
from lading.build.layer_make import Onlooker
from lading.cli import moment, output, stages, tell
from lading.cli.output import Sink
from lading.oci.image import Image
from lading.policy.threshold import exceeds
from lading.settings import Settings


def onlooker(settings: Settings) -> Callable[[], Onlooker]:
    """Return what reads each layer while it is written."""
    return scan.onlooker(stages.cache_path(settings))


def report(image: Image, args: argparse.Namespace, settings: Settings, *, scanning: bool) -> int:
    """Write what `--sbom` and, if `scanning`, `--scan` ask for; return 1, 3 or 0 as `build.run` does."""
    found = scan.take_inventory(image, stages.cache_path(settings), jobs=settings.jobs, today=moment.today())
    if args.sbom:
        output.write(scan.bill(found), [Sink("cyclonedx", args.sbom)], args)
    if not scanning:
        return 0
    judged = stages.judge(found, stages.rules(settings), args, settings)
    output.write(judged.report, [Sink("table", None)], args)
    if settings.fail_on and exceeds(judged.report.findings, settings.fail_on, only_fixed=False):
        return 1
    for gap in judged.gaps:
        tell.line(gap)
    return 3 if judged.gaps else 0
