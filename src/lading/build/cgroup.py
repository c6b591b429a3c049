"""A control group of its own for a command, that holds it to a number of processes.

Of version 1 (the hierarchy `pids`), version 2, or both at once; where none can be made, there is none.
cgroups(7), and in the kernel's documentation cgroup-v1/pids and cgroup-v2.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PREFIX = "lading-"
_TRIES = 5
_PAUSE_S = 0.02
_FRESH_S = 60.0


def find(mounts: Path = Path("/proc/self/mountinfo"), own: Path = Path("/proc/self/cgroup")) -> str:
    """Return a directory in which groups that count processes can be made; empty if there is none.

    Tried by making one. Groups that nobody has cleaned up, since their maker was killed, are removed.
    """
    for top in _tops(mounts):
        # runc has made them in every hierarchy. One that is just being made is nobody's leftover.
        sweep(top, _FRESH_S)
    for parent in candidates(mounts, own):
        try:
            made = _make(parent)
        except OSError:
            continue
        usable = (made / "pids.max").is_file()
        made.rmdir()
        if usable:
            return str(parent)
    return ""


class Group:
    """A group of at most so many processes and threads, made with the first that is put into it.

    parent: from `find`; empty for none, and then nothing is limited. A context manager, which removes it;
    that has to be when all in it have ended. Raises nothing: a machine that refuses this has no limit.
    """

    def __init__(self, parent: str, max_processes: int) -> None:
        self._parent = parent
        self._max_processes = max_processes
        self._path: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            for _ in range(_TRIES):
                # The last in there may still be about to go; else the next sweep comes for it.
                with suppress(OSError):
                    self._path.rmdir()
                    return
                time.sleep(_PAUSE_S)

    def add(self, process: int) -> None:
        """Put a process into it, with all that it will start."""
        for _ in range(_TRIES if self._parent else 0):
            with suppress(FileNotFoundError):  # swept away by somebody before anyone was in it
                self._path = self._entered(process)
                return

    @property
    def refused(self) -> int:
        """How many processes could not be started, since there were too many."""
        if self._path is not None:
            with suppress(OSError, ValueError):
                for line in (self._path / "pids.events").read_text("ascii").splitlines():
                    name, _, count = line.partition(" ")
                    if name == "max":
                        return int(count)
        return 0

    def _entered(self, process: int) -> Path | None:
        made = None
        try:
            made = _make(Path(self._parent))
            (made / "pids.max").write_text(str(self._max_processes), "ascii")
            (made / "cgroup.procs").write_text(str(process), "ascii")
        except FileNotFoundError:
            raise
        except OSError:
            if made is not None:
                with suppress(OSError):
                    made.rmdir()
            return None
        return made


def sweep(parent: Path, older_than_s: float = 0.0) -> None:
    """Remove groups of ours that are empty, and not new; the kernel keeps those that are not empty."""
    limit = time.time() - older_than_s
    with suppress(OSError):
        for entry in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):
                if not older_than_s or entry.stat().st_mtime <= limit:
                    entry.rmdir()


def _make(parent: Path) -> Path:
    made = parent / f"{PREFIX}{os.urandom(8).hex()}"
    made.mkdir()
    return made


def _tops(mounts: Path) -> Iterator[Path]:
    """Yield the top of every hierarchy of groups."""
    with suppress(OSError):
        for line in mounts.read_text("utf-8", "surrogateescape").splitlines():
            fields = line.split()
            if fields[fields.index("-") + 1] in {"cgroup", "cgroup2"}:
                yield Path(fields[4])


def candidates(mounts: Path, own: Path) -> Iterator[Path]:
    """Yield directories that may do: first where this process is, then the top of the hierarchy."""
    try:
        groups = own.read_text("utf-8", "surrogateescape").splitlines()
        mounted = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return
    places = {controllers: path for _, controllers, path in (line.split(":", 2) for line in groups)}
    for line in mounted:
        fields = line.split()
        kind = fields[fields.index("-") + 1]
        options = fields[-1].split(",")
        if kind == "cgroup" and "pids" in options:
            inner = next((path for names, path in places.items() if "pids" in names.split(",")), "/")
        elif kind == "cgroup2":
            inner = places.get("", "/")
        else:
            continue
        top = Path(fields[4].encode().decode("unicode_escape"))
        below = Path(fields[3])
        if inner != "/" and Path(inner).is_relative_to(below):
            yield top / Path(inner).relative_to(below)
        yield top
