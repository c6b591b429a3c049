"""What `lading lint` goes by: the configuration of its rules, and where versions to pin come from."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from lading.lint.hadolint_config import Config, find, from_environment, from_table
from lading.lint.hadolint_config import load as read
from lading.lint.pin_source import PinSource
from lading.settings import Settings, load

_YAML = (".yaml", ".yml")


def settings(args: argparse.Namespace, folder: Path | None = None) -> Settings:
    """Return the settings; a file that `--config` names is for them unless it is YAML. Raises as `load` does.

    folder: where files are looked for, absolute; by default the working directory.
    """
    named = args.config if args.config and args.config.suffix not in _YAML else None
    flags = {name: getattr(args, name, None) for name in ("offline", "shellcheck")}
    return load(os.environ, folder or Path.cwd(), Path.home(), flags, named)


def config(args: argparse.Namespace, held: Settings, folder: Path | None = None) -> Config:
    """Return the configuration of the rules: variables over the settings' table over hadolint's file.

    folder: as for `settings`. Raises what reading them raises.
    """
    named = args.config if args.config and args.config.suffix in _YAML else None
    path = named or find(folder or Path.cwd(), Path.home(), os.environ)
    chosen = read(path) if path else Config()
    if held.lint:
        chosen = from_table(held.lint, chosen, str(held.file or ""))
    return from_environment(os.environ, chosen)


def index(held: Settings) -> PinSource:
    """Return the source of versions, asked only by fixes that need it."""
    from lading.cli import reach
    from lading.lint import pins_bases
    from lading.lint.pins import Pins
    from lading.oci.credentials import stored
    from lading.oci.image import parse_platform

    return Pins(
        lambda insecure: reach.client(held, insecure=insecure),
        bases=pins_bases.at(held.indexes),
        architecture=parse_platform(held.platform).architecture if held.platform else "amd64",
        cache_dir=held.cache_dir,
        offline=held.offline,
        lookup=stored(os.environ, Path.home()),
        insecure=held.insecure_registries,
        mirrors=held.registry_mirrors,
    )
