"""Options that several commands take, declared once, and what they make together."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from lading.settings import Settings, load


def add_common(parser: argparse.ArgumentParser, *, quiet: str = "no progress and no warnings") -> None:
    """Declare what every command takes. quiet: what it means to be so."""
    group = parser.add_argument_group("in general")
    group.add_argument("-q", "--quiet", action="store_true", help=quiet)
    group.add_argument("--no-color", action="store_true", help="no colours (also: NO_COLOR)")
    group.add_argument("--debug", action="store_true", help="tell what is done, and errors in full")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: lading.toml)")


def add_advisories(parser: argparse.ArgumentParser) -> None:
    """Declare where advisories come from."""
    group = parser.add_argument_group("advisories")
    group.add_argument("--offline", action="store_true", default=None, help="fetch nothing; use what is here")
    group.add_argument("--max-age", metavar="TIME", help="fetch those older than this (default: 1d)")
    group.add_argument("--osv-url", metavar="URL", help="base of OSV's bulk export, or of a mirror of it")


def add_limits(group: argparse._ArgumentGroup) -> None:
    """Declare what commands in a container are held to."""
    group.add_argument(
        "--ulimit",
        action="append",
        default=[],
        metavar="NAME=SOFT[:HARD]",
        help="limit of a command, such as nofile=1024; repeatable",
    )
    group.add_argument(
        "--shm-size", default="64m", metavar="SIZE", help="how much /dev/shm takes (default: 64m)"
    )


def add_access(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Declare how an image is reached; return the group, for more."""
    group = parser.add_argument_group("image")
    group.add_argument(
        "--platform", metavar="OS/ARCH", help="which image of several (default: this machine's)"
    )
    group.add_argument(
        "--insecure", action="store_true", help="speak http to the registry, or accept any certificate"
    )
    return group


def add_image(parser: argparse.ArgumentParser) -> None:
    """Declare how an image is reached and read."""
    group = add_access(parser)
    group.add_argument("--no-cache", action="store_true", help="read every layer, keep nothing of it")
    group.add_argument(
        "--jobs", metavar="N", help="layers read at once (default: as the machine has processors)"
    )


def settings(args: argparse.Namespace) -> Settings:
    """Return the settings: flags over environment over file.

    Raises what reading them raises.
    """
    names = ("offline", "max_age", "osv_url", "platform", "jobs", "fail_on", "exceptions", "vex")
    flags = {name: getattr(args, name, None) for name in names}
    given = {name: value for name, value in flags.items() if value not in (None, [], ())}
    return load(os.environ, Path.cwd(), Path.home(), given, args.config)


def color(args: argparse.Namespace, *, terminal: bool) -> bool:
    """Tell whether colours may be used: on a terminal that has them, unless asked not to."""
    if args.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return terminal
