"""The stages as the commands call them: arguments and settings in, values out."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from lading import scan
from lading.advisories import sync
from lading.advisories.store import Stores, open_stores
from lading.cli import moment, options, reach, tell
from lading.cli.progress import Bar
from lading.model.report import Report
from lading.oci.open import open_image, recognise
from lading.policy.load import load
from lading.policy.rule import Rule
from lading.settings import Settings

_logger = logging.getLogger(__name__)

_CACHE_FILE = "layers.sqlite"
_HOW_TO_GET = (
    "fetch them where there is a network: `lading db update --ecosystem {names}`; "
    "or name a mirror of OSV's bulk export with LADING_OSV_URL"
)


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules that set findings aside, from all files that are configured."""
    return load((*settings.exceptions, *settings.vex))


def inventory(args: argparse.Namespace, settings: Settings) -> scan.Inventory:
    """Return what the target carries; progress is shown while its layers are read."""
    target = recognise(args.target)
    today = moment.today()
    if target.transport == "sbom":
        return scan.take_sbom(Path(target.rest), args.target, today=today)
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        image = bar.watched(open_image(target, reach.access(args, settings)))
        # A report names its target as it was typed: the same command gives the same bytes.
        image = dataclasses.replace(image, target=args.target)
        cache = None if args.no_cache else cache_path(settings)
        return scan.take_inventory(image, cache, jobs=settings.jobs, today=today)


def cache_path(settings: Settings) -> Path:
    """Return where the facts of layers are kept."""
    return settings.cache_dir / _CACHE_FILE


def judge(
    found: scan.Inventory, given: Sequence[Rule], args: argparse.Namespace, settings: Settings
) -> scan.Scan:
    """Return the report on an inventory; advisories are fetched where they are missing or old."""

    def advisories(ecosystems: Sequence[str]) -> Stores:
        if ecosystems and not settings.offline:
            update(ecosystems, args, settings)
        return open_stores(settings.data_dir, ecosystems)

    return scan.scan(found, advisories, given, today=moment.today())


def update(
    ecosystems: Sequence[str],
    args: argparse.Namespace,
    settings: Settings,
    *,
    force: bool = False,
    allow_shrink: bool = False,
) -> list[sync.Outcome]:
    """Bring advisories up to date; what failed although there is older data is a warning."""
    with Bar(quiet=args.quiet, color=options.color(args, terminal=True)) as bar:
        outcomes = sync.update(
            ecosystems,
            settings.data_dir,
            source(settings),
            lambda: reach.client(settings),
            max_age_s=settings.max_age_s,
            now=time.time(),
            force=force,
            allow_shrink=allow_shrink,
            progress=bar.tell,
        )
    for outcome in outcomes:
        if outcome.action == "failed" and outcome.records:
            _logger.warning("%s: older advisories are used: %s", outcome.ecosystem, outcome.reason)
        elif outcome.action == "failed":
            _logger.warning("%s: %s", outcome.ecosystem, outcome.reason)
    return outcomes


def source(settings: Settings) -> sync.Source:
    """Return where advisories come from.

    Who names a mirror for OSV mostly has no way to the public places: KEV and EPSS are then asked
    for only where they are named, too.
    """
    default = sync.DEFAULT_SOURCE
    public = settings.osv_url is None
    return sync.Source(
        osv_url=settings.osv_url or default.osv_url,
        kev_url=settings.kev_url or (default.kev_url if public else ""),
        epss_url=settings.epss_url or (default.epss_url if public else ""),
    )


def tell_lost(report: Report) -> bool:
    """Say what could not be read and may have held packages; tell whether there was such a thing."""
    gaps = scan.lost(report)
    for gap in gaps:
        tell.line(f"not read, so that packages may be missing: {gap}")
    return bool(gaps)


def how_to_get(missing: Sequence[str]) -> str:
    """Return the line that says how to come by advisories."""
    return _HOW_TO_GET.format(
        names=" --ecosystem ".join(repr(name) if " " in name else name for name in missing)
    )
