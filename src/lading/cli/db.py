"""`lading db`: the advisories on this machine: fetch, list, search."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence

from lading.advisories import store, sync
from lading.cli import options, stages, tell
from lading.errors import UsageError
from lading.report.text import clean

# What OSV publishes for the packages that Lading reads.
ALL = (
    "AlmaLinux", "Alpine", "Alpaquita", "Azure Linux", "Bitnami", "Chainguard", "crates.io", "Debian", "Go", "Mageia",
    "Maven", "npm", "NuGet", "openEuler", "openSUSE", "Packagist", "Photon OS", "PyPI", "Red Hat", "Rocky Linux",
    "RubyGems", "SUSE", "Ubuntu", "Wolfi",
)  # fmt: skip


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.set_defaults(run=_nothing)
    options.add_common(parser)
    commands = parser.add_subparsers(metavar="update | status | search")
    update = commands.add_parser("update", help="fetch advisories", description="Fetch advisories.")
    update.add_argument(
        "--ecosystem",
        action="append",
        metavar="NAME",
        help="as OSV calls it: Debian, PyPI ...; repeatable; `all` (default: those that are here)",
    )
    update.add_argument("--force", action="store_true", help="fetch all of it, however fresh")
    update.add_argument("--allow-shrink", action="store_true", help="accept the loss of most records")
    options.add_advisories(update)
    update.set_defaults(run=run)
    status = commands.add_parser(
        "status", help="what is here", description="List the advisories that are here."
    )
    status.set_defaults(run=_status)
    search = commands.add_parser("search", help="by package or identifier", description="Find advisories.")
    search.add_argument(
        "text", metavar="PACKAGE|CVE", help="name of a package, or any identifier of a vulnerability"
    )
    search.set_defaults(run=_search)
    for command in (update, status, search):
        options.add_common(command)


def run(args: argparse.Namespace) -> int:
    """Fetch; return 3 if an ecosystem could not be."""
    settings = options.settings(args)
    if settings.offline:
        raise UsageError("an update needs what --offline forbids")
    here = [item.ecosystem for item in sync.status(settings.data_dir)]
    wanted: Sequence[str] = args.ecosystem or here
    if "all" in wanted:
        wanted = ALL
    if not wanted:
        raise UsageError(
            "there are no advisories yet, so name what to fetch", hint="--ecosystem Debian, or all"
        )
    outcomes = stages.update(wanted, args, settings, force=args.force, allow_shrink=args.allow_shrink)
    for outcome in outcomes:
        note = f"  ({outcome.reason})" if outcome.reason else ""
        print(clean(f"{outcome.ecosystem:14} {outcome.action:10} {outcome.records:>8,} records{note}"))
    return 3 if any(outcome.action == "failed" for outcome in outcomes) else 0


def _nothing(_args: argparse.Namespace) -> int:
    raise UsageError("say what to do with the advisories", hint="lading db update | status | search")


def _status(args: argparse.Namespace) -> int:
    settings = options.settings(args)
    found = sync.status(settings.data_dir)
    if not found:
        return _no_advisories()
    print(f"{'ECOSYSTEM':14} {'RECORDS':>8}  {'NEWEST':20}  {'FETCHED':16}  {'SIZE':>9}  DIGEST")
    for item in found:
        if item.problem:
            print(clean(f"{item.ecosystem:14} cannot be used: {item.problem}"))
            continue
        fetched = dt.datetime.fromtimestamp(item.fetched_at, dt.UTC).strftime("%Y-%m-%d %H:%M")
        size = f"{item.bytes / 2**20:.1f} MiB"
        print(
            clean(
                f"{item.ecosystem:14} {item.records:>8,}  {item.modified:20}  {fetched:16}  {size:>9}  "
                f"{item.digest[:19]}"
            )
        )
    return 0


def _search(args: argparse.Namespace) -> int:
    data_dir = options.settings(args).data_dir
    found = store.search(data_dir, args.text)
    for item in found:
        withdrawn = "  (withdrawn)" if item.withdrawn else ""
        print(clean(f"{item.id}  {item.ecosystem}  {item.severity}{withdrawn}  {item.summary}").rstrip())
        if item.aliases:
            print(clean(f"    also {', '.join(item.aliases)}"))
        for name, release, first, last in item.affected:
            where = f"{name} ({release})" if release else name
            start = first if first not in {"", "0"} else "the beginning"
            print(clean(f"    {where}: from {start} {f'until {last}' if last else 'on, not fixed'}"))
    if not found and not sync.status(data_dir):
        return _no_advisories()
    if not found:
        tell.line(f"nothing here is known of {args.text!r}")
    return 0


def _no_advisories() -> int:
    tell.line("there are no advisories on this machine", "lading db update --ecosystem NAME")
    return 3
