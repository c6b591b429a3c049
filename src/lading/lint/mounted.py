"""What a RUN mounts over the file system, so that it does not stay in the image."""

from __future__ import annotations

from lading.dockerfile.instruction import Run

_KEPT_OUT = frozenset({"cache", "tmpfs"})
_TARGETS = ("target", "dst", "destination")


def keeps_out(run: Run, directory: str) -> bool:
    """Whether a cache or tmpfs is mounted at or below a directory such as `.cache/pip`, wherever that is."""
    wanted = f"/{directory.strip('/')}/"
    return any(wanted in f"/{target}/" for target in _targets(run))


def _targets(run: Run) -> tuple[str, ...]:
    found: list[str] = []
    for flag in run.flags:
        if flag.name != "mount":
            continue
        options = dict(part.strip().partition("=")[::2] for part in (flag.value or "").split(","))
        if options.get("type") in _KEPT_OUT:
            found += [options[key] for key in _TARGETS if key in options]
    return tuple(found)
