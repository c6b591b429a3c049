"""What RUN mounts, and what of the image's directories that keeps out of the layer."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile import mount
from lading.dockerfile.instruction import Flag, Run
from lading.dockerfile.mount import Mount
from lading.errors import LadingError

_PASSING = frozenset({"cache", "tmpfs"})


def all_of(run: Run) -> Iterator[tuple[Flag, Mount]]:
    """Yield the mounts of a RUN in order, with their flags; those that no build would take are left out."""
    for flag in run.flags:
        if flag.name == "mount":
            try:
                yield flag, mount.parse(flag.value or "")
            except LadingError:  # the parser has said so
                continue


def is_kept_out(run: Run, *folders: str) -> bool:
    """Whether a cache or tmpfs is mounted at, or in, each of these folders."""
    targets = tuple(_targets(run))
    return all(any(target.startswith(folder) for target in targets) for folder in folders)


def is_kept_out_somewhere(run: Run, directory: str) -> bool:
    """Whether a cache or tmpfs is mounted at or below a directory such as `.cache/pip`, wherever that is."""
    wanted = f"/{directory.strip('/')}/"
    return any(wanted in f"/{target}/" for target in _targets(run))


def _targets(run: Run) -> Iterator[str]:
    for _, one in all_of(run):
        if one.type in _PASSING:
            yield one.options.get("target") or ""
