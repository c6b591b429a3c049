"""Packages and records by hand, and what is found of them in a store of these records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from advisories import bulk
from lading.advisories.match import findings
from lading.advisories.store import open_stores
from lading.model.fact import Skipped
from lading.model.finding import Finding
from lading.model.package import Package


class Look(Protocol):
    """The fixture `look`: records, packages -> findings."""

    def __call__(
        self,
        records: list[bulk.Json],
        *packages: Package,
        skipped: list[Skipped] | None = None,
        ended: bool = False,
    ) -> list[Finding]:
        """Publish the records, take them in, and match. skipped: takes what could not be judged; else there is none."""


def look(folder: Path) -> Look:
    """Return what looks, its stores below `folder`."""

    def found(
        records: list[bulk.Json],
        *packages: Package,
        skipped: list[Skipped] | None = None,
        ended: bool = False,
    ) -> list[Finding]:
        families = {one["affected"][0]["package"]["ecosystem"].partition(":")[0] for one in records}
        for family in families:
            own = [
                one
                for one in records
                if one["affected"][0]["package"]["ecosystem"].partition(":")[0] == family
            ]
            bulk.publish(folder / "source", family, own)
        for outcome in bulk.run(folder / "source", folder, *families, force=True, allow_shrink=True):
            assert outcome.action == "full", outcome
        with open_stores(folder, families) as stores:
            matches = findings(packages, stores, ended=ended)
        if skipped is None:
            assert matches.skipped == []
        else:
            skipped += matches.skipped
        return matches.findings

    return found


def deb(
    name: str, version: str, source: str = "", source_version: str = "", ecosystem: str = "Debian:12"
) -> Package:
    return Package(
        type="deb",
        name=name,
        version=version,
        ecosystem=ecosystem,
        source_name=source,
        source_version=source_version,
    )


def rpm(name: str, version: str, ecosystem: str = "AlmaLinux:8", **more: Any) -> Package:  # noqa: ANN401 -- as in `Package`
    return Package(type="rpm", name=name, version=version, ecosystem=ecosystem, **more)
