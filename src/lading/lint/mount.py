"""What `RUN --mount` keeps out of the layer."""

from __future__ import annotations

import csv

from lading.dockerfile.instruction import Run

_TARGETS = ("target", "dst", "destination")
_PASSING = ("cache", "tmpfs")


def options(value: str) -> dict[str, str]:
    """Return the options of a mount: comma-separated, and quoted as CSV has it; names in lower case."""
    try:
        fields = next(csv.reader([value]), [])
    except csv.Error:
        return {}
    return {name.strip().lower(): text for name, _, text in (field.partition("=") for field in fields)}


def is_kept_out(run: Run, *folders: str) -> bool:
    """Whether a cache or tmpfs is mounted at, or in, each of these folders."""
    targets: list[str] = []
    for flag in run.flags:
        if flag.name == "mount":
            given = options(flag.value or "")
            if given.get("type", "").lower() in _PASSING:
                targets += [given[name] for name in _TARGETS if name in given]
    return all(any(target.startswith(folder) for target in targets) for folder in folders)
